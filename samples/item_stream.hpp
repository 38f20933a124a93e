#pragma once

#include "samples/items.hpp"

#include <span>

/// Items through a pipe, in the form in which data is sealed (ledger/sealing/items.hpp): whoever
/// opens a licensed batch writes them, and a trainer reads them into memory. No file is made.
namespace samples {

/// Fills the front of a buffer and says how far; 0 at the end.
using Pull = std::function<ledger::Result<std::size_t>(std::span<std::uint8_t>)>;

/// Reads to the end of the stream. `full` above Limits::items, Limits::file_bytes for one item or
/// Limits::stream_bytes for all; `invalid` where it is no such stream or two items have one name.
/// Memory grows with what came, never with what a header claims.
ledger::Result<std::shared_ptr<const Items>> read_item_stream(const Pull& pull,
                                                              const Limits& limits = {});
/// From an open descriptor, which stays open. `io`.
ledger::Result<std::shared_ptr<const Items>> read_item_stream(int descriptor,
                                                              const Limits& limits = {});

/// Writes all items; ends with the first error of `put`.
ledger::Result<void> write_item_stream(const Items& items, const Items::Take& put,
                                       const Limits& limits = {});
/// To an open descriptor, which stays open. `io`, also where nobody reads on and SIGPIPE is
/// ignored.
ledger::Result<void> write_item_stream(const Items& items, int descriptor,
                                       const Limits& limits = {});

}  // namespace samples
