#pragma once

#include "ledger/store/block_store.hpp"

#include <algorithm>
#include <string>

/// Which blocks a store drops: the same for every implementation.
namespace ledger {

/// The base from a checkpoint at `checkpoint` on, with the tip at `tip`; never below `base`. Not
/// above the checkpoint, as who opens the store reads the blocks since then. It moves in steps of
/// an eighth of what is kept, 1,024 blocks at most, so that each drop is worth its mark on disk.
inline std::uint64_t next_base(const StoreOptions& options, std::uint64_t base,
                               std::uint64_t checkpoint, std::uint64_t tip)
{
    if (options.archive || options.keep_blocks == 0 || tip < options.keep_blocks) return base;
    const auto wanted = std::min(checkpoint, tip - options.keep_blocks + 1);
    const auto step = std::clamp<std::uint64_t>(options.keep_blocks / 8, 1, 1024);
    return wanted < base + step ? base : wanted;
}

inline Error pruned_error(Height height, Height base)
{
    return {ErrorKind::not_found, "block " + std::to_string(height.value) +
                                      " is pruned: this node has blocks from " +
                                      std::to_string(base.value) + " on"};
}

/// Of a block that a store began with: a header and what proves it, nothing else.
inline Error no_body_error(Height height)
{
    return {ErrorKind::not_found, "the content of block " + std::to_string(height.value) +
                                      " is pruned: this node began with the state after it"};
}

}  // namespace ledger
