// Section 8: one epoch ends behind its seal, the next begins.
#include "ledger/consensus/core.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/consensus/epoch_proof.hpp"

#include <algorithm>

namespace ledger::consensus {

void Core::next_epoch(const BlockId& seal, EpochProof proof)
{
    proof.next = application_.validators_after(seal);
    const auto header = blocks_.at(seal).header;
    ensure(is_valid_set(proof.next) && valset_hash(proof.next) == header.next_valset_hash,
           "an executed seal leads to the set it names");
    out_.records.emplace_back(EpochStart{epoch_->number() + 1, header, proof.next});
    out_.proofs.push_back(proof);
    anchor_ = header;
    tip_ = header;
    tip_id_ = seal;
    floor_certificate_.reset();
    const auto number = epoch_->number();
    const auto old = epoch_;
    epoch_ = std::make_shared<const Epoch>(epoch_->chain_id(), number + 1, seal, proof.next);
    proofs_.emplace(number, std::move(proof));
    while (proofs_.size() > CoreLimits::epoch_proofs) proofs_.erase(proofs_.begin());
    begin_epoch();
    // Whoever has not heard of the end learns it from the first message it sends; tell all now.
    if (const auto kept = proofs_.find(number); kept != proofs_.end()) send_everybody(kept->second);
}

void Core::begin_epoch()
{
    Durable fresh;
    fresh.base = {epoch_->number(), anchor_, epoch_->set(), tip_, {}};
    fresh.silenced = guard_->silenced();
    const bool was_settling = guard_->is_settling();
    guard_.emplace(signer_, *epoch_, fresh);
    guard_->settle(was_settling && guard_->index() && epoch_->size() > 1);
    tally_.emplace(*epoch_);
    current_ = 0;
    certificates_.clear();
    blocks_.clear();
    proposals_.clear();
    own_proposals_.clear();
    invalid_views_.clear();
    malformed_.clear();
    final_views_ = {{View{0}, tip_id_}};
    wanted_.clear();
    heard_.clear();
    missed_.clear();
    work_memo_.clear();
    parent_full_ = false;
    for (auto& [id, peer] : peers_) {
        peer.view = 0;
        peer.has_status = false;
        peer.certs_asked_until = 0;
        peer.blocks_asked_until = 0;
    }
    assign_validators();
    update_view();
    std::deque<Received> early;
    early.swap(early_);
    for (const auto& message : early)
        if (!halted_ && peers_.contains(message.from)) receive(message.from, message.message);
}

void Core::assign_validators()
{
    for (auto& [id, peer] : peers_) {
        peer.validator.reset();
        for (Index i = 0; i < epoch_->size(); ++i)
            if (epoch_->set()[i].peer_key == peer.key && guard_->index() != i) peer.validator = i;
    }
}

std::optional<EpochProof> Core::proof_of(std::uint64_t epoch)
{
    if (const auto kept = proofs_.find(epoch); kept != proofs_.end()) return kept->second;
    return application_.epoch_proof(epoch);
}

/// Who is behind is told how its epoch ended; who is ahead hears where we are, and tells us.
void Core::answer_other_epoch(PeerId from, std::uint64_t epoch)
{
    auto& peer = peers_.at(from);
    if (now_.steady_ms < peer.epoch_answer_after) return;
    peer.epoch_answer_after = now_.steady_ms + times_.request;
    if (epoch > epoch_->number()) {
        send({from}, status());
    } else if (auto proof = proof_of(epoch)) {
        count(Event::epoch_proof_sent);
        send({from}, std::move(*proof));
    }
}

void Core::on(PeerId from, const EpochProof& proof)
{
    const auto& finalized = proof.finalized;
    if (finalized.epoch != epoch_->number()) return;
    // The certificate alone, which is all that a crash may have left, names no way to the seal.
    const auto is_known = [&](const Header& header) {
        return header.view <= floor() || blocks_.contains(block_id(header));
    };
    if (held(VoteKind::finalize, finalized.view) && std::ranges::all_of(proof.path, is_known))
        return;
    if (!check_epoch_proof(proof, *epoch_, checker_))
        return misbehaved(from, "an epoch's proof proves nothing");
    for (const auto& header : proof.path)
        if (const auto why = elsewhere(header); !why.empty()) return refuse(from, why);
    count(Event::epoch_proof_taken);
    for (const auto& header : proof.path) {
        if (header.view <= floor()) continue;
        auto& block = blocks_[block_id(header)];
        block.header = header;
        block.is_certified = true;
    }
    take_certificate(finalized, true);
}

}  // namespace ledger::consensus
