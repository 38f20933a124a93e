#include "ledger/crypto/merkle.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/journal_scan.hpp"

// The part of the book that knows chains: a call by links changes how far its chain was used, and
// the channel's count with it.
namespace node {

using ledger::Amount;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Hash;
using ledger::Result;
using market::ChannelId;

Amount ChannelBook::Entry::chain_total() const
{
    return chain ? *market::worth(chain->terms, links.used) : Amount{};
}

Result<void> ChannelBook::read_chains(const PaymentJournal& journal)
{
    auto read = scan_records<ChainRecord>(journal, {payment_table::chains, {}},
                                          [&](ledger::ByteView key, ChainRecord record) {
                                              const auto found = channels_.find(ChannelId::of(key));
                                              if (found != channels_.end())
                                                  found->second.chain = std::move(record);
                                              return true;
                                          });
    if (!read) return read;
    read = scan_records<LinkRecord>(
        journal, {payment_table::links, {}}, [&](ledger::ByteView key, const LinkRecord& record) {
            const auto found = channels_.find(ChannelId::of(key));
            if (found == channels_.end() || !found->second.chain) return true;
            auto& entry = found->second;
            entry.links = record;
            entry.used_link =
                market::ChainHasher{found->first}.down(record.link, record.shown - record.used);
            entry.record.charged = std::max(entry.record.charged, entry.chain_total());
            return true;
        });
    if (!read) return read;
    return scan_records<BatchRecord>(
        journal, {payment_table::batches, {}}, [&](ledger::ByteView, const BatchRecord& record) {
            const auto& receipt = record.receipt;
            const auto found = channels_.find(receipt.channel_id);
            if (found != channels_.end())
                found->second.batched_seq = receipt.first_seq + receipt.calls - 1;
            return true;
        });
}

std::optional<OpenChain> ChannelBook::open_chain(const ChannelId& channel) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end() || !found->second.chain) return {};
    const auto& entry = found->second;
    if (entry.chain_total() != entry.record.charged) return {};
    return OpenChain{entry.record.config, *entry.chain, entry.links, entry.used_link};
}

std::optional<ChainCharge> ChannelBook::begin_chain_charge(const Lease& lease,
                                                           const ShownLinks& shown,
                                                           std::uint32_t links)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    if (!entry) return {};
    ChainCharge charge;
    charge.opens = shown.opening.has_value();
    ledger::ensure(charge.opens || entry->chain, "links are of a chain");
    charge.chain = charge.opens ? *shown.opening : *entry->chain;
    const auto used = links + (charge.opens ? 0 : entry->links.used);
    charge.links = {used, shown.index, shown.link};
    charge.used_link = market::ChainHasher{lease.channel}.down(shown.link, shown.index - used);
    charge.record = entry->record;
    charge.record.charged = *market::worth(charge.chain.terms, used);
    charge.record.seq += 1;
    const auto before = charge.opens ? 0 : entry->loose.size();
    if (before + 1 == records_per_batch || used == charge.chain.terms.length)
        charge.batch = charge.opens ? std::vector<Hash>{} : entry->loose;
    entry->charging = true;
    return charge;
}

void ChannelBook::finish_chain_charge(const Lease& lease, const ChainCharge& charge,
                                      const market::UsageReceipt& record, const Hash& leaf)
{
    const std::lock_guard lock{mutex_};
    auto* entry = leased(lease);
    ledger::ensure(entry != nullptr, "a lease does not run out while its charge is written");
    if (charge.opens) {
        entry->loose.clear();
        entry->batched_seq = record.seq - 1;
    }
    entry->record = charge.record;
    entry->chain = charge.chain;
    entry->links = charge.links;
    entry->used_link = charge.used_link;
    add_record(*entry, record, leaf);
    if (charge.batch) {
        entry->loose.clear();
        entry->batched_seq = record.seq;
    }
    note_unsettled(lease.channel, *entry);
}

void ChannelBook::add_record(Entry& entry, const market::UsageReceipt& record, const Hash& leaf)
{
    add_run(entry, record);
    entry.record.seq = std::max(entry.record.seq, record.seq);
    if (record.seq > entry.batched_seq) entry.loose.push_back(leaf);
}

std::optional<market::BatchReceipt> ChannelBook::loose_records(const Lease& lease) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(lease.channel);
    if (found == channels_.end() || found->second.loose.empty()) return {};
    const auto& entry = found->second;
    market::BatchReceipt receipt;
    receipt.channel_id = lease.channel;
    receipt.chain = entry.chain->terms.root;
    receipt.first_seq = entry.batched_seq + 1;
    receipt.calls = entry.loose.size();
    receipt.records_root = ledger::merkle_root(entry.loose);
    receipt.charged_cumulative = entry.chain_total();
    return receipt;
}

std::optional<market::ChainClaimRow> ChannelBook::chain_row(const ChannelId& channel,
                                                            Amount ledger_total) const
{
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return {};
    const auto& entry = found->second;
    const auto total = entry.chain_total();
    if (total <= ledger_total || total < entry.record.claim_total) return {};
    market::ChainClaimRow row{entry.record.config, entry.chain->terms, entry.chain->signature,
                              entry.links.used,    entry.used_link,    {}};
    if (entry.record.ver == market::model_line) row.uses = uses(entry, ledger_total, total);
    return row;
}

Result<ProvenRecord> prove_record(const PaymentJournal& journal, const ChannelId& channel,
                                  std::uint64_t seq)
{
    const Error none{ErrorKind::not_found, "no batch covers such a record"};
    std::optional<BatchRecord> batch;
    const auto first = receipt_key(channel, seq);
    auto read = scan_records<BatchRecord>(journal, {payment_table::batches, channel.view(), first},
                                          [&](ledger::ByteView, BatchRecord record) {
                                              batch = std::move(record);
                                              return false;
                                          });
    if (!read) return read.error();
    if (!batch || seq < batch->receipt.first_seq) return none;

    const auto records = find_receipts(journal, channel, batch->receipt.first_seq,
                                       static_cast<std::size_t>(batch->receipt.calls));
    if (!records) return records.error();
    const auto index = static_cast<std::size_t>(seq - batch->receipt.first_seq);
    if (index >= records->size()) return none;
    std::vector<Hash> leaves;
    for (const auto& record : *records) leaves.push_back(market::record_leaf(record.receipt));
    return ProvenRecord{(*records)[index].receipt, std::move(*batch),
                        ledger::merkle_path(leaves, index)};
}

}  // namespace node
