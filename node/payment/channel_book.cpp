#include "node/payment/channel_book.hpp"

#include "ledger/base/big_endian.hpp"
#include "market/signing.hpp"
#include "node/payment/journal_scan.hpp"
#include "node/payment/x402_errors.hpp"

#include <algorithm>

namespace node {

using ledger::Amount;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using market::ChannelId;

Result<void> ChannelBook::rebuild(const PaymentJournal& journal)
{
    const std::lock_guard lock{mutex_};
    if (auto read = read_channels(journal); !read) return read;
    if (auto read = read_chains(journal); !read) return read;
    if (auto read = read_receipts(journal); !read) return read;
    for (const auto& [channel, entry] : channels_) note_unsettled(channel, entry);
    return {};
}

Result<void> ChannelBook::read_channels(const PaymentJournal& journal)
{
    return scan_records<ChannelRecord>(journal, {payment_table::channels, {}},
                                       [&](ledger::ByteView key, ChannelRecord record) {
                                           channels_[ChannelId::of(key)].record = std::move(record);
                                           return true;
                                       });
}

Result<void> ChannelBook::read_receipts(const PaymentJournal& journal)
{
    return scan_records<ReceiptRecord>(
        journal, {payment_table::receipts, {}}, [&](ledger::ByteView, const ReceiptRecord& stored) {
            const auto& receipt = stored.receipt;
            const auto found = channels_.find(receipt.channel_id);
            if (found == channels_.end()) return true;
            auto& entry = found->second;
            if (stored.signature == market::Signature{}) {
                add_record(entry, receipt, market::record_leaf(receipt));
            } else {
                add_receipt(entry, receipt);
                entry.batched_seq = std::max(entry.batched_seq, receipt.seq);
            }
            return true;
        });
}

std::optional<ChannelRecord> ChannelBook::find(const ChannelId& channel) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end() || found->second.record.seq == 0) return {};
    return found->second.record;
}

std::optional<market::Address> ChannelBook::receiver(const ChannelId& channel) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return {};
    return found->second.record.config.receiver;
}

Amount ChannelBook::charged(const ChannelId& channel, Amount ledger_total) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    return found == channels_.end() ? ledger_total
                                    : std::max(found->second.record.charged, ledger_total);
}

Result<Lease, x402::Refusal> ChannelBook::reserve(const ReserveFor& wanted, Clock::Steady now,
                                                  Clock::Steady until)
{
    const std::lock_guard lock{mutex_};
    auto& entry = channels_[wanted.channel];
    const bool held = entry.lease != 0 && (entry.charging || now < entry.lease_until);
    // A claim can name so many versions; those already charged must be claimed first.
    const bool full =
        wanted.ver == market::model_line && entry.versions.size() >= versions_per_claim;
    if (held || full) return x402::Refusal{402, std::string{x402::channel_busy}};
    if (std::max(entry.record.charged, wanted.ledger_total) != wanted.charged)
        return x402::Refusal{402, std::string{x402::cumulative_amount_mismatch}};

    entry.record.config = wanted.config;
    entry.record.model = wanted.model;
    entry.record.ver = wanted.ver;
    entry.lease = next_lease_++;
    entry.lease_until = until;
    return Lease{entry.lease, wanted.channel, wanted.charged};
}

ChannelBook::Entry* ChannelBook::leased(const Lease& lease)
{
    const auto found = channels_.find(lease.channel);
    if (found == channels_.end() || found->second.lease != lease.id) return nullptr;
    return &found->second;
}

void ChannelBook::release(const Lease& lease)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    if (!entry) return;
    entry->lease = 0;
    entry->charging = false;
    if (entry->record.seq == 0 && entry->record.claim_max.is_zero()) channels_.erase(lease.channel);
}

bool ChannelBook::extend(const Lease& lease, Clock::Steady until)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    if (!entry) return false;
    entry->lease_until = std::max(entry->lease_until, until);
    return true;
}

std::optional<ChannelRecord> ChannelBook::begin_charge(const Lease& lease, Amount charged,
                                                       const SpentVoucher& voucher)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    if (!entry) return {};
    entry->charging = true;
    auto next = entry->record;
    next.charged = lease.charged_before + charged;
    next.seq += 1;
    next.voucher_max = voucher.max_claimable;
    next.voucher_signature = voucher.signature;
    if (!disputable(*entry, voucher.max_claimable, next.charged)) {
        next.claim_total = next.charged;
        next.claim_max = voucher.max_claimable;
        next.claim_signature = voucher.signature;
    }
    return next;
}

void ChannelBook::finish_charge(const Lease& lease, const ChannelRecord& record,
                                const market::UsageReceipt& receipt)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    ledger::ensure(entry != nullptr, "a lease does not run out while its charge is written");
    entry->record = record;
    add_receipt(*entry, receipt);
    entry->loose.clear();
    entry->batched_seq = receipt.seq;
    note_unsettled(lease.channel, *entry);
}

std::optional<ChannelRecord> ChannelBook::begin_closing(const Lease& lease,
                                                        const SpentVoucher& closing)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    if (!entry || disputable(*entry, closing.max_claimable, entry->record.charged)) return {};
    entry->charging = true;
    auto next = entry->record;
    next.claim_total = next.charged;
    next.claim_max = closing.max_claimable;
    next.claim_signature = closing.signature;
    return next;
}

void ChannelBook::finish_closing(const Lease& lease, const ChannelRecord& record)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    ledger::ensure(entry != nullptr, "a lease does not run out while its charge is written");
    entry->record = record;
    note_unsettled(lease.channel, *entry);
}

std::vector<ChannelId> ChannelBook::unsettled() const
{
    const std::lock_guard lock{mutex_};
    return {unsettled_.begin(), unsettled_.end()};
}

std::optional<market::ClaimRow> ChannelBook::claim_row(const ChannelId& channel,
                                                       Amount ledger_total) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return {};
    const auto& entry = found->second;
    const auto& record = entry.record;
    if (record.claim_total <= ledger_total) return {};
    market::ClaimRow row{
        record.config, record.claim_max, record.claim_signature, record.claim_total, {}};
    if (record.ver == market::model_line) row.uses = uses(entry, ledger_total, record.claim_total);
    return row;
}

void ChannelBook::settled(const ChannelId& channel, Amount total_claimed)
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    auto& entry = found->second;
    entry.settled = std::max(entry.settled, total_claimed);
    while (!entry.runs.empty() && entry.runs.front().end <= entry.settled) {
        const auto& run = entry.runs.front();
        if (--entry.versions[run.ver] == 0) entry.versions.erase(run.ver);
        entry.runs_from = run.end;
        entry.runs.pop_front();
    }
    note_unsettled(channel, entry);
}

std::size_t ChannelBook::size() const
{
    const std::lock_guard lock{mutex_};
    return channels_.size();
}

ChannelBook::Totals ChannelBook::totals() const
{
    const std::lock_guard lock{mutex_};
    Totals totals;
    for (const auto& [channel, entry] : channels_) {
        if (entry.record.seq == 0) continue;
        ++totals.channels;
        totals.charged = totals.charged + entry.record.charged;
        totals.owed = totals.owed + entry.record.charged.minus(entry.settled).value_or(Amount{});
    }
    return totals;
}

void ChannelBook::note_unsettled(const ChannelId& channel, const Entry& entry)
{
    if (std::max(entry.record.claim_total, entry.chain_total()) > entry.settled)
        unsettled_.insert(channel);
    else
        unsettled_.erase(channel);
}

void ChannelBook::add_run(Entry& entry, const market::UsageReceipt& receipt)
{
    const auto from = receipt.charged_cumulative.minus(receipt.charged).value_or(Amount{});
    if (entry.runs.empty()) {
        entry.runs_from = from;
    } else if (entry.runs.back().end < from) {
        // Our own count was lost in between: what lies there has been claimed already.
        entry.runs.clear();
        entry.versions.clear();
        entry.runs_from = from;
    }
    if (!entry.runs.empty() && entry.runs.back().ver == receipt.ver) {
        entry.runs.back().end = receipt.charged_cumulative;
    } else {
        entry.runs.push_back({receipt.ver, receipt.charged_cumulative});
        ++entry.versions[receipt.ver];
    }
}

void ChannelBook::add_receipt(Entry& entry, const market::UsageReceipt& receipt)
{
    add_run(entry, receipt);
    entry.ceilings.try_emplace(receipt.max_claimable, receipt.charged_cumulative);
    // The ceilings of vouchers to come are above what is charged now.
    const auto charged = std::max(entry.record.charged, receipt.charged_cumulative);
    entry.ceilings.erase(entry.ceilings.begin(), entry.ceilings.lower_bound(charged));
}

bool ChannelBook::disputable(const Entry& entry, Amount ceiling, Amount total)
{
    const auto found = entry.ceilings.find(ceiling);
    return found != entry.ceilings.end() && found->second < total;
}

std::vector<market::VersionUse> ChannelBook::uses(const Entry& entry, Amount from, Amount to)
{
    std::map<market::Version, Amount> sums;
    auto begin = entry.runs_from;
    for (const auto& run : entry.runs) {
        const auto low = std::max(begin, from);
        const auto high = std::min(run.end, to);
        if (low < high) sums[run.ver] = sums[run.ver] + (high - low);
        begin = run.end;
    }
    std::vector<market::VersionUse> uses;
    for (const auto& [ver, amount] : sums) uses.push_back({ver, amount});
    return uses;
}

ledger::Bytes receipt_key(const ChannelId& channel, std::uint64_t seq)
{
    ledger::Bytes key{channel.bytes.begin(), channel.bytes.end()};
    ledger::append_big_endian(key, seq);
    return key;
}

Result<std::vector<ReceiptRecord>> find_receipts(const PaymentJournal& journal,
                                                 const ChannelId& channel, std::uint64_t from_seq,
                                                 std::size_t limit)
{
    std::vector<ReceiptRecord> receipts;
    const auto first = receipt_key(channel, from_seq);
    const auto read =
        scan_records<ReceiptRecord>(journal, {payment_table::receipts, channel.view(), first},
                                    [&](ledger::ByteView, ReceiptRecord stored) {
                                        if (stored.settled && receipts.size() < limit)
                                            receipts.push_back(std::move(stored));
                                        return receipts.size() < limit;
                                    });
    if (!read) return read.error();
    return receipts;
}

}  // namespace node
