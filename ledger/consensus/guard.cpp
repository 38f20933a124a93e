#include "ledger/consensus/guard.hpp"

namespace ledger::consensus {

VoteGuard::VoteGuard(const Signer* signer, const Epoch& epoch, const Durable& durable)
    : signer_{signer},
      epoch_{&epoch},
      silenced_{durable.silenced},
      floor_{durable.floor()},
      votes_{durable.votes}
{
    for (const auto& [view, proposal] : durable.proposals) proposed_.insert(view);
    for (Index i = 0; signer_ && i < epoch.size(); ++i)
        if (epoch.set()[i].consensus_key == signer_->key()) index_ = i;
    raise_floor(floor_);
}

void VoteGuard::silence(const std::string& why)
{
    if (silenced_.empty()) silenced_ = why;
}

std::optional<Refusal> VoteGuard::refuses_to_sign(View view) const
{
    if (!index_) return Refusal::no_validator;
    if (!silenced_.empty()) return Refusal::silenced;
    if (settling_) return Refusal::settling;
    if (view <= floor_) return Refusal::below_floor;
    return {};
}

std::optional<Refusal> VoteGuard::refuses(VoteKind kind, View view, const BlockId& id,
                                          const Facts& facts) const
{
    if (const auto reason = refuses_to_sign(view)) return reason;
    if (vote(view, kind)) return Refusal::already_signed;
    const bool is_notarized = facts.notarized && *facts.notarized == id;
    switch (kind) {
        case VoteKind::notarize:
            if (view != facts.current && !(view < facts.current && is_notarized))
                return Refusal::not_current;
            return {};
        case VoteKind::nullify:
            if (view != facts.current) return Refusal::not_current;
            if (vote(view, VoteKind::finalize)) return Refusal::finalized_before;
            return {};
        case VoteKind::finalize:
            break;
    }
    if (!is_notarized) return Refusal::not_notarized;
    const auto* own = vote(view, VoteKind::notarize);
    if (!own || own->id != id) return Refusal::not_our_vote;
    if (vote(view, VoteKind::nullify)) return Refusal::nullified_before;
    return {};
}

Result<Vote, Refusal> VoteGuard::cast(VoteKind kind, View view, const BlockId& id,
                                      const Facts& facts, std::vector<Record>& records)
{
    if (const auto reason = refuses(kind, view, id, facts)) return *reason;
    Vote vote{kind, epoch_->number(), view, id, *index_, {}};
    vote.signature = signer_->sign(vote_digest(epoch_->subject(kind, view, id)));
    votes_.emplace(std::pair{view, kind}, vote);
    records.emplace_back(vote);
    return vote;
}

Result<Propose, Refusal> VoteGuard::propose(Header header, Justification justification,
                                            std::vector<WireId> wire_ids, BlockBody body,
                                            View current, std::vector<Record>& records)
{
    if (const auto reason = refuses_to_sign(header.view)) return *reason;
    if (header.view != current) return Refusal::not_current;
    if (has_proposed(header.view)) return Refusal::already_signed;
    if (vote(header.view, VoteKind::nullify)) return Refusal::nullified_before;
    proposed_.insert(header.view);
    const auto signature = signer_->sign(epoch_->proposal_digest(header.view, block_id(header)));
    Propose message{std::move(header), std::move(justification), std::move(wire_ids), signature};
    records.emplace_back(OwnProposal{message, std::move(body)});
    return message;
}

const Vote* VoteGuard::vote(View view, VoteKind kind) const
{
    const auto found = votes_.find({view, kind});
    return found == votes_.end() ? nullptr : &found->second;
}

void VoteGuard::raise_floor(View floor)
{
    floor_ = floor;
    votes_.erase(votes_.begin(), votes_.lower_bound({floor + 1, VoteKind::notarize}));
    proposed_.erase(proposed_.begin(), proposed_.upper_bound(floor));
}

}  // namespace ledger::consensus
