#pragma once

#include "ledger/transfer/fetcher.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

namespace ledger::transfer {

/// An answer over HTTP, or why there is none, as any client has it.
struct WebReply {
    unsigned status = 0;
    Bytes body;
};
struct WebCall {
    std::string target;          ///< path and query
    std::size_t most_bytes = 0;  ///< of the answer's body: `flooded` above
    std::chrono::milliseconds patience{};
    std::stop_token stop;
};
/// Blocks; any thread. Faults: `flooded`, `stalled` (also when stopped), `vanished`.
using WebGet = std::function<Result<WebReply, ProviderFault>(const WebCall&)>;

/// What a provider sent to an ask, in form: a status, or as many bytes as were asked for.
struct Delivery {
    Bytes bytes;  ///< of leaves or chunks
    bool has_table = false;
    std::vector<ChunkRange> has;
    std::optional<std::uint64_t> next;
};

/// Asks a provider over HTTP. Whether the bytes are good is not looked at here.
Result<Delivery, ProviderFault> ask_over(const WebGet& get, const sealing::BatchSummary& batch,
                                         const Ask& ask, std::chrono::milliseconds patience,
                                         std::stop_token stop);

/// Where a batch is kept that comes in pieces. Calls come from many threads, but those about the
/// table one after the other. Errors are the keeper's own, and end the fetch.
class BatchSink {
public:
    virtual ~BatchSink() = default;
    /// Forgets the leaves added so far.
    virtual Result<void> begin_table() = 0;
    virtual Result<void> add_leaves(std::uint64_t first, ByteView leaves) = 0;
    /// After the last leaf: whether the root commits to them all, which are kept only then.
    virtual Result<bool> finish_table() = 0;
    /// Keeps the chunks that are those that the table commits to, up to the first that is not;
    /// how many those are.
    virtual Result<std::uint64_t> keep(const ChunkRange& range, ByteView bytes) = 0;
    /// On the disk, with everything kept so far, when it returns.
    virtual Result<void> sync() = 0;
};

}  // namespace ledger::transfer
