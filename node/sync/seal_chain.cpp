#include "node/sync/seal_chain.hpp"

#include "ledger/consensus/epoch_proof.hpp"

namespace node {

using namespace ledger;

SealChain::SealChain(std::shared_ptr<const consensus::Epoch> first, std::optional<Pin> pin,
                     const consensus::Verifier& verifier)
    : epochs_{std::move(first)}, pin_{pin}, verifier_{verifier}
{
}

std::shared_ptr<const consensus::Epoch> SealChain::epoch(std::uint64_t number) const
{
    if (number >= epochs_.size() || (pin_ && number < pin_->epoch)) return {};
    return epochs_[number];
}

Result<bool> SealChain::add(consensus::EpochProof proof)
{
    if (proof.finalized.epoch != newest().number()) return false;
    auto next = consensus::follow_seals(epochs_.back(), {&proof, 1}, verifier_);
    if (!next) return next.error();
    if (pin_ && (*next)->number() == pin_->epoch && (*next)->anchor() != pin_->anchor)
        return Error{ErrorKind::invalid, "the seal does not lead to the trusted checkpoint"};
    epochs_.push_back(std::move(*next));
    seals_.push_back(std::move(proof));
    return true;
}

}  // namespace node
