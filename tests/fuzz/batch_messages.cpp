// What a stranger says of a batch: ranges in a path, a manifest, a status. Whatever is read lies
// within the batch and says the same when it is written again.
#include "ledger/base/ensure.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/transfer/batch_manifest.hpp"
#include "ledger/transfer/batch_status.hpp"

#include <cstdint>

using namespace ledger;
using namespace ledger::transfer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = as_text({data, size});
    if (const auto range = parse_range(text)) {
        ensure(range->count != 0 && range->end() <= sealing::most_chunks, "a range is in bounds");
        ensure(*parse_range(to_text(*range)) == *range, "a range is the same again");
    }
    if (const auto manifest = parse_manifest(text)) {
        ensure(sealing::check_sizes(manifest->chunks, manifest->bytes).has_value(),
               "the numbers of a manifest fit together");
        ensure(*parse_manifest(manifest_text(*manifest)) == *manifest,
               "a manifest is the same again");
    }
    sealing::BatchSummary batch;
    batch.chunks = 100;
    batch.bytes = 100 * sealing::sealed_chunk_bytes;
    const auto status = parse_status(text, batch);
    if (!status) return 0;
    if (const auto ranges = ranges_of(*status)) {
        ChunkSet have{batch.chunks};
        for (const auto& range : *ranges) have.set(range);
        ensure(have.count() <= batch.chunks, "no chunk beyond the batch");
    }
    ensure(codec::to_json(*parse_status(codec::to_json(*status).dump(), batch)) ==
               codec::to_json(*status),
           "a status is the same again");
    return 0;
}
