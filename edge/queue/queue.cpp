#include "edge/queue/queue.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/sealing/items.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace edge {
namespace {

using ledger::ByteView;
using ledger::Disk;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

/// Of text that waits in memory: more is synced unasked.
constexpr std::uint64_t most_waiting_bytes = std::uint64_t{4} << 20;
constexpr std::size_t most_rows_bytes = 64 * 1024;
constexpr std::size_t row_name_bytes = 11;
constexpr std::uint64_t closing_bytes = record_frame_bytes + close_bytes;

Result<void> check(const QueueOptions& options)
{
    auto masters = options.masters;
    std::ranges::sort(masters);
    if (masters.empty() || masters.size() > most_masters ||
        std::ranges::adjacent_find(masters) != masters.end())
        return invalid("a queue seals to 1 to 16 different master keys");
    if (options.budget_bytes < least_budget_bytes)
        return invalid("a queue's budget is at least " + std::to_string(least_budget_bytes) +
                       " bytes");
    if (options.cut_bytes == 0 || options.cut_bytes > options.budget_bytes / 2)
        return invalid("batches are cut at 1 byte to half of the budget");
    if (options.cut_seconds == 0) return invalid("batches are cut after at least a second");
    if (options.first_batch == 0) return invalid("batches are numbered from 1");
    return {};
}

std::string row_name(std::uint64_t number)
{
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "rows/%06llu", static_cast<unsigned long long>(number));
    return name.data();
}

Result<void> check_identity(Disk& disk, const std::string& folder, const QueueIdentity& mine)
{
    const auto found = read_identity(disk, folder);
    if (!found && found.error().kind == ErrorKind::corrupt) {
        // The numbers are in the counter's name: who opens it with the same key may go on.
        if (const auto done = disk.rename(folder + "/queue", folder + "/queue.damaged"); !done)
            return done;
        return write_identity(disk, folder, mine);
    }
    if (!found) return found.error();
    if (!*found) return write_identity(disk, folder, mine);
    if (**found != mine)
        return Error{ErrorKind::denied,
                     folder + " is the queue of another network, dataset or device"};
    return {};
}

}  // namespace

Result<std::unique_ptr<Queue>> Queue::open(Disk& disk, const std::string& folder,
                                           const ledger::SecretKey& device, QueueOptions options,
                                           ledger::Random& random, Clock clock)
{
    if (const auto good = check(options); !good) return good.error();
    return open_checked(disk, folder, device, std::move(options), random, std::move(clock));
}

Result<std::unique_ptr<Queue>> Queue::open_to_send(Disk& disk, const std::string& folder,
                                                   const ledger::SecretKey& device,
                                                   ledger::Random& random, Clock clock)
{
    const auto found = read_identity(disk, folder);
    if (!found) return found.error();
    if (!*found) return Error{ErrorKind::not_found, folder + " is no queue"};
    QueueOptions options;
    options.network = (*found)->network;
    options.dataset = (*found)->dataset;
    return open_checked(disk, folder, device, std::move(options), random, std::move(clock));
}

Result<std::unique_ptr<Queue>> Queue::open_checked(Disk& disk, const std::string& folder,
                                                   const ledger::SecretKey& device,
                                                   QueueOptions options, ledger::Random& random,
                                                   Clock clock)
{
    const QueueIdentity mine{options.network, options.dataset, public_key(device)};
    if (const auto same = check_identity(disk, folder, mine); !same) return same.error();
    auto shelf = BatchShelf::open(disk, folder, device);
    if (!shelf) return shelf.error();
    auto counter =
        BatchCounter::open(disk, folder, std::max(options.first_batch, shelf->numbers_end()));
    if (!counter) return counter.error();
    return std::unique_ptr<Queue>{new Queue{disk, folder, std::move(options), random,
                                            std::move(clock), std::move(*shelf),
                                            std::move(*counter)}};
}

Queue::Queue(Disk& disk, std::string folder, QueueOptions options, ledger::Random& random,
             Clock clock, BatchShelf shelf, BatchCounter counter)
    : disk_{&disk},
      folder_{std::move(folder)},
      options_{std::move(options)},
      random_{&random},
      clock_{std::move(clock)},
      shelf_{std::move(shelf)},
      counter_{std::move(counter)}
{
    rows_.reserve(2 * most_rows_bytes);
}

Queue::~Queue()
{
    ledger::wipe(rows_);
}

Result<Queue::Added> Queue::add(std::string_view name, ByteView bytes,
                                const std::optional<ItemId>& id)
{
    if (id && knows(*id)) return Added::known;
    if (const auto good = ledger::sealing::check_item_name(name); !good) return good.error();
    if (name == "rows" || name.starts_with("rows/"))
        return invalid("names below rows/ are for rows");
    if (bytes.size() > most_item_bytes)
        return invalid("an item has at most " + std::to_string(most_item_bytes) + " bytes");
    if (id && shelf_.known_items() + open_ids_.size() >= TakenItems::most)
        return Error{ErrorKind::full, "the queue remembers " + std::to_string(TakenItems::most) +
                                          " items; remove those that were sent from their source"};
    if (open_ && open_->items() >= most_batch_items)
        if (const auto done = remember(cut_now()); !done) return done.error();
    if (const auto done = begin_if_none(); !done) return done.error();
    if (const auto free = open_->check_name(name); !free) return free.error();
    if (const auto done = make_room(name.size(), bytes.size()); !done) return done.error();
    open_->add(name, bytes, options_.shares == SharesRule::rows ? 1 : bytes.size(), id);
    if (id) open_ids_.insert(*id);
    if (open_->waiting_bytes() > most_waiting_bytes)
        if (const auto done = remember(sync_now()); !done) return done.error();
    return Added::added;
}

Result<void> Queue::add_row(ByteView row)
{
    if (row.size() >= most_rows_bytes)
        return invalid("a row has less than " + std::to_string(most_rows_bytes) + " bytes");
    if (std::ranges::find(row, '\n') != row.end()) return invalid("a row is one line");
    if (open_ && open_->items() >= most_batch_items)
        if (const auto done = remember(cut_now()); !done) return done;
    if (const auto done = begin_if_none(); !done) return done;
    if (const auto done = make_room(row_name_bytes, row.size() + 1); !done) return done;
    if (rows_.size() + row.size() + 1 > most_rows_bytes) flush_rows();
    ledger::append(rows_, row);
    rows_.push_back('\n');
    ++row_count_;
    if (open_->waiting_bytes() > most_waiting_bytes) return remember(sync_now());
    return {};
}

void Queue::flush_rows()
{
    if (row_count_ == 0) return;
    open_->add(row_name(++row_items_), rows_,
               options_.shares == SharesRule::rows ? row_count_ : rows_.size(), {});
    ledger::wipe(rows_);
    rows_.clear();
    row_count_ = 0;
}

Result<void> Queue::begin_if_none()
{
    if (open_) return {};
    if (options_.masters.empty()) return invalid("the queue was opened to send only");
    BatchBegin begin;
    begin.network = options_.network;
    begin.dataset = options_.dataset;
    begin.schema = options_.schema;
    begin.meta = options_.meta;
    begin.shares = options_.shares;
    begin.begun_at = clock_();
    auto made = OpenBatch::make(counter_.next(), std::move(begin), options_.masters, *random_);
    if (!made) return made.error();
    open_ = std::move(*made);
    row_items_ = 0;
    return {};
}

Result<void> Queue::make_room(std::size_t name_bytes, std::uint64_t bytes)
{
    while (true) {
        const auto growth =
            open_->most_growth(name_bytes + row_name_bytes, bytes + 11 + rows_.size());
        if (shelf_.file_bytes() + open_->file_bytes() + growth + closing_bytes <=
            options_.budget_bytes)
            return {};
        if (options_.when_full == WhenFull::refuse) break;
        const auto dropped = shelf_.drop_oldest_damaged();
        if (!dropped) return dropped.error();
        if (*dropped) continue;
        // One that is being sent would be counted as dropped and arrive all the same; and where
        // the line is slower than what is recorded, none would ever arrive.
        const auto oldest = shelf_.oldest_unread();
        if (!oldest) break;
        if (const auto done = shelf_.remove(*oldest, BatchShelf::Why::dropped); !done) return done;
    }
    return Error{ErrorKind::full, "the queue's budget of " + std::to_string(options_.budget_bytes) +
                                      " bytes is used up"};
}

Result<void> Queue::remember(Result<void> done)
{
    if (!done) lost_ = done.error();
    return done;
}

Result<void> Queue::tell_loss()
{
    if (!lost_) return {};
    return *std::exchange(lost_, std::nullopt);
}

Result<void> Queue::sync()
{
    if (const auto told = tell_loss(); !told) return told;
    return sync_now();
}

Result<void> Queue::cut()
{
    if (const auto told = tell_loss(); !told) return told;
    return cut_now();
}

Result<void> Queue::sync_now()
{
    if (open_) {
        flush_rows();
        if (open_->is_waiting())
            if (const auto done = sync_open(); !done) {
                let_go();
                return done;
            }
    }
    if (is_due()) let_go();
    return {};
}

Result<void> Queue::sync_open()
{
    if (!open_->is_created()) {
        const auto number = counter_.take(*disk_);
        if (!number) return number.error();
        ledger::ensure(*number == open_->number(), "a batch has the number that is next");
        const auto path = folder_ + "/" + batch_file_name(*number);
        if (const auto done = open_->create(*disk_, folder_, path); !done) return done;
    }
    return open_->sync();
}

void Queue::let_go()
{
    ledger::wipe(rows_);
    rows_.clear();
    row_count_ = 0;
    open_ids_.clear();
    if (open_->is_created())
        shelf_.take_over(open_->number(), open_->file_bytes(), open_->synced_ids());
    open_.reset();
    // What cannot be closed now is tried again when the next one is; what is on the disk is safe.
    static_cast<void>(shelf_.settle());
}

Result<void> Queue::cut_now()
{
    if (open_) {
        flush_rows();
        Result<void> done;
        if (open_->is_waiting()) done = sync_open();
        let_go();
        if (!done) return done;
    }
    return shelf_.settle();
}

bool Queue::is_due() const
{
    if (!open_ || open_->items() == 0) return false;
    // A clock that was set back makes a batch seem younger than nothing: then it is cut.
    const auto now = clock_();
    return open_->sealed_bytes() >= options_.cut_bytes || now < open_->begun_at() ||
           now - open_->begun_at() >= options_.cut_seconds;
}

std::optional<std::uint64_t> Queue::next_unsent(std::uint64_t after) const
{
    for (auto at = shelf_.batches().upper_bound(after); at != shelf_.batches().end(); ++at)
        if (at->second.close) return at->first;
    return {};
}

Result<StoredBatch> Queue::read(std::uint64_t number) const
{
    const auto* batch = shelf_.find(number);
    if (batch == nullptr)
        return Error{ErrorKind::not_found, "there is no batch " + std::to_string(number)};
    auto file = disk_->open(folder_ + "/" + batch_file_name(number), ledger::OpenMode::existing);
    if (!file) return file.error();
    auto image = BatchImage::scan(**file, number);
    if (!image) return image.error();
    if (image->sealed_bytes() != batch->sealed_bytes)
        return Error{ErrorKind::corrupt, "batch " + std::to_string(number) + " has changed"};
    auto contribution = contribution_of(*image, batch->close->root);
    return StoredBatch{std::move(*image), std::move(*file), std::move(contribution),
                       batch->close->signature, batch->reading};
}

Result<void> Queue::mark_sent(std::uint64_t number)
{
    if (shelf_.find(number) == nullptr)
        return Error{ErrorKind::not_found, "there is no batch " + std::to_string(number)};
    return shelf_.remove(number, BatchShelf::Why::sent);
}

Result<void> Queue::set_aside(std::uint64_t number)
{
    if (shelf_.find(number) == nullptr)
        return Error{ErrorKind::not_found, "there is no batch " + std::to_string(number)};
    return shelf_.set_aside(number);
}

QueueStats Queue::stats() const
{
    QueueStats stats;
    for (const auto& [number, batch] : shelf_.batches()) {
        if (!batch.close) continue;
        ++stats.batches;
        stats.batch_bytes += batch.sealed_bytes;
        stats.batch_items += batch.items;
        if (stats.oldest_begun_at == 0 || batch.begun_at < stats.oldest_begun_at)
            stats.oldest_begun_at = batch.begun_at;
    }
    stats.file_bytes = shelf_.file_bytes();
    if (open_) {
        stats.open_items = open_->synced_items();
        stats.waiting_items = open_->items() - open_->synced_items() + row_count_;
        stats.file_bytes += open_->file_bytes();
    }
    stats.next_batch = counter_.next();
    stats.counts = shelf_.counts();
    return stats;
}

}  // namespace edge
