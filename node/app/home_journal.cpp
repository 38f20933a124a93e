#include "node/app/home_journal.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/disk/disk.hpp"
#include "ledger/disk/folder_lock.hpp"
#include "node/blobs/card_store.hpp"
#include "node/env/files.hpp"
#include "node/inbox/inbox.hpp"
#include "node/payment/payment_records.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace node {

using namespace ledger;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view way_out =
    "; put the folder back as it was, or see millraced recover --accept-journal-loss";

constexpr std::array known_tables{payment_table::channels, payment_table::receipts,
                                  payment_table::chains,   payment_table::links,
                                  payment_table::batches,  payment_table::calls,
                                  payment_table::answers,  payment_table::passes,
                                  CardStore::table,        Inbox::table};

bool is_there(const fs::path& path)
{
    std::error_code unread;
    return fs::exists(path, unread);
}

Error with_way_out(const Error& error)
{
    const bool lost = error.kind == ErrorKind::corrupt || error.kind == ErrorKind::not_found;
    if (!lost) return error;
    return {ErrorKind::corrupt, error.detail + std::string{way_out}};
}

Result<void> mark_as_made(const Home& home)
{
    if (is_there(home.journal_mark())) return {};
    return write_file(home.journal_mark(), as_bytes("this home has a journal\n"));
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& entries)
{
    return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                           [](auto sum, const auto& table) { return sum + table.second; });
}

/// The first folder beside the journal that is not there yet, made.
Result<fs::path> make_aside(const Home& home)
{
    for (unsigned n = 1;; ++n) {
        const fs::path aside = home.journal().string() + ".damaged-" + std::to_string(n);
        std::error_code error;
        if (fs::create_directory(aside, error)) return aside;
        if (error) return Error{ErrorKind::io, aside.string() + ": " + error.message()};
    }
}

Result<void> move_aside(const Home& home, const fs::path& aside, const char* part)
{
    const auto from = home.journal() / part;
    if (!is_there(from)) return {};
    PosixDisk disk;
    if (const auto done = disk.rename(from.string(), (aside / part).string()); !done) return done;
    if (const auto done = disk.sync_folder(aside.string()); !done) return done;
    return disk.sync_folder(home.journal().string());
}

/// Lets a journal begin, with what its database has or with nothing, and reads all of it.
Result<std::uint64_t> begin_again(const Home& home, bool with_database)
{
    const JournalStart start{.was_made = with_database, .begin_log_anew = true};
    {
        const auto begun = open_rocks_journal(home.journal(), start);
        if (!begun) return begun.error();
    }
    const auto checked = check_rocks_journal(home.journal());
    if (!checked) return checked.error();
    return sum_of(checked->entries);
}

}  // namespace

Result<std::unique_ptr<Journal>> open_home_journal(const Home& home)
{
    JournalStart start;
    start.was_made = is_there(home.journal_mark());
    start.on_cut = [&](std::size_t bytes) {
        spdlog::warn(
            "{} bytes behind the last record of the journal's log are no record and were "
            "cut off: what a killed node had not written to its end, or damage",
            bytes);
    };
    const bool begins = !is_there(home.journal());
    auto journal = open_rocks_journal(home.journal(), start);
    if (!journal) return with_way_out(journal.error());
    if (begins) spdlog::info("a journal of payments begins in {}", home.journal().string());
    if (const auto done = mark_as_made(home); !done) return done.error();
    return journal;
}

Result<std::optional<JournalReport>> verify_home_journal(
    const Home& home, const market::Network& network,
    const std::function<void(std::uint64_t)>& progress)
{
    if (!is_there(home.journal()) && !is_there(home.journal_mark()))
        return std::optional<JournalReport>{};
    const auto checked = check_rocks_journal(home.journal());
    if (!checked) return with_way_out(checked.error());
    const GroupedJournal reads{*checked->journal};

    JournalReport report;
    std::optional<Address> own_key;
    if (const auto key = read_key(home.host_key()))
        own_key = address_of(*key);
    else
        report.not_checked.push_back("whether the host's key is its own: " + key.error().detail);
    auto payments = audit_payments(network, reads, own_key, progress);
    if (!payments) return payments.error();
    report.payments = std::move(*payments);
    if (const auto good = check_cards(reads); !good)
        return Error{good.error().kind, "journal: " + good.error().detail};
    if (const auto good = check_waiting_batches(reads); !good)
        return Error{good.error().kind, "journal: " + good.error().detail};

    report.entries = sum_of(checked->entries);
    report.log_records = checked->log_records;
    report.torn_bytes = checked->torn_bytes;
    if (report.torn_bytes > 0)
        report.not_checked.push_back(
            std::to_string(report.torn_bytes) +
            " bytes behind the last record of the journal's log, which are no record: what a "
            "killed node had not written to its end, or damage; the next start cuts them off");
    for (const auto& [signer, count] : report.payments.other_signers)
        report.not_checked.push_back(std::to_string(count) + " receipts of the journal signed by " +
                                     to_checksum(signer) + ", which is not the host's key now");
    for (const auto& [table, count] : checked->entries)
        if (std::ranges::find(known_tables, table) == known_tables.end())
            report.not_checked.push_back(std::to_string(count) + " entries of the journal in " +
                                         table + ", which this version does not use");
    return std::optional{std::move(report)};
}

Result<JournalLoss> accept_journal_loss(const Home& home)
{
    const auto lock = FolderLock::take(home.data());
    if (!lock) return lock.error();
    const bool there = is_there(home.journal());
    if (!there && !is_there(home.journal_mark()))
        return Error{ErrorKind::invalid, "this home never had a journal: nothing is lost"};
    if (there) {
        const auto checked = check_rocks_journal(home.journal());
        if (checked)
            return Error{ErrorKind::invalid, "the journal is well: there is nothing to recover"};
        if (checked.error().kind != ErrorKind::corrupt) return checked.error();
    }
    JournalLoss loss;
    bool has_database = false;
    if (there) {
        const auto aside = make_aside(home);
        if (!aside) return aside.error();
        loss.aside = *aside;
        if (const auto done = move_aside(home, *aside, "log"); !done) return done.error();
        const auto alone = check_rocks_journal(home.journal(), false);
        if (!alone && alone.error().kind != ErrorKind::corrupt) return alone.error();
        has_database = alone.has_value();
    }
    if (there && !has_database)
        if (const auto done = move_aside(home, loss.aside, "db"); !done) return done.error();
    const auto kept = begin_again(home, has_database);
    if (!kept) return kept.error();
    loss.kept = *kept;
    if (const auto done = mark_as_made(home); !done) return done.error();
    return loss;
}

}  // namespace node
