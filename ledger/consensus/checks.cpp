#include "ledger/consensus/checks.hpp"

#include "ledger/chain/certificate_signers.hpp"
#include "ledger/crypto/hash.hpp"

namespace ledger::consensus {

bool is_valid_set(const ValidatorSet& set)
{
    if (set.empty() || set.size() > SetLimits::validators) return false;
    std::set<ConsensusKey> keys;
    std::uint64_t sum = 0;
    for (const auto& validator : set) {
        if (validator.power == 0 || validator.power > (std::uint64_t{1} << 62) - sum) return false;
        sum += validator.power;
        if (!keys.insert(validator.consensus_key).second) return false;
    }
    return true;
}

Result<void> check_header(const Header& header, const Epoch& epoch)
{
    if (header.version != 1) return invalid("unknown header version");
    if (header.chain_id != epoch.chain_id()) return invalid("another chain");
    if (header.epoch != epoch.number()) return invalid("another epoch");
    if (header.view == 0) return invalid("views start at 1");
    if (header.proposer != epoch.leader(header.view)) return invalid("not proposed by the leader");
    if (header.parent_view >= header.view) return invalid("the parent's view is not below");
    if (header.parent_view == 0 && header.parent_id != epoch.anchor())
        return invalid("view 0 is the anchor's");
    if (header.valset_hash != epoch.set_hash()) return invalid("another validator set");
    if ((header.kind == BlockKind::sealing) == header.next_valset_hash.is_zero())
        return invalid("a seal, and only a seal, names the next validators");
    if (header.tx_count > BlockLimits::transactions ||
        header.body_bytes > BlockLimits::body_bytes + 4 + 4 * std::uint64_t{header.tx_count})
        return invalid("the body is too large");
    if (header.kind == BlockKind::tail &&
        (header.tx_count != 0 || header.tx_root != root_of({}) || header.body_bytes != 4 ||
         header.receipts_root != root_of({}) || header.parent_view == 0))
        return invalid("a block after the seal is empty");
    return {};
}

Result<void> check_vote(const Vote& vote, const Epoch& epoch, const Verifier& verifier)
{
    if (vote.epoch != epoch.number()) return invalid("another epoch");
    if (vote.view == 0) return invalid("views start at 1");
    if (vote.voter >= epoch.size()) return invalid("no such validator");
    if ((vote.kind == VoteKind::nullify) != vote.id.is_zero())
        return invalid("a vote to nullify, and no other, names no block");
    if (!verifier.verify(epoch.set()[vote.voter].consensus_key,
                         vote_digest(epoch.subject(vote.kind, vote.view, vote.id)), vote.signature))
        return invalid("a vote's signature does not verify");
    return {};
}

Result<void> check_signature(const SignedHeader& proposal, const Epoch& epoch,
                             const Verifier& verifier)
{
    const auto& header = proposal.header;
    if (header.epoch != epoch.number()) return invalid("another epoch");
    if (header.view == 0 || header.proposer != epoch.leader(header.view))
        return invalid("not proposed by the leader");
    if (!verifier.verify(epoch.set()[header.proposer].consensus_key,
                         epoch.proposal_digest(header.view, block_id(header)), proposal.signature))
        return invalid("a proposal's signature does not verify");
    return {};
}

Result<void> check_certificate(const Certificate& certificate, const Epoch& epoch,
                               const Verifier& verifier)
{
    if (certificate.epoch != epoch.number()) return invalid("another epoch");
    if (certificate.view == 0) return invalid("views start at 1");
    if ((certificate.kind == VoteKind::nullify) != certificate.id.is_zero())
        return invalid("a vote to nullify, and no other, names no block");
    const auto voters = signers(certificate, epoch.set());
    if (!voters) return voters.error();
    const auto digest =
        vote_digest(epoch.subject(certificate.kind, certificate.view, certificate.id));
    for (std::size_t i = 0; i < voters->size(); ++i)
        if (!verifier.verify(epoch.set()[(*voters)[i]].consensus_key, digest,
                             certificate.signatures[i]))
            return invalid("a vote's signature does not verify");
    return {};
}

std::vector<Vote> votes_in(const Certificate& certificate, const Epoch& epoch)
{
    std::vector<Vote> votes;
    const auto voters = signers(certificate, epoch.set());
    if (!voters) return votes;
    votes.reserve(voters->size());
    for (std::size_t i = 0; i < voters->size(); ++i)
        votes.push_back({certificate.kind, certificate.epoch, certificate.view, certificate.id,
                         static_cast<Index>((*voters)[i]), certificate.signatures[i]});
    return votes;
}

Result<void> CertificateChecker::check(const Certificate& certificate, const Epoch& epoch)
{
    const auto hash = sha256(encode_certificate(certificate));
    if (certificate.epoch == epoch.number() && good_.contains(hash)) return {};
    if (const auto done = check_certificate(certificate, epoch, verifier_); !done) return done;
    good_.insert(hash);
    order_.push_back(hash);
    if (order_.size() > remembered) {
        good_.erase(order_.front());
        order_.pop_front();
    }
    return {};
}

}  // namespace ledger::consensus
