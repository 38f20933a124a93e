#pragma once

#include "ledger/consensus/signing.hpp"
#include "ledger/snapshot/writer.hpp"
#include "ledger/store/block_store.hpp"
#include "ledger/store/store_nodes.hpp"

#include <memory>
#include <string>
#include <vector>

namespace ledger {

/// A chain of four validators in memory with random entries in its state, up to a final block of
/// which snapshots are made.
class SnapshotWorld {
public:
    struct Options {
        std::size_t entries = 300;
        std::uint64_t height = 5;
        std::uint32_t seed = 1;
        std::size_t descendants = 0;  ///< the block is final through a later one
        std::uint8_t first_key = 1;   ///< of the validators
    };
    explicit SnapshotWorld(const Options& options);

    SnapshotSource source() const { return {store->state(), *nodes, finality, history_before}; }
    /// Written to `folder` in chunks that are as small as they may be.
    SnapshotManifest write(SnapshotFolder& folder, std::size_t memory_bytes = 1 << 20) const;
    Certificate sign(const Header& header) const;

    std::shared_ptr<const consensus::Epoch> epoch;
    consensus::SchnorrVerifier verifier;
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<StoreNodes> nodes;
    StoredBlock genesis;
    SnapshotFinality finality;
    HistoryTree history_before;
    static constexpr std::size_t chunk_bytes = 2 * RangeProof::max_bytes;

private:
    std::vector<SecretKey> keys_;
};

/// All entries of a view, in order.
std::string listing(const StateView& view);

}  // namespace ledger
