#include "node/payment/journal_audit.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/pass_book.hpp"
#include "node/payment/payment_records.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace node {
namespace {

using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using market::ChannelId;

/// Why a record is wrong; null when it is not.
using Wrong = const char*;

constexpr std::uint64_t receipts_a_step = 1'024;

Error wrong_record(std::string_view table, ByteView key, const std::string& what)
{
    return {ErrorKind::corrupt,
            "journal: " + std::string{table} + " " + ledger::to_hex0x(key) + ": " + what};
}

bool is_key(ByteView key, const ledger::Bytes& expected)
{
    return std::ranges::equal(key, expected);
}

class PaymentAuditor {
public:
    PaymentAuditor(const market::Network& network, const PaymentJournal& journal,
                   const std::optional<ledger::Address>& own_key,
                   const std::function<void(std::uint64_t)>& progress)
        : network_{network}, journal_{journal}, own_key_{own_key}, progress_{progress}
    {
    }

    Result<JournalAudit> run()
    {
        using namespace payment_table;
        const auto one = [this](auto check) {
            return [this, check](ByteView key, const auto& record) {
                return (this->*check)(key, record);
            };
        };
        auto done = each<ChannelRecord>(channels, one(&PaymentAuditor::channel));
        if (done) done = each<ChainRecord>(chains, one(&PaymentAuditor::chain));
        if (done) done = each<LinkRecord>(links, one(&PaymentAuditor::link));
        if (done) done = each<BatchRecord>(batches, one(&PaymentAuditor::batch));
        if (done) done = each<ReceiptRecord>(receipts, one(&PaymentAuditor::receipt));
        if (done) done = nothing_is_missing();
        if (done) done = each<CallRecord>(calls, one(&PaymentAuditor::call));
        if (done) done = each<StoredAnswer>(answers, one(&PaymentAuditor::answer));
        if (done) done = each<PassRecord>(passes, one(&PaymentAuditor::pass));
        if (!done) return done.error();
        return std::move(found_);
    }

private:
    struct Standing {
        ChannelRecord record;
        std::optional<market::ChainTerms> chain;
        std::uint64_t last_seq = 0;         ///< of its receipts so far
        std::uint64_t loose = 0;            ///< its last receipts that no batch covers
        std::vector<ledger::Hash> covered;  ///< leaves of the batch that is being read
    };
    struct Answered {
        bool has_answer = false;
        std::uint64_t bytes = 0;
    };

    template <class Record, class Check>
    Result<void> each(std::string_view table, Check&& check)
    {
        std::optional<Error> error;
        const auto read = journal_.scan({table, {}}, [&](ByteView key, ByteView value) {
            const auto record = ledger::codec::decode<Record>(value);
            if (!record) {
                error = wrong_record(table, key, record.error().detail);
            } else if (const Wrong wrong = check(key, *record)) {
                error = wrong_record(table, key, wrong);
            }
            return !error;
        });
        if (!read) return read.error();
        if (error) return *error;
        return {};
    }

    Standing* standing(ByteView key)
    {
        if (key.size() != ChannelId::size) return nullptr;
        const auto found = channels_.find(ChannelId::of(key));
        return found == channels_.end() ? nullptr : &found->second;
    }

    Wrong voucher(const ChannelRecord& record, const ChannelId& id, market::Amount most,
                  const market::Signature& signature)
    {
        // The count of a channel that was only ever charged by links rests on no voucher.
        if (most.is_zero() && signature == market::Signature{}) return nullptr;
        if (!market::voucher_signed(record.config, market::voucher_digest(network_, id, most),
                                    signature))
            return "a voucher is not signed by its payer";
        ++found_.vouchers;
        return nullptr;
    }

    Wrong channel(ByteView key, const ChannelRecord& record)
    {
        const auto id = market::channel_id(network_, record.config);
        if (!std::ranges::equal(key, id.view())) return "it is another channel's";
        if (record.claim_total > record.claim_max || record.claim_total > record.charged)
            return "it claims more than its voucher or its charges allow";
        if (const auto wrong = voucher(record, id, record.voucher_max, record.voucher_signature))
            return wrong;
        if (const auto wrong = voucher(record, id, record.claim_max, record.claim_signature))
            return wrong;
        channels_[id].record = record;
        hosts_.insert(record.config.receiver_authorizer);
        ++found_.channels;
        return nullptr;
    }

    Wrong chain(ByteView key, const ChainRecord& record)
    {
        auto* known = standing(key);
        if (!known) return "its channel is missing";
        const auto digest =
            market::chain_voucher_digest(network_, ChannelId::of(key), record.terms);
        if (!market::well_formed(record.terms)) return "its terms are none";
        if (!market::voucher_signed(known->record.config, digest, record.signature))
            return "the chain is not signed by its payer";
        known->chain = record.terms;
        ++found_.vouchers;
        return nullptr;
    }

    Wrong link(ByteView key, const LinkRecord& record)
    {
        const auto* known = standing(key);
        if (!known || !known->chain) return "its chain is missing";
        if (record.used > record.shown || record.shown > known->chain->length)
            return "it stands behind its chain's end";
        const market::ChainHasher hasher{ChannelId::of(key)};
        if (hasher.down(record.link, record.shown) != known->chain->root)
            return "the link is not of its chain";
        return nullptr;
    }

    Wrong batch(ByteView key, const BatchRecord& record)
    {
        const auto& receipt = record.receipt;
        const auto last = receipt.first_seq + receipt.calls - 1;
        if (!is_key(key, receipt_key(receipt.channel_id, last))) return "it is another batch's";
        if (receipt.first_seq == 0 || receipt.calls == 0 ||
            receipt.calls > ChannelBook::records_per_batch)
            return "it covers no calls";
        const auto* known = standing(receipt.channel_id.view());
        if (!known) return "its channel is missing";
        if (!market::signed_by(known->record.config.receiver_authorizer,
                               market::batch_receipt_digest(network_, receipt), record.signature))
            return "the batch is not signed by the host";
        batches_.emplace(std::pair{receipt.channel_id, last}, receipt);
        ++found_.batches;
        return nullptr;
    }

    Wrong receipt(ByteView key, const ReceiptRecord& record)
    {
        const auto& receipt = record.receipt;
        if (!is_key(key, receipt_key(receipt.channel_id, receipt.seq)))
            return "it is another receipt's";
        if (++found_.receipts % receipts_a_step == 0 && progress_) progress_(found_.receipts);
        auto* known = standing(receipt.channel_id.view());
        if (!known) return single(record);
        if (receipt.seq != known->last_seq + 1) return "receipts before it are missing";
        known->last_seq = receipt.seq;
        if (record.signature == market::Signature{}) return covered(*known, receipt);
        if (known->loose != 0) return "the records before it are under no signature";
        if (!market::signed_by(known->record.config.receiver_authorizer,
                               market::receipt_digest(network_, receipt), record.signature))
            return "the receipt is not signed by the host";
        return nullptr;
    }

    /// A receipt of a payment for one call, whose digest takes a channel's place.
    Wrong single(const ReceiptRecord& record)
    {
        if (record.receipt.seq != 1 || record.signature == market::Signature{})
            return "its channel is missing";
        const auto signer =
            ledger::recover(market::receipt_digest(network_, record.receipt), record.signature);
        if (!signer) return "the receipt is signed by nobody";
        if (signer != own_key_ && !hosts_.contains(*signer)) ++found_.other_signers[*signer];
        return nullptr;
    }

    /// A record of a call by links: its batch's signature stands for it.
    Wrong covered(Standing& known, const market::UsageReceipt& record)
    {
        const auto next = batches_.lower_bound({record.channel_id, record.seq});
        if (next == batches_.end() || next->first.first != record.channel_id ||
            next->second.first_seq > record.seq) {
            ++found_.loose;
            return ++known.loose < ChannelBook::records_per_batch ? nullptr
                                                                  : "its batch is missing";
        }
        if (known.loose != 0) return "the records before it are under no signature";
        if (record.seq == next->second.first_seq) known.covered.clear();
        known.covered.push_back(market::record_leaf(record));
        if (record.seq < next->first.second) return nullptr;
        if (known.covered.size() != next->second.calls ||
            ledger::merkle_root(known.covered) != next->second.records_root)
            return "the records up to it are not those of their batch";
        batches_.erase(next);
        return nullptr;
    }

    Result<void> nothing_is_missing() const
    {
        if (!batches_.empty()) {
            const auto& [channel, last] = batches_.begin()->first;
            return wrong_record(payment_table::batches, receipt_key(channel, last),
                                "its records are missing");
        }
        for (const auto& [id, known] : channels_)
            if (known.last_seq < known.record.seq)
                return wrong_record(
                    payment_table::channels, id.view(),
                    "receipts after " + std::to_string(known.last_seq) + " are missing");
        return {};
    }

    static bool is_row(ByteView key, std::uint64_t order)
    {
        return key.size() == 8 && ledger::read_big_endian<std::uint64_t>(key) == order;
    }

    Wrong call(ByteView key, const CallRecord& record)
    {
        if (!is_row(key, record.order)) return "it is another call's";
        calls_[record.order] = {record.has_answer, record.answer_bytes};
        ++found_.calls;
        return nullptr;
    }

    /// Answers go before their calls do, where room is needed: only the other way nothing is right.
    Wrong answer(ByteView key, const StoredAnswer& record)
    {
        if (key.size() != 8) return "it is no call's";
        const auto found = calls_.find(ledger::read_big_endian<std::uint64_t>(key));
        if (found == calls_.end() || !found->second.has_answer) return "its call is missing";
        if (record.body.size() != found->second.bytes) return "it is another answer's";
        ++found_.answers;
        return nullptr;
    }

    Wrong pass(ByteView key, const PassRecord&)
    {
        if (key.size() != PassId::size) return "it is no pass's";
        ++found_.passes;
        return nullptr;
    }

    const market::Network& network_;
    const PaymentJournal& journal_;
    const std::optional<ledger::Address> own_key_;
    const std::function<void(std::uint64_t)>& progress_;
    JournalAudit found_;
    std::map<ChannelId, Standing> channels_;
    std::set<ledger::Address> hosts_;  ///< that these channels name
    /// By channel and last number; those whose records were all found are gone.
    std::map<std::pair<ChannelId, std::uint64_t>, market::BatchReceipt> batches_;
    std::map<std::uint64_t, Answered> calls_;
};

}  // namespace

Result<JournalAudit> audit_payments(const market::Network& network, const PaymentJournal& journal,
                                    const std::optional<ledger::Address>& own_key,
                                    const std::function<void(std::uint64_t)>& progress)
{
    return PaymentAuditor{network, journal, own_key, progress}.run();
}

}  // namespace node
