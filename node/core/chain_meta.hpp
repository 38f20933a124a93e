#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/codec/describe.hpp"

#include <string>
#include <vector>

/// What the chain keeps in the store beside blocks and state.
namespace node {

/// The keys a block changed, remembered until the next checkpoint writes the tree.
struct Touched {
    ledger::Height height;
    std::vector<ledger::Bytes> keys;
};
MILLRACE_DESCRIBE(Touched, (height, keys))

inline std::string touched_meta(ledger::Height height, std::uint64_t checkpoint_blocks)
{
    return "touched/" + std::to_string(height.value % checkpoint_blocks);
}

}  // namespace node
