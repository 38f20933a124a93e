#pragma once

#include "ledger/consensus/messages.hpp"
#include "node/sync/snapshot_sync.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace node {

/// The epochs that seals lead to from the genesis document on, and where an operator's checkpoint
/// has to lie on the way: a chain that does not go through it is not this network's, whoever signed
/// it. Pure. One thread; `verifier` must outlive it.
class SealChain final : public TrustedEpochs {
public:
    struct Pin {
        std::uint64_t epoch{};
        ledger::BlockId anchor;  ///< the block that opened it
    };
    SealChain(std::shared_ptr<const ledger::consensus::Epoch> first, std::optional<Pin> pin,
              const ledger::consensus::Verifier& verifier);

    /// Null beyond the newest seal, and before the pin: what is older proves nothing there.
    std::shared_ptr<const ledger::consensus::Epoch> epoch(std::uint64_t number) const override;
    const ledger::consensus::Epoch& newest() const { return *epochs_.back(); }
    /// From the genesis on, oldest first.
    const std::vector<ledger::consensus::EpochProof>& seals() const { return seals_; }

    /// Whether it is of the newest epoch and was added; `invalid` when it is and proves nothing, or
    /// leads past the pin.
    ledger::Result<bool> add(ledger::consensus::EpochProof proof);

private:
    std::vector<std::shared_ptr<const ledger::consensus::Epoch>> epochs_;
    std::vector<ledger::consensus::EpochProof> seals_;
    std::optional<Pin> pin_;
    const ledger::consensus::Verifier& verifier_;
};

}  // namespace node
