#include "edge/queue/batch_shelf.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace edge {
namespace {

using ledger::Disk;
using ledger::ErrorKind;
using ledger::File;
using ledger::OpenMode;
using ledger::Result;

constexpr std::size_t copy_block_bytes = 64 * 1024;

}  // namespace

Result<BatchShelf> BatchShelf::open(Disk& disk, const std::string& folder,
                                    const ledger::SecretKey& device)
{
    BatchShelf shelf{disk, folder, device};
    if (const auto done = shelf.load_small_files(); !done) return done.error();
    if (const auto done = shelf.find_batches(); !done) return done.error();
    // A full disk must not keep what is closed already from being sent.
    if (const auto done = shelf.settle(); !done && done.error().kind != ErrorKind::full)
        return done.error();
    return shelf;
}

Result<void> BatchShelf::load_small_files()
{
    auto counts = read_counts(*disk_, folder_);
    if (!counts && counts.error().kind != ErrorKind::corrupt) return counts.error();
    if (counts) counts_ = *counts;
    auto taken = TakenItems::open(*disk_, folder_);
    if (!taken && taken.error().kind != ErrorKind::corrupt) return taken.error();
    const bool is_damaged = !counts || !taken;
    if (!taken) {
        if (const auto done = disk_->rename(path("taken"), path("taken.damaged")); !done)
            return done;
    } else {
        taken_ = std::move(*taken);
    }
    if (!is_damaged) return {};
    auto counted = counts_;
    ++counted.damaged;
    return count(counted);
}

Result<void> BatchShelf::find_batches()
{
    const auto names = disk_->list(folder_);
    if (!names) return names.error();
    for (const auto& name : *names) {
        if (const auto damaged = batch_number(name, ".damaged")) {
            const auto file = disk_->open(path(name), OpenMode::existing);
            if (!file) return file.error();
            const auto size = (*file)->size();
            if (!size) return size.error();
            damaged_.emplace(*damaged, *size);
        }
        const auto number = batch_number(name);
        if (!number) continue;
        ShelvedBatch batch;
        batch.number = *number;
        batches_.emplace(*number, std::move(batch));
        if (*number == counts_.removing)
            if (const auto done = drop_file(*number); !done) return done;
    }
    return {};
}

void BatchShelf::take_over(std::uint64_t number, std::uint64_t trusted_end,
                           const std::vector<ItemId>& ids)
{
    ShelvedBatch batch;
    batch.number = number;
    batch.file_bytes = trusted_end;
    batch.trusted_end = trusted_end;
    batch.ids = ids;
    shelved_.insert(ids.begin(), ids.end());
    batches_.emplace(number, std::move(batch));
}

Result<void> BatchShelf::settle()
{
    std::vector<std::uint64_t> open;
    for (const auto& [number, batch] : batches_)
        if (!batch.close) open.push_back(number);
    Result<void> all;
    for (const auto number : open) {
        auto& batch = batches_.at(number);
        const auto done = close(batch);
        if (!done && done.error().kind == ErrorKind::not_found) {
            if (const auto gone = drop_file(number); !gone) all = gone;
        } else if (!done && done.error().kind == ErrorKind::corrupt) {
            if (const auto aside = set_aside(number); !aside) all = aside;
        } else if (!done) {
            all = done;
        }
    }
    return all;
}

Result<void> BatchShelf::close(ShelvedBatch& batch)
{
    const auto file = disk_->open(path(batch_file_name(batch.number)), OpenMode::existing);
    if (!file) return file.error();
    if (batch.trusted_end) {
        const auto size = (*file)->size();
        if (!size) return size.error();
        if (*size > *batch.trusted_end)
            if (const auto done = (*file)->truncate(*batch.trusted_end); !done) return done;
    }
    const auto size = (*file)->size();
    if (!size) return size.error();
    batch.file_bytes = *size;
    const auto image = BatchImage::scan(**file, batch.number);
    if (!image) return image.error();
    batch.is_damaged = image->end() == BatchImage::End::damaged;
    if (image->sealed_bytes() == 0)
        return ledger::Error{batch.is_damaged ? ErrorKind::corrupt : ErrorKind::not_found,
                             "nothing was added to the batch"};
    batch.items = image->items();
    batch.shares = image->shares();
    batch.sealed_bytes = image->sealed_bytes();
    batch.begun_at = image->begin().begun_at;
    batch.ids = image->ids();
    shelved_.insert(batch.ids.begin(), batch.ids.end());
    if (image->close()) {
        batch.trusted_end.reset();
        batch.close = image->close();
        return {};
    }
    const auto root = root_of(**file, *image, {});
    if (!root) return root.error();
    const auto digest = contribution_digest(contribution_of(*image, *root));
    const BatchClose closed{*root, ledger::sign(*device_, digest)};
    // What stands behind damage is left alone; its batch is closed anew whenever it is read.
    if (!batch.is_damaged) {
        if (const auto done = make_durable(**file, *image); !done) return done;
        const auto record =
            encode_record(batch.number, RecordType::close, image->records(), encode_close(closed));
        if (const auto done = (*file)->write(image->records_end(), record); !done) return done;
        if (const auto done = (*file)->sync(); !done) return done;
        batch.file_bytes = image->records_end() + record.size();
    }
    batch.trusted_end.reset();
    batch.close = closed;
    return {};
}

Result<void> BatchShelf::make_durable(File& file, const BatchImage& image)
{
    if (image.end() == BatchImage::End::torn)
        if (const auto done = file.truncate(image.records_end()); !done) return done;
    // It can be read, but whether the sync after it succeeded is not known, and the pages of one
    // that failed are not written by the next one: write them again.
    for (auto at = image.last_record(); at < image.records_end();) {
        const auto block = file.read(at, static_cast<std::size_t>(std::min<std::uint64_t>(
                                             copy_block_bytes, image.records_end() - at)));
        if (!block) return block.error();
        if (block->empty()) return ledger::Error{ErrorKind::io, "the file became shorter"};
        if (const auto done = file.write(at, *block); !done) return done;
        at += block->size();
    }
    return {};
}

const ShelvedBatch* BatchShelf::find(std::uint64_t number) const
{
    const auto found = batches_.find(number);
    return found != batches_.end() && found->second.close ? &found->second : nullptr;
}

std::optional<std::uint64_t> BatchShelf::oldest_unread() const
{
    for (const auto& [number, batch] : batches_)
        if (batch.close && batch.reading.use_count() == 1) return number;
    return {};
}

Result<void> BatchShelf::remove(std::uint64_t number, Why why)
{
    const auto found = batches_.find(number);
    ledger::ensure(found != batches_.end(), "a batch that is there is removed");
    const auto& batch = found->second;
    // First what keeps its items from being taken again, then the mark after which it is gone
    // whatever happens, then the file.
    if (const auto done = taken_.add(*disk_, folder_, batch.ids); !done) return done;
    if (counts_.removing != number) {
        auto counted = counts_;
        counted.removing = number;
        if (why == Why::sent) {
            ++counted.sent;
        } else {
            ++counted.dropped_batches;
            counted.dropped_items += batch.items;
        }
        if (const auto done = count(counted); !done) return done;
    }
    if (batch.is_damaged) return set_aside(number);
    return drop_file(number);
}

Result<void> BatchShelf::set_aside(std::uint64_t number)
{
    const auto found = batches_.find(number);
    ledger::ensure(found != batches_.end(), "a batch that is there is set aside");
    if (const auto done = taken_.add(*disk_, folder_, found->second.ids); !done) return done;
    auto counted = counts_;
    ++counted.damaged;
    if (const auto done = count(counted); !done) return done;
    if (const auto done =
            disk_->rename(path(batch_file_name(number)), path(damaged_file_name(number)));
        !done)
        return done;
    if (const auto done = disk_->sync_folder(folder_); !done) return done;
    damaged_.insert_or_assign(number, found->second.file_bytes);
    forget(found);
    return {};
}

Result<void> BatchShelf::drop_file(std::uint64_t number)
{
    const auto done = disk_->remove(path(batch_file_name(number)));
    if (!done && done.error().kind != ErrorKind::not_found) return done;
    if (const auto synced = disk_->sync_folder(folder_); !synced) return synced;
    forget(batches_.find(number));
    return {};
}

Result<bool> BatchShelf::drop_oldest_damaged()
{
    if (damaged_.empty()) return false;
    const auto name = damaged_file_name(damaged_.begin()->first);
    const auto done = disk_->remove(path(name));
    if (!done && done.error().kind != ErrorKind::not_found) return done.error();
    if (const auto synced = disk_->sync_folder(folder_); !synced) return synced.error();
    damaged_.erase(damaged_.begin());
    return true;
}

void BatchShelf::forget(std::map<std::uint64_t, ShelvedBatch>::iterator batch)
{
    for (const auto& id : batch->second.ids) shelved_.erase(id);
    batches_.erase(batch);
}

Result<void> BatchShelf::count(const QueueCounts& counts)
{
    auto counted = counts;
    counted.next = std::max(counted.next, numbers_end());
    if (const auto done = write_counts(*disk_, folder_, counted); !done) return done;
    counts_ = counted;
    return {};
}

std::uint64_t BatchShelf::file_bytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& [number, size] : damaged_) bytes += size;
    for (const auto& [number, batch] : batches_) bytes += batch.file_bytes;
    return bytes;
}

std::uint64_t BatchShelf::numbers_end() const
{
    return std::max(counts_.next, batches_.empty() ? 1 : batches_.rbegin()->first + 1);
}

Result<void> BatchShelf::forget_all_but(const std::set<ItemId>& present)
{
    return taken_.keep(*disk_, folder_, present);
}

}  // namespace edge
