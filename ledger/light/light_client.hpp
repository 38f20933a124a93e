#pragma once

#include "ledger/consensus/epoch_proof.hpp"
#include "ledger/light/checkpoint.hpp"
#include "ledger/light/proofs.hpp"

#include <memory>
#include <set>

namespace ledger::light {

/// A block that is final, and what showed it.
struct FinalBlock {
    Header header;
    BlockId id;
    std::size_t signatures = 0;  ///< of the certificate; 0 for a block that was known before
};

/// The one verifier: from a trusted checkpoint over seals to the newest epoch it was shown, from
/// there to final blocks, and from these to state, receipts and older blocks. Keys come from the
/// checkpoint and from verified seals, never from what is to be checked.
///
/// Every check fails with `invalid` (a lie, or not what was asked for) and one sentence that says
/// what does not hold; a failure changes nothing. One thread at a time; costs one signature check
/// for each signature of a certificate, which is remembered.
class LightClient {
public:
    /// `genesis_id` is that of the network which the caller means. `signatures` must outlive this.
    static Result<LightClient> begin(const TrustedCheckpoint&, ChainId, const BlockId& genesis_id,
                                     const consensus::Verifier& signatures);

    /// Goes on over seals, of which the first is that of the present epoch; all of them or none.
    Result<void> follow(const EpochProofs&);

    std::uint64_t epoch() const { return checkpoint_.epoch; }
    /// Of the newest epoch reached: as good as the one it began with, and newer.
    const TrustedCheckpoint& checkpoint() const { return checkpoint_; }
    /// The latest block time that was shown to be final.
    TimeMs newest_time() const { return newest_time_; }
    /// Whether a block was shown to be final before; the checkpoint's anchor was.
    bool knows(const BlockId& id) const { return known_.contains(id); }

    /// Blocks of the present epoch, and those known: of the latter nothing but the header is
    /// looked at. A block of an earlier epoch is shown by BlockProof, and known from then on.
    Result<FinalBlock> check(const Finality&);
    Result<FinalBlock> check(const BlockProof&);
    /// That `proof.value` stood under `key` after the block given back.
    Result<FinalBlock> check(const StateProofAt& proof, ByteView key);
    /// That `proof.receipt` is what became of the `proof.index`-th transaction of that block.
    Result<FinalBlock> check(const ReceiptProof&);

    /// Bound on the known blocks; above it they are forgotten, but for the anchor.
    static constexpr std::size_t most_known = 4'096;

private:
    LightClient(const TrustedCheckpoint&, const consensus::Verifier&);
    void know(const BlockId&);

    TrustedCheckpoint checkpoint_;
    std::shared_ptr<const consensus::Epoch> epoch_;
    consensus::CertificateChecker checker_;
    std::set<BlockId> known_;
    TimeMs newest_time_;
};

}  // namespace ledger::light
