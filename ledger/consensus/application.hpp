#pragma once

#include "ledger/consensus/records.hpp"

#include <optional>

namespace ledger::consensus {

/// What blocks mean. It keeps a tree of executed blocks above the final ones; the core asks for
/// every block at most once, parents first. Commits do not come from here: whoever drives the core
/// applies Output::commits after the records of that step are synced.
class Application {
public:
    virtual ~Application() = default;

    struct Built {
        Header header;
        BlockBody body;
        std::vector<WireId> wire_ids;
    };
    /// Fills in a block on `start.parent_id`, executed or final: transactions, kind (normal or
    /// sealing), roots, next_valset_hash. Everything else in `start` stays. The block counts as
    /// executed. Nothing is proposed when it fails.
    virtual Result<Built> build(const Header& start) = 0;

    /// A block that is proven final and will be executed when those before it have been: what does
    /// not depend on them may begin. Or nothing.
    virtual void expect(const Header&, const BlockBody&) {}

    /// Executes a block on its parent, and answers whether everything in the header that `build`
    /// would fill in is so. Body and header already agree on tx_root, count and length.
    virtual bool execute(const Header&, const BlockBody&) = 0;

    /// A transaction at hand, in its full encoding.
    virtual std::optional<Bytes> transaction(const WireId&) = 0;

    /// There is something to order that can execute on this block and is not in it: transactions,
    /// evidence, changes of validators. By consensus rules alone, so that honest nodes agree.
    virtual bool has_work(const BlockId& parent) = 0;

    /// The set that an executed sealing block leads to.
    virtual ValidatorSet validators_after(const BlockId& seal) = 0;

    /// Final blocks, as far as they are kept.
    virtual std::optional<Commit> final_block(Height) = 0;
    virtual std::optional<Commit> final_block(const BlockId&) = 0;
    /// How an epoch ended.
    virtual std::optional<EpochProof> epoch_proof(std::uint64_t epoch) = 0;
};

}  // namespace ledger::consensus
