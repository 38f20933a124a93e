#pragma once

#include "market/state/records.hpp"
#include "node/env/clock.hpp"
#include "node/payment/payment_journal.hpp"
#include "node/payment/payment_records.hpp"
#include "node/payment/x402_wire.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace node {

/// The right to be the one call that runs on a channel. Held in memory, never on disk: after a
/// crash or a deadline the channel is free again.
struct Lease {
    std::uint64_t id{};
    market::ChannelId channel;
    market::Amount charged_before;
};

struct ReserveFor {
    market::ChannelId channel;
    market::ChannelConfig config;
    market::ModelId model;
    market::Version ver;          ///< what the receiver stands for
    market::Amount charged;       ///< what the caller's voucher was checked against
    market::Amount ledger_total;  ///< claimed on the ledger, pending included
};

/// A voucher of a call that is over.
struct SpentVoucher {
    market::Amount max_claimable;
    market::Signature signature;
};

/// What the node knows of each channel beyond the ledger: charges, vouchers, receipted ceilings
/// and who is being served. Holds no more channels than have been charged, or are being served.
/// Any thread: one lock, held for map look-ups only.
class ChannelBook {
public:
    static constexpr std::size_t versions_per_claim = 8;

    /// Reads what a journal holds; once, before anything else. Errors: the journal's, `corrupt`.
    ledger::Result<void> rebuild(const PaymentJournal& journal);

    std::optional<ChannelRecord> find(const market::ChannelId&) const;

    /// What has been charged in all: our own count, or the ledger's if ours was lost.
    market::Amount charged(const market::ChannelId&, market::Amount ledger_total) const;

    /// Refused with `channel_busy` while another call holds the channel, with
    /// `cumulative_amount_mismatch` when it was charged since it was looked at.
    ledger::Result<Lease, x402::Refusal> reserve(const ReserveFor&, Clock::Steady now,
                                                 Clock::Steady until);
    /// Does nothing when the lease is over.
    void release(const Lease&);

    /// The record after a call charged `charged`, if the lease still holds; from here on it cannot
    /// run out, until `finish_charge` or `release`. Write it, then finish.
    std::optional<ChannelRecord> begin_charge(const Lease&, market::Amount charged,
                                              const SpentVoucher&);
    /// Once the record and the receipt are durable.
    void finish_charge(const Lease&, const ChannelRecord&, const market::UsageReceipt&);

    /// The record that can be claimed in full by `closing`, a voucher whose ceiling is what was
    /// charged, as a refund carries one. Empty when the lease is lost, or when an earlier receipt
    /// with that ceiling could dispute such a claim.
    std::optional<ChannelRecord> begin_closing(const Lease&, const SpentVoucher& closing);
    void finish_closing(const Lease&, const ChannelRecord&);

    /// Channels of which the ledger has not settled all that can be claimed.
    std::vector<market::ChannelId> unsettled() const;
    /// The row that claims everything claimable above `ledger_total`; empty when there is nothing.
    std::optional<market::ClaimRow> claim_row(const market::ChannelId&,
                                              market::Amount ledger_total) const;
    /// The ledger settled the channel up to `total_claimed`.
    void settled(const market::ChannelId&, market::Amount total_claimed);

    std::size_t size() const;

private:
    /// Charges of one version in a row, up to `end` cumulative.
    struct Run {
        market::Version ver;
        market::Amount end;
    };
    struct Entry {
        ChannelRecord record;
        market::Amount runs_from;
        std::deque<Run> runs;
        std::map<market::Version, std::size_t> versions;  ///< runs of each
        /// Receipted ceilings not below `charged`, with the least total receipted under each.
        std::map<market::Amount, market::Amount> ceilings;
        std::uint64_t lease = 0;  ///< 0: free
        Clock::Steady lease_until{};
        bool charging = false;
        market::Amount settled;
    };

    static void add_receipt(Entry&, const market::UsageReceipt&);
    static bool disputable(const Entry&, market::Amount ceiling, market::Amount total);
    static std::vector<market::VersionUse> uses(const Entry&, market::Amount from,
                                                market::Amount to);
    Entry* leased(const Lease&);
    void note_unsettled(const market::ChannelId&, const Entry&);

    mutable std::mutex mutex_;
    std::map<market::ChannelId, Entry> channels_;
    std::set<market::ChannelId> unsettled_;
    std::uint64_t next_lease_ = 1;
};

/// Receipts of a channel from `from_seq` on, oldest first, at most `limit`; those of exact payments
/// that the ledger has not settled are left out. Errors: the journal's, `corrupt`.
ledger::Result<std::vector<ReceiptRecord>> find_receipts(const PaymentJournal& journal,
                                                         const market::ChannelId& channel,
                                                         std::uint64_t from_seq, std::size_t limit);
/// Key of a receipt in its table.
ledger::Bytes receipt_key(const market::ChannelId&, std::uint64_t seq);

}  // namespace node
