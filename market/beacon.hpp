#pragma once

#include "market/state/data_records.hpp"
#include "market/state/state.hpp"

/// Which chunks of a batch may be shown: drawn by the id of the block that holds the contribution.
/// Whoever contributes has fixed the root before that id is known to anybody but the block's
/// proposer: one who contributes itself can try blocks until it likes what is drawn.
namespace market {

struct PreviewLimits {
    static constexpr std::uint32_t draws = 16;  ///< of a batch; some may meet the same chunk
};

/// At the beginning of a block: writes down the id of the block before where that one held a
/// contribution. Does nothing when `parent` is zero.
void note_beacon(State&, const ledger::BlockId& parent);

/// The chunks of a batch that may be shown, ascending, each once; none until the block after the
/// contribution's has begun.
std::vector<std::uint64_t> drawn_chunks(const View&, const BatchKey&, const Batch&);

}  // namespace market
