#include "edge/queue/queue_status.hpp"

#include "edge/queue/batch_image.hpp"

#include <algorithm>

namespace edge {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<void> look_at_batch(const ledger::File& file, std::uint64_t number, QueueStatus& status)
{
    const auto size = file.size();
    if (!size) return size.error();
    status.file_bytes += *size;
    const auto image = BatchImage::scan(file, number);
    // One that is being begun, or will be set aside when the queue is opened.
    if (!image) return image.error().kind == ErrorKind::io ? image.error() : Result<void>{};
    if (!image->close()) {
        status.open_items += image->items();
        return {};
    }
    ++status.batches;
    status.batch_items += image->items();
    status.batch_bytes += image->sealed_bytes();
    const auto begun = image->begin().begun_at;
    if (status.oldest_begun_at == 0 || begun < status.oldest_begun_at)
        status.oldest_begun_at = begun;
    return {};
}

}  // namespace

Result<QueueStatus> look_at_queue(ledger::Disk& disk, const std::string& folder)
{
    const auto identity = read_identity(disk, folder);
    if (!identity) return identity.error();
    if (!*identity) return Error{ErrorKind::not_found, folder + " is no queue"};
    const auto counts = read_counts(disk, folder);
    if (!counts) return counts.error();
    const auto names = disk.list(folder);
    if (!names) return names.error();
    QueueStatus status;
    status.identity = **identity;
    status.counts = *counts;
    status.next_batch = std::max(status.counts.next, std::uint64_t{1});
    for (const auto& name : *names) {
        if (const auto next = counter_of(name))
            status.next_batch = std::max(status.next_batch, *next);
        const bool is_aside = batch_number(name, ".damaged").has_value();
        const auto number = batch_number(name);
        if (!number && !is_aside) continue;
        const auto file = disk.open(folder + "/" + name, ledger::OpenMode::existing);
        if (!file && file.error().kind == ErrorKind::not_found) continue;  // sent meanwhile
        if (!file) return file.error();
        if (is_aside) {
            const auto size = (*file)->size();
            if (!size) return size.error();
            status.file_bytes += *size;
            ++status.set_aside;
        } else if (const auto done = look_at_batch(**file, *number, status); !done) {
            return done.error();
        }
    }
    return status;
}

}  // namespace edge
