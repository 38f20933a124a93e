#include "node/blobs/store/stored_batch.hpp"

#include "node/blobs/store/batch_files.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using namespace node::batch_files;

std::uint64_t StoredBatch::stored_bytes() const
{
    return chunk_bytes_ + leaves_ * leaf_bytes + marks_bytes(summary_) + manifest_bytes_;
}

std::uint64_t StoredBatch::room_for(std::uint64_t first, std::uint64_t bytes)
{
    const auto range = transfer::chunks_in(summary_, first, bytes);
    const std::lock_guard lock{mutex_};
    const auto opened = open();
    if (!range || !opened) return 0;  // who puts them is told why
    return place_.chunks.room_for(summary_, (*opened)->have, *range);
}

BatchMark StoredBatch::mark() const
{
    const std::lock_guard lock{mutex_};
    return mark_;
}

Result<void> StoredBatch::check_writable() const
{
    if (broken_) return *broken_;
    return {};
}

Result<void> StoredBatch::remember(Result<void> done)
{
    if (!done && !broken_) broken_ = done.error();
    return done;
}

Result<void> StoredBatch::put_leaves(std::uint64_t first, ByteView leaves)
{
    const std::lock_guard lock{mutex_};
    const auto opened = open();
    if (!opened) return opened.error();
    if ((*opened)->leaves) return {};
    if (const auto good = check_writable(); !good) return good;
    if (first == 0) {
        coming_.reset();
        leaves_ = 0;
        auto file =
            place_.disk.open(place_.file(leaves_file) + std::string{unfinished}, OpenMode::fresh);
        if (!file) return file.error();
        coming_.emplace(Coming{std::move(*file), transfer::TableCheck{summary_}});
    }
    if (!coming_ || coming_->check.leaves() != first)
        return invalid("leaves come in order: the next is " +
                       std::to_string(coming_ ? coming_->check.leaves() : 0));
    if (const auto fits = coming_->check.add(leaves); !fits) return fits;
    if (const auto done = coming_->file->write(first * leaf_bytes, leaves); !done) {
        coming_.reset();
        leaves_ = 0;
        return done;
    }
    if (coming_->check.leaves() == summary_.chunks) return finish_table();
    leaves_ = coming_->check.leaves();
    return {};
}

Result<void> StoredBatch::finish_table()
{
    const auto coming = std::exchange(coming_, std::nullopt);
    leaves_ = 0;
    const auto name = place_.file(leaves_file);
    const auto temporary = name + std::string{unfinished};
    if (!coming->check.holds()) {
        if (const auto done = place_.disk.remove(temporary); !done) return done;
        return invalid("the leaf table is not the one that the root commits to");
    }
    if (const auto done = remember(coming->file->sync()); !done) return done;
    if (const auto done = place_.disk.rename(temporary, name); !done) return done;
    if (const auto done = place_.disk.sync_folder(place_.folder); !done) return done;
    auto file = place_.disk.open(name, OpenMode::existing);
    if (!file) return file.error();
    opened_->leaves = std::move(*file);
    leaves_ = summary_.chunks;
    return {};
}

Result<std::uint64_t> StoredBatch::put_chunks(std::uint64_t first, ByteView bytes)
{
    std::unique_lock lock{mutex_};
    const auto opened = open_with_table();
    if (!opened) return opened.error();
    if (const auto good = check_writable(); !good) return good.error();
    const auto range = transfer::chunks_in(summary_, first, bytes.size());
    if (!range) return range.error();
    const auto want = wanted(**opened, *range);
    if (!want) return want.error();
    const auto beside = wanted(**opened, place_.chunks.written_with(summary_, *range));
    if (!beside) return beside.error();
    std::vector<bool> is_there(beside->range.count);
    for (std::uint64_t i = 0; i < beside->range.count; ++i)
        is_there[i] = (*opened)->have.has(beside->range.first + i);
    const auto holds = [&](std::uint64_t index, ByteView chunk) {
        const auto at = index - beside->range.first;
        const ChunkRange one{index, 1};
        return !is_there[at] || (chunk.size() == transfer::range_bytes(summary_, one) &&
                                 transfer::good_chunks(summary_, one, chunk,
                                                       ByteView{beside->leaves}.subspan(
                                                           at * leaf_bytes, leaf_bytes)) == 1);
    };

    ++writing_;  // keeps it open, and there
    lock.unlock();
    const auto good = transfer::good_chunks(summary_, *range, bytes, want->leaves);
    const ChunkRange kept{first, good};
    const auto length = good == 0 ? 0 : transfer::range_bytes(summary_, kept);
    const auto written =
        good == 0 ? Result<void>{} : want->chunks->write(kept, bytes.first(length), holds);
    lock.lock();
    --writing_;
    written_.notify_all();

    if (!written) return written.error();
    if (is_gone_) return gone();
    if (good == 0) return good;
    unsynced_.push_back(kept);  // those that were there, too: they lie elsewhere now, perhaps
    if (!opened_->have.has_all(kept)) chunk_bytes_ += length;
    return good;
}

Result<void> StoredBatch::sync()
{
    const std::lock_guard lock{mutex_};
    if (is_gone_) return gone();
    if (const auto good = check_writable(); !good) return good;
    if (unsynced_.empty()) return {};
    const auto opened = open();
    if (!opened) return opened.error();
    const auto ranges = std::exchange(unsynced_, {});
    auto& have = (*opened)->have;
    chunk_bytes_ = place_.chunks.bytes_of(summary_, have);  // until they count
    if (const auto done = remember((*opened)->chunks->sync()); !done) return done;
    std::vector<std::uint64_t> pages;
    for (const auto& range : ranges) {
        have.set(range);
        for (auto page = page_of(range.first); page <= page_of(range.end() - 1); ++page)
            pages.push_back(page);
    }
    std::sort(pages.begin(), pages.end());
    pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
    chunk_bytes_ = place_.chunks.bytes_of(summary_, have);
    present_ = have.count();
    for (const auto page : pages)
        if (const auto done = write_page(**opened, page); !done) return done;
    return remember((*opened)->marks->sync());
}

Result<void> StoredBatch::write_page(Opened& opened, std::uint64_t page)
{
    return remember(
        opened.marks->write(first_page_at + page * sector_bytes, encode_page(opened.have, page)));
}

Result<void> StoredBatch::forget_table(Opened& opened)
{
    place_.damaged("leaf table of " + place_.name + " is not what its root commits to");
    opened.leaves.reset();
    leaves_ = 0;
    if (const auto done = place_.disk.remove(place_.file(leaves_file)); !done) return done;
    return place_.disk.sync_folder(place_.folder);
}

Result<void> StoredBatch::forget_chunk(Opened& opened, std::uint64_t index)
{
    place_.damaged("chunk " + std::to_string(index) + " of " + place_.name);
    opened.have.clear(index);
    present_ = opened.have.count();
    chunk_bytes_ = place_.chunks.bytes_of(summary_, opened.have);
    if (const auto done = write_page(opened, page_of(index)); !done) return done;
    return remember(opened.marks->sync());
}

Result<void> StoredBatch::set_mark(std::vector<std::string> holders, std::uint64_t used_ms)
{
    const std::lock_guard lock{mutex_};
    const auto opened = open();
    if (!opened) return opened.error();
    if (const auto good = check_writable(); !good) return good;
    BatchMark next{mark_.number + 1, used_ms, std::move(holders)};
    const auto done = (*opened)->marks->write(next.number % 2 * sector_bytes, encode_mark(next));
    if (!done) return remember(done);
    if (const auto synced = remember((*opened)->marks->sync()); !synced) return synced;
    mark_ = std::move(next);
    return {};
}

Result<void> StoredBatch::retire()
{
    const std::lock_guard lock{mutex_};
    is_gone_ = true;
    return erase_manifest(place_);
}

Result<void> StoredBatch::erase()
{
    std::unique_lock lock{mutex_};
    is_gone_ = true;
    written_.wait(lock, [this] { return writing_ == 0; });
    opened_.reset();
    coming_.reset();
    return erase_files(place_);
}

bool StoredBatch::close_if_idle()
{
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock || !unsynced_.empty() || writing_ != 0) return false;
    coming_.reset();
    leaves_ = 0;
    opened_.reset();
    return true;
}

}  // namespace node
