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

/// A chain whose links pay on: what it was charged stands where the channel's count stands.
struct OpenChain {
    market::ChannelConfig config;
    ChainRecord chain;
    LinkRecord links;
    market::Hash used_link;
};

/// A call paid by links, as its request shows them.
struct ShownLinks {
    std::optional<ChainRecord> opening;  ///< with the first call of a chain
    std::uint32_t index{};
    market::Hash link;
};

/// What one charge by links writes, and what the host has to sign with it.
struct ChainCharge {
    ChannelRecord record;  ///< written with a chain's first call only
    ChainRecord chain;     ///< likewise
    bool opens = false;
    LinkRecord links;
    market::Hash used_link;
    /// Records before this one that no batch covers yet, when this one completes a batch.
    std::optional<std::vector<market::Hash>> batch;
};

/// What the node knows of each channel beyond the ledger: charges, vouchers, receipted ceilings
/// and who is being served. Holds no more channels than have been charged, or are being served.
/// Any thread: one lock, held for look-ups and for hashing the links and records of one call.
class ChannelBook {
public:
    static constexpr std::size_t versions_per_claim = 8;
    static constexpr std::size_t records_per_batch = 64;

    /// Reads what a journal holds; once, before anything else. Errors: the journal's, `corrupt`.
    ledger::Result<void> rebuild(const PaymentJournal& journal);

    std::optional<ChannelRecord> find(const market::ChannelId&) const;

    /// Who is paid by a channel that was charged here.
    std::optional<market::Address> receiver(const market::ChannelId&) const;

    /// What has been charged in all: our own count, or the ledger's if ours was lost.
    market::Amount charged(const market::ChannelId&, market::Amount ledger_total) const;

    /// Refused with `channel_busy` while another call holds the channel, with
    /// `cumulative_amount_mismatch` when it was charged since it was looked at.
    ledger::Result<Lease, x402::Refusal> reserve(const ReserveFor&, Clock::Steady now,
                                                 Clock::Steady until);
    /// Does nothing when the lease is over.
    void release(const Lease&);
    /// Keeps the channel until then; false when somebody else has it already.
    bool extend(const Lease&, Clock::Steady until);

    /// The record after a call charged `charged`, if the lease still holds; from here on it cannot
    /// run out, until `finish_charge` or `release`. Write it, then finish.
    std::optional<ChannelRecord> begin_charge(const Lease&, market::Amount charged,
                                              const SpentVoucher&);
    /// Once the record and the receipt are durable.
    void finish_charge(const Lease&, const ChannelRecord&, const market::UsageReceipt&);

    /// The channel's chain, if the next call can be paid by it.
    std::optional<OpenChain> open_chain(const market::ChannelId&) const;
    /// What a call by `links` links changes; holds as `begin_charge` does. The caller has checked
    /// what was shown.
    std::optional<ChainCharge> begin_chain_charge(const Lease&, const ShownLinks& shown,
                                                  std::uint32_t links);
    /// Once it and the record are durable; `leaf` is the record's.
    void finish_chain_charge(const Lease&, const ChainCharge&, const market::UsageReceipt& record,
                             const market::Hash& leaf);
    /// The receipt, yet to be dated and signed, of the records that no batch covers: due when
    /// anything but the next link of their chain is charged. Empty when there are none.
    std::optional<market::BatchReceipt> loose_records(const Lease&) const;

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
    /// The same by revealed links, where they are worth as much as any voucher.
    std::optional<market::ChainClaimRow> chain_row(const market::ChannelId&,
                                                   market::Amount ledger_total) const;
    /// The ledger settled the channel up to `total_claimed`.
    void settled(const market::ChannelId&, market::Amount total_claimed);

    std::size_t size() const;

    /// Of all channels together; walks them.
    struct Totals {
        std::size_t channels = 0;  ///< charged at least once
        market::Amount charged;
        market::Amount owed;  ///< charged and not settled by the ledger, as far as it is known here
    };
    Totals totals() const;

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

        std::optional<ChainRecord> chain;  ///< the newest
        LinkRecord links;                  ///< of it
        market::Hash used_link;
        std::vector<market::Hash> loose;  ///< leaves of the last records, that no batch covers
        std::uint64_t batched_seq = 0;

        /// What the links that were charged are worth.
        market::Amount chain_total() const;
    };

    ledger::Result<void> read_channels(const PaymentJournal&);
    ledger::Result<void> read_chains(const PaymentJournal&);
    ledger::Result<void> read_receipts(const PaymentJournal&);
    static void add_run(Entry&, const market::UsageReceipt&);
    static void add_receipt(Entry&, const market::UsageReceipt&);
    static void add_record(Entry&, const market::UsageReceipt&, const market::Hash& leaf);
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
/// The record with this number and what proves it: its place in its batch and the host's signature.
/// `not_found` for a record that is not there, has a signature of its own, or whose batch is not
/// complete yet.
struct ProvenRecord {
    market::UsageReceipt record;
    BatchRecord batch;
    std::vector<market::Hash> path;  ///< RFC 6962
};
ledger::Result<ProvenRecord> prove_record(const PaymentJournal& journal,
                                          const market::ChannelId& channel, std::uint64_t seq);
/// Key of a receipt in its table; of a batch by its last record.
ledger::Bytes receipt_key(const market::ChannelId&, std::uint64_t seq);

}  // namespace node
