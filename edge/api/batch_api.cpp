#include "edge/api/handles.hpp"
#include "edge/outbox/new_batch_folder.hpp"
#include "ledger/crypto/sha256.hpp"

#include <algorithm>

using edge::guarded;
using edge::refuse;
using edge::report;

extern "C" {

mlr_status mlr_batch_next(mlr_queue* queue, uint64_t after, mlr_batch** batch)
{
    return guarded([&] {
        if (queue == nullptr || batch == nullptr) return refuse("a queue and a place are needed");
        const auto number = queue->locked->queue().next_unsent(after);
        if (!number) return MLR_END;
        auto read = queue->locked->queue().read(*number);
        if (!read) return report(read.error());
        *batch = new mlr_batch{std::move(*read), queue->device};
        return MLR_OK;
    });
}

void mlr_batch_free(mlr_batch* batch)
{
    delete batch;
}

mlr_status mlr_batch_contribution(const mlr_batch* batch, mlr_contribution* out)
{
    return guarded([&] {
        if (batch == nullptr || out == nullptr || out->size != sizeof *out)
            return refuse("a batch is needed, and a contribution with its size set");
        const auto& said = batch->batch.contribution;
        const auto digest = ledger::sealing::contribution_digest(said);
        out->wrap_count = static_cast<std::uint32_t>(said.wraps.size());
        out->number = said.batch;
        out->chunks = said.summary.chunks;
        out->bytes = said.summary.bytes;
        out->shares = said.shares;
        out->items = batch->batch.image.items();
        out->begun_at = batch->batch.image.begin().begun_at;
        std::ranges::copy(said.network.bytes, out->network);
        std::ranges::copy(said.dataset.bytes, out->dataset);
        std::ranges::copy(said.summary.point.bytes, out->point);
        std::ranges::copy(said.summary.root.bytes, out->root);
        std::ranges::copy(said.schema.bytes, out->schema);
        std::ranges::copy(said.meta.bytes, out->meta);
        std::ranges::copy(digest.bytes, out->digest);
        std::ranges::copy(batch->batch.signature.bytes, out->signature);
        return MLR_OK;
    });
}

mlr_status mlr_batch_wrap(const mlr_batch* batch, uint32_t index,
                          uint8_t master[MLR_MASTER_KEY_BYTES], uint8_t wrap[MLR_WRAP_BYTES])
{
    return guarded([&] {
        if (batch == nullptr || master == nullptr || wrap == nullptr ||
            index >= batch->batch.image.begin().wraps.size())
            return refuse("a batch, the index of a wrap and places are needed");
        const auto& found = batch->batch.image.begin().wraps[index];
        std::ranges::copy(found.to.bytes, master);
        std::ranges::copy(found.key, wrap);
        return MLR_OK;
    });
}

mlr_status mlr_batch_read(const mlr_batch* batch, uint64_t offset, void* to, size_t size,
                          size_t* got)
{
    return guarded([&] {
        if (batch == nullptr || to == nullptr || got == nullptr)
            return refuse("a batch and places are needed");
        const auto bytes = batch->batch.image.read(*batch->batch.file, offset, size);
        if (!bytes) return report(bytes.error());
        std::ranges::copy(*bytes, static_cast<std::uint8_t*>(to));
        *got = bytes->size();
        return MLR_OK;
    });
}

mlr_status mlr_batch_leaf(const mlr_batch* batch, uint64_t index, uint8_t leaf[MLR_LEAF_BYTES])
{
    return guarded([&] {
        using namespace ledger::sealing;
        if (batch == nullptr || leaf == nullptr || index >= batch->batch.image.key_hashes().size())
            return refuse("a batch, the index of a chunk and a place are needed");
        const auto chunk = batch->batch.image.read(*batch->batch.file, index * sealed_chunk_bytes,
                                                   sealed_chunk_bytes);
        if (!chunk) return report(chunk.error());
        ledger::Bytes entry;
        LeafTable::append(entry, {batch->batch.image.key_hashes()[index], ledger::sha256(*chunk)});
        std::ranges::copy(entry, leaf);
        return MLR_OK;
    });
}

mlr_status mlr_batch_write(const mlr_batch* batch, const char* folder)
{
    return guarded([&] {
        if (batch == nullptr || folder == nullptr) return refuse("a batch and a folder are needed");
        ledger::PosixDisk disk;
        const auto done = edge::write_new_batch_folder(disk, folder, batch->batch, batch->device);
        return done ? MLR_OK : report(done.error());
    });
}
}
