#include "ledger/transfer/batch_status.hpp"

#include "ledger/codec/json.hpp"

namespace ledger::transfer {

BatchStatus status_of(const sealing::BatchSummary& batch, std::uint64_t leaves)
{
    BatchStatus status;
    status.root = batch.root;
    status.point = batch.point;
    status.chunks = batch.chunks;
    status.bytes = batch.bytes;
    status.leaves = leaves;
    return status;
}

void say_have(BatchStatus& status, const ChunkSet& have, std::uint64_t from)
{
    status.present = have.count();
    status.complete = have.is_full() && status.leaves == status.chunks;
    const auto ranges = have.ranges(status_ranges + 1, from);
    for (const auto& range : ranges) {
        if (status.have.size() == status_ranges) {
            status.next = range.first;
            break;
        }
        status.have.push_back(to_text(range));
    }
}

Result<BatchStatus> parse_status(std::string_view text, const sealing::BatchSummary& batch)
{
    const auto json = codec::parse_json(text, {status_bytes, 6});
    if (!json) return json.error();
    auto status = codec::from_json<BatchStatus>(*json);
    if (!status) return status.error();
    if (status->root != batch.root || status->chunks != batch.chunks ||
        status->bytes != batch.bytes)
        return invalid("the status is of another batch");
    return status;
}

Result<std::vector<ChunkRange>> ranges_of(const BatchStatus& status)
{
    std::vector<ChunkRange> ranges;
    for (const auto& text : status.have) {
        const auto range = parse_range(text);
        if (!range) return range.error();
        if (range->end() > status.chunks) return invalid("the batch has no such chunks");
        ranges.push_back(*range);
    }
    return ranges;
}

std::string batch_target(const Hash& root)
{
    return "/v1/batches/" + to_hex0x(root.view());
}

std::string status_target(const Hash& root, std::uint64_t from)
{
    return batch_target(root) + "?from=" + std::to_string(from);
}

std::string table_target(const Hash& root, const ChunkRange& leaves)
{
    return batch_target(root) + "/table/" + to_text(leaves);
}

std::string chunks_target(const Hash& root, const ChunkRange& chunks)
{
    return batch_target(root) + "/chunks/" + to_text(chunks);
}

}  // namespace ledger::transfer
