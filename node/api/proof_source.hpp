#pragma once

#include "ledger/consensus/messages.hpp"
#include "ledger/light/checkpoint.hpp"
#include "ledger/light/proofs.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_proof.hpp"
#include "ledger/store/block_store.hpp"

#include <functional>
#include <optional>
#include <string>

namespace node {

/// What proofs are made of: final blocks, the nodes of the history tree, the state at the head, and
/// how epochs ended. Any thread may call it; errors are those of the store.
class ProofSource : public ledger::HistoryNodes {
public:
    virtual ledger::Height head() const = 0;
    virtual ledger::Result<ledger::StoredBlock> block(ledger::Height) const = 0;
    virtual ledger::Result<ledger::TxLocation> find_tx(const ledger::TxId&) const = 0;
    /// Empty while the epoch goes on, and when its proof is not kept.
    virtual ledger::Result<std::optional<ledger::consensus::EpochProof>> epoch_proof(
        std::uint64_t epoch) const = 0;

    /// A key's place in the state after the block at `height`.
    struct StateAt {
        ledger::Height height;
        ledger::StateProof proof;
    };
    /// At the newest block for which that is known; answers on another thread, or at once.
    virtual void prove_state(ledger::Bytes key,
                             std::function<void(ledger::Result<StateAt>)> answer) = 0;
    virtual ledger::Result<std::optional<ledger::Bytes>> state_at(ledger::ByteView key,
                                                                  ledger::Height) const = 0;
};

/// Where the store keeps how an epoch ended: the canonical encoding of consensus::EpochProof.
inline std::string epoch_proof_meta(std::uint64_t epoch)
{
    return "epoch_proof/" + std::to_string(epoch);
}

/// The block with F of its own, of a descendant that became final with it, or of the TAIL block
/// that ended its epoch. `not_found` above the head.
ledger::Result<ledger::light::Finality> finality_of(const ProofSource&, ledger::Height);

ledger::Result<ledger::light::BlockProof> block_proof(const ProofSource&, ledger::Height);
ledger::Result<ledger::light::ReceiptProof> receipt_proof(const ProofSource&, const ledger::TxId&);
/// `found` with its value and finality.
ledger::Result<ledger::light::StateProofAt> state_proof(const ProofSource&, ledger::Bytes key,
                                                        const ProofSource::StateAt& found);
/// As many as ProofLimits allow of the epochs from `from` on; empty when that one goes on.
/// `not_found` when its end is not kept.
ledger::Result<ledger::light::EpochProofs> epoch_proofs(const ProofSource&, std::uint64_t from);

/// The checkpoint of the newest epoch, or of the one that the block at `anchor` opened; `invalid`
/// when it opened none.
ledger::Result<ledger::light::TrustedCheckpoint> checkpoint(const ProofSource&,
                                                            const ledger::Genesis&,
                                                            const ledger::BlockId& genesis_id,
                                                            std::optional<ledger::Height> anchor);

}  // namespace node
