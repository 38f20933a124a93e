#pragma once

#include "node/api/proof_source.hpp"
#include "node/core/ledger_service.hpp"

namespace node {

/// Proofs from the store, and from the tree that the ledger's thread owns. Both outlive this.
class StoredProofs final : public ProofSource {
public:
    StoredProofs(const ledger::BlockStore& store, LedgerService& ledger)
        : store_{store}, ledger_{ledger}
    {
    }

    ledger::Height head() const override { return ledger_.head()->header.height; }
    ledger::Result<ledger::StoredBlock> block(ledger::Height height) const override
    {
        return store_.block(height);
    }
    ledger::Result<ledger::TxLocation> find_tx(const ledger::TxId& id) const override
    {
        return store_.find_tx(id);
    }
    ledger::Result<std::optional<ledger::consensus::EpochProof>> epoch_proof(
        std::uint64_t epoch) const override;
    void prove_state(ledger::Bytes key,
                     std::function<void(ledger::Result<StateAt>)> answer) override;
    ledger::Result<std::optional<ledger::Bytes>> state_at(ledger::ByteView key,
                                                          ledger::Height height) const override
    {
        return store_.state_at(key, height);
    }
    /// As the store keeps them; level 0 follows from the block's id. `not_found` where the history
    /// was pruned.
    ledger::Result<ledger::Hash> node(std::uint8_t level, std::uint64_t index) const override;

private:
    const ledger::BlockStore& store_;
    LedgerService& ledger_;
};

}  // namespace node
