#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/sealing/leaf_table.hpp"
#include "ledger/transfer/chunk_set.hpp"

#include <optional>
#include <string>
#include <vector>

/// What nodes tell each other, and wallets, about the batches that they keep: docs/api.md.
namespace ledger::transfer {

/// One of those whom a batch is fetched from.
struct ProviderStatus {
    std::string url;
    std::uint64_t bytes{};  ///< of chunks that were good
    std::string fault;      ///< why it is not asked any more; empty while it is
};
MILLRACE_DESCRIBE(ProviderStatus, (url, bytes, fault))

struct FetchStatus {
    std::string state;  ///< running, done, failed or stopped
    std::string error;  ///< why it failed
    std::uint64_t bytes{};
    std::vector<ProviderStatus> providers;
};
MILLRACE_DESCRIBE(FetchStatus, (state, error, bytes, providers))

/// The answer to GET /v1/batches/{root}.
struct BatchStatus {
    Hash root;
    PublicKey point;
    std::uint64_t chunks{};
    std::uint64_t bytes{};
    std::uint64_t leaves{};   ///< of the table; all of them once it was checked
    std::uint64_t present{};  ///< chunks
    bool complete = false;
    std::vector<std::string> have;      ///< ranges of chunks, at most `status_ranges`
    std::optional<std::uint64_t> next;  ///< ask again from this chunk on, for more of them
    std::optional<FetchStatus> fetch;   ///< told to the node's operator alone
};
MILLRACE_DESCRIBE(BatchStatus,
                  (root, point, chunks, bytes, leaves, present, complete, have, next, fetch))

inline constexpr std::size_t status_ranges = 1'000;
inline constexpr std::size_t status_bytes = 64 * 1024;  ///< of its text, at most

/// Without `have` and `fetch`, which `say_have` and whoever fetches fill in.
BatchStatus status_of(const sealing::BatchSummary& batch, std::uint64_t leaves);
/// Tells which chunks are there, from `from` on.
void say_have(BatchStatus& status, const ChunkSet& have, std::uint64_t from);

/// Of any text from a stranger: `invalid` unless it is one of this batch.
Result<BatchStatus> parse_status(std::string_view text, const sealing::BatchSummary& batch);
/// The chunks that it says are there, all of the batch.
Result<std::vector<ChunkRange>> ranges_of(const BatchStatus& status);

// Where things are asked for.
std::string batch_target(const Hash& root);
std::string status_target(const Hash& root, std::uint64_t from);
std::string table_target(const Hash& root, const ChunkRange& leaves);
std::string chunks_target(const Hash& root, const ChunkRange& chunks);

}  // namespace ledger::transfer
