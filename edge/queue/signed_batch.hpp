#pragma once

#include "edge/queue/batch_image.hpp"

#include <functional>

namespace edge {

/// Told each sealed chunk and its leaf, in order.
using OnChunk =
    std::function<ledger::Result<void>(ledger::ByteView sealed, const ledger::sealing::Leaf& leaf)>;

/// The root over the leaves, from every byte of the batch's file; `take` may be empty. Holds one
/// chunk. `corrupt` when the batch was closed with another root; `io`, and what `take` says.
ledger::Result<ledger::Hash> root_of(const ledger::File& file, const BatchImage& image,
                                     const OnChunk& take);

/// What the device says of the batch with that root.
ledger::sealing::Contribution contribution_of(const BatchImage& image, const ledger::Hash& root);

}  // namespace edge
