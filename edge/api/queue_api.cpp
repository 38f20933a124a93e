#include "edge/api/handles.hpp"

#include <cstring>

using edge::changing;
using edge::guarded;
using edge::refuse;
using edge::report;

namespace {

ledger::Result<edge::QueueOptions> options_of(const mlr_options* given)
{
    // A later header may know more members; then the sizes tell which were set.
    if (given == nullptr || given->size != sizeof *given)
        return ledger::invalid("options begin with mlr_options_init");
    const auto& from = *given;
    if (from.masters == nullptr || from.master_count == 0 || from.master_count > MLR_MOST_MASTERS)
        return ledger::invalid("a queue seals to 1 to 16 different master keys");
    if (from.shares_rule != MLR_SHARES_BYTES && from.shares_rule != MLR_SHARES_ROWS)
        return ledger::invalid("shares are counted by bytes or by rows");
    if (from.when_full != MLR_REFUSE && from.when_full != MLR_DROP_OLDEST)
        return ledger::invalid("a full queue refuses or drops the oldest batch");
    edge::QueueOptions options;
    options.network = ledger::Hash::of(from.network);
    options.dataset = ledger::Hash::of(from.dataset);
    options.schema = ledger::Hash::of(from.schema);
    options.meta = ledger::Hash::of(from.meta);
    for (std::uint32_t i = 0; i < from.master_count; ++i)
        options.masters.push_back(ledger::X25519PublicKey::of(
            {from.masters + std::size_t{i} * MLR_MASTER_KEY_BYTES, MLR_MASTER_KEY_BYTES}));
    options.shares = static_cast<edge::SharesRule>(from.shares_rule);
    options.when_full = static_cast<edge::WhenFull>(from.when_full);
    options.budget_bytes = from.budget_bytes;
    options.cut_bytes = from.cut_bytes;
    options.cut_seconds = from.cut_seconds;
    options.first_batch = from.first_batch;
    return options;
}

mlr_status done(const ledger::Result<void>& result)
{
    return result ? MLR_OK : report(result.error());
}

ledger::ByteView view(const void* bytes, size_t size)
{
    return {static_cast<const std::uint8_t*>(bytes), bytes == nullptr ? 0 : size};
}

}  // namespace

extern "C" {

void mlr_options_init(mlr_options* options)
{
    const edge::QueueOptions usual;
    std::memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->shares_rule = static_cast<std::uint32_t>(usual.shares);
    options->when_full = static_cast<std::uint32_t>(usual.when_full);
    options->budget_bytes = usual.budget_bytes;
    options->cut_bytes = usual.cut_bytes;
    options->cut_seconds = usual.cut_seconds;
    options->first_batch = usual.first_batch;
}

mlr_status mlr_queue_open(const char* folder, const mlr_key* key, const mlr_options* options,
                          mlr_queue** queue)
{
    return guarded([&] {
        if (folder == nullptr || key == nullptr || queue == nullptr)
            return refuse("a folder, a key and a place are needed");
        auto read = options_of(options);
        if (!read) return report(read.error());
        auto locked = edge::LockedQueue::open(folder, key->key, std::move(*read));
        if (!locked) return report(locked.error());
        *queue = new mlr_queue{ledger::public_key(key->key), std::move(*locked)};
        return MLR_OK;
    });
}

void mlr_queue_free(mlr_queue* queue)
{
    delete queue;
}

mlr_status mlr_queue_add(mlr_queue* queue, const uint8_t* id, const char* name, const void* bytes,
                         size_t size)
{
    return changing(queue, [&] {
        if (name == nullptr || (bytes == nullptr && size != 0))
            return refuse("a queue, a name and bytes are needed");
        std::optional<edge::ItemId> known;
        if (id != nullptr) known = edge::ItemId::of({id, MLR_ITEM_ID_BYTES});
        const auto added = queue->locked->queue().add(name, view(bytes, size), known);
        if (!added) return report(added.error());
        return *added == edge::Queue::Added::known ? MLR_KNOWN : MLR_OK;
    });
}

mlr_status mlr_queue_add_row(mlr_queue* queue, const void* bytes, size_t size)
{
    return changing(queue, [&] {
        if (bytes == nullptr && size != 0) return refuse("a queue and bytes are needed");
        return done(queue->locked->queue().add_row(view(bytes, size)));
    });
}

mlr_status mlr_queue_sync(mlr_queue* queue)
{
    return changing(queue, [&] { return done(queue->locked->queue().sync()); });
}

mlr_status mlr_queue_cut(mlr_queue* queue)
{
    return changing(queue, [&] { return done(queue->locked->queue().cut()); });
}

int mlr_queue_is_due(const mlr_queue* queue)
{
    return queue != nullptr && queue->locked->queue().is_due() ? 1 : 0;
}

mlr_status mlr_queue_stats(const mlr_queue* queue, mlr_stats* stats)
{
    return guarded([&] {
        if (queue == nullptr || stats == nullptr || stats->size != sizeof *stats)
            return refuse("a queue is needed, and statistics with their size set");
        const auto now = queue->locked->queue().stats();
        *stats = mlr_stats{stats->size,
                           0,
                           now.batches,
                           now.batch_items,
                           now.batch_bytes,
                           now.open_items,
                           now.waiting_items,
                           now.file_bytes,
                           now.next_batch,
                           now.counts.sent,
                           now.counts.dropped_batches,
                           now.counts.dropped_items,
                           now.counts.damaged};
        return MLR_OK;
    });
}

mlr_status mlr_queue_mark_sent(mlr_queue* queue, uint64_t number)
{
    return guarded([&] {
        if (queue == nullptr) return refuse("a queue is needed");
        return done(queue->locked->queue().mark_sent(number));
    });
}
}
