#include "edge/queue/queue_files.hpp"

#include "edge/queue/small_files.hpp"
#include "edge/queue/wire.hpp"

#include <algorithm>
#include <utility>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::Disk;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t number_digits = 20;

std::string digits(std::uint64_t number)
{
    const auto text = std::to_string(number);
    return std::string(number_digits - text.size(), '0') + text;
}

std::string counter_name(std::uint64_t next)
{
    return "next-" + digits(next);
}

std::optional<std::uint64_t> number_of(std::string_view text)
{
    if (text.size() != number_digits) return {};
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return {};
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (number > (UINT64_MAX - digit) / 10) return {};
        number = number * 10 + digit;
    }
    return number;
}

}  // namespace

std::string batch_file_name(std::uint64_t number)
{
    return digits(number) + ".batch";
}

std::string damaged_file_name(std::uint64_t number)
{
    return digits(number) + ".damaged";
}

std::optional<std::uint64_t> batch_number(std::string_view file_name, std::string_view ending)
{
    if (!file_name.ends_with(ending)) return {};
    return number_of(file_name.substr(0, file_name.size() - ending.size()));
}

std::optional<std::uint64_t> counter_of(std::string_view file_name)
{
    if (!file_name.starts_with("next-")) return {};
    return number_of(file_name.substr(5));
}

Result<std::optional<QueueIdentity>> read_identity(Disk& disk, const std::string& folder)
{
    const auto body = read_small_file(disk, folder, "queue", RecordType::identity);
    if (!body) return body.error();
    if (!*body) return std::optional<QueueIdentity>{};
    Fields fields{**body};
    QueueIdentity identity;
    identity.network = fields.id<ledger::Hash>();
    identity.dataset = fields.id<ledger::Hash>();
    identity.device = fields.id<ledger::PublicKey>();
    if (!fields.done()) return Error{ErrorKind::corrupt, folder + "/queue is no identity"};
    return std::optional{identity};
}

Result<void> write_identity(Disk& disk, const std::string& folder, const QueueIdentity& identity)
{
    Bytes body;
    ledger::append(body, identity.network.view());
    ledger::append(body, identity.dataset.view());
    ledger::append(body, identity.device.view());
    return write_small_file(disk, folder, "queue", RecordType::identity, body);
}

Result<QueueCounts> read_counts(Disk& disk, const std::string& folder)
{
    const auto body = read_small_file(disk, folder, "counts", RecordType::counts);
    if (!body) return body.error();
    if (!*body) return QueueCounts{};
    Fields fields{**body};
    QueueCounts counts;
    for (auto* count : {&counts.sent, &counts.dropped_batches, &counts.dropped_items,
                        &counts.damaged, &counts.removing, &counts.next})
        *count = fields.integer(8);
    if (!fields.done()) return Error{ErrorKind::corrupt, folder + "/counts are no counts"};
    return counts;
}

Result<void> write_counts(Disk& disk, const std::string& folder, const QueueCounts& counts)
{
    Bytes body;
    for (const auto count : {counts.sent, counts.dropped_batches, counts.dropped_items,
                             counts.damaged, counts.removing, counts.next})
        append_integer(body, count, 8);
    return write_small_file(disk, folder, "counts", RecordType::counts, body);
}

Result<BatchCounter> BatchCounter::open(Disk& disk, const std::string& folder,
                                        std::uint64_t at_least)
{
    const auto names = disk.list(folder);
    if (!names) return names.error();
    std::uint64_t next = 0;
    for (const auto& name : *names)
        if (const auto number = counter_of(name)) next = std::max(next, *number);
    if (next >= at_least) return BatchCounter{folder, next, counter_name(next)};
    const auto name = counter_name(at_least);
    const auto made = disk.open(folder + "/" + name, ledger::OpenMode::fresh);
    if (!made) return made.error();
    if (const auto done = disk.sync_folder(folder); !done) return done.error();
    return BatchCounter{folder, at_least, name};
}

Result<std::uint64_t> BatchCounter::take(Disk& disk)
{
    const auto number = next_++;
    const auto name = counter_name(next_);
    if (const auto done = disk.rename(folder_ + "/" + name_, folder_ + "/" + name); !done)
        return done.error();
    name_ = name;
    if (const auto done = disk.sync_folder(folder_); !done) return done.error();
    return number;
}

Result<TakenItems> TakenItems::open(Disk& disk, const std::string& folder)
{
    const auto body = read_small_file(disk, folder, "taken", RecordType::taken);
    if (!body) return body.error();
    TakenItems taken;
    if (!*body) return taken;
    Fields fields{**body};
    while (fields.left() >= ItemId::size) taken.ids_.insert(fields.id<ItemId>());
    if (!fields.done()) return Error{ErrorKind::corrupt, folder + "/taken is no list of items"};
    return taken;
}

Result<void> TakenItems::add(Disk& disk, const std::string& folder, const std::vector<ItemId>& more)
{
    auto ids = ids_;
    ids.insert(more.begin(), more.end());
    return replace(disk, folder, std::move(ids));
}

Result<void> TakenItems::keep(Disk& disk, const std::string& folder,
                              const std::set<ItemId>& present)
{
    std::set<ItemId> ids;
    std::ranges::set_intersection(ids_, present, std::inserter(ids, ids.end()));
    return replace(disk, folder, std::move(ids));
}

Result<void> TakenItems::replace(Disk& disk, const std::string& folder, std::set<ItemId> ids)
{
    if (ids.size() == ids_.size()) return {};
    Bytes body;
    body.reserve(ids.size() * ItemId::size);
    for (const auto& id : ids) ledger::append(body, id.view());
    if (const auto done = write_small_file(disk, folder, "taken", RecordType::taken, body); !done)
        return done;
    ids_ = std::move(ids);
    return {};
}

}  // namespace edge
