#pragma once

#include "ledger/codec/describe.hpp"
#include "market/messages/channel.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What payments write into their journal, each in a table of its own, in the canonical encoding.
namespace node {

namespace payment_table {
constexpr std::string_view channels = "payment.channels";  ///< channel id -> ChannelRecord
constexpr std::string_view receipts = "payment.receipts";  ///< channel id, u64 seq BE
constexpr std::string_view chains = "payment.chains";      ///< channel id -> ChainRecord
constexpr std::string_view links = "payment.links";        ///< channel id -> LinkRecord
constexpr std::string_view batches = "payment.batches";    ///< channel id, u64 last seq BE
constexpr std::string_view calls = "payment.remembered";   ///< u64 order BE -> CallRecord
constexpr std::string_view answers = "payment.given";      ///< u64 order BE -> StoredAnswer
constexpr std::string_view passes = "payment.passes";      ///< pass id -> PassRecord
}  // namespace payment_table

/// What the host knows of a channel and the ledger does not know yet.
struct ChannelRecord {
    market::ChannelConfig config;
    market::ModelId model;   ///< what the receiver stands for
    market::Version ver;     ///< 0 for the model's line
    market::Amount charged;  ///< cumulative
    std::uint64_t seq{};     ///< of the last receipt
    market::Amount voucher_max;
    market::Signature voucher_signature;  ///< of the last receipted call
    /// The voucher to claim with and the total it proves: the last whose ceiling no earlier
    /// receipt has, so that no earlier receipt can dispute the claim.
    market::Amount claim_total;
    market::Amount claim_max;
    market::Signature claim_signature;
    friend bool operator==(const ChannelRecord&, const ChannelRecord&) = default;
};
MILLRACE_DESCRIBE(ChannelRecord, (config, model, ver, charged, seq, voucher_max, voucher_signature,
                                  claim_total, claim_max, claim_signature))

/// The newest chain of a channel; written once, by its first call.
struct ChainRecord {
    market::ChainTerms terms;
    market::Signature signature;
    friend bool operator==(const ChainRecord&, const ChainRecord&) = default;
};
MILLRACE_DESCRIBE(ChainRecord, (terms, signature))

/// How far a channel's chain has been used: all that a call by links changes of its channel.
struct LinkRecord {
    std::uint32_t used{};   ///< links that were charged
    std::uint32_t shown{};  ///< index of `link`, at least `used`
    market::Hash link;
    friend bool operator==(const LinkRecord&, const LinkRecord&) = default;
};
MILLRACE_DESCRIBE(LinkRecord, (used, shown, link))

struct BatchRecord {
    market::BatchReceipt receipt;
    market::Signature signature;
    friend bool operator==(const BatchRecord&, const BatchRecord&) = default;
};
MILLRACE_DESCRIBE(BatchRecord, (receipt, signature))

struct ReceiptRecord {
    market::UsageReceipt receipt;
    market::Signature signature;  ///< zero for a call paid by links: a batch's stands for it
    bool settled = true;          ///< false while a single payment is on its way
    friend bool operator==(const ReceiptRecord&, const ReceiptRecord&) = default;
};
MILLRACE_DESCRIBE(ReceiptRecord, (receipt, signature, settled))

/// A paid call that is remembered, so that asking again costs nothing. Calls lie in the order in
/// which they were stored, and are forgotten in it: a table that grows at one end is cheap.
struct CallRecord {
    market::Hash key;          ///< what it is remembered by
    std::uint64_t order{};     ///< counts up: which was stored first
    market::Hash fingerprint;  ///< of path and body
    std::uint64_t until_ms{};  ///< remembered until then
    std::uint64_t answer_bytes{};
    bool has_answer = false;
    bool settled = true;
    std::string payment_response;  ///< header value
    market::ChannelId channel;     ///< whose receipt it is
    std::uint64_t seq{};
    market::Hash nonce;            ///< of the single payment that pays for it
    std::uint64_t valid_before{};  ///< of that payment, seconds; 0 for vouchers
    bool permit = false;           ///< it is a permit, of scheme upto
};
MILLRACE_DESCRIBE(CallRecord, (key, order, fingerprint, until_ms, answer_bytes, has_answer, settled,
                               payment_response, channel, seq, nonce, valid_before, permit))

/// What was used of a pass.
struct PassRecord {
    std::uint64_t used{};
    std::uint64_t until_ms{};
    friend bool operator==(const PassRecord&, const PassRecord&) = default;
};
MILLRACE_DESCRIBE(PassRecord, (used, until_ms))

struct StoredHeader {
    std::string name;
    std::string value;
};
MILLRACE_DESCRIBE(StoredHeader, (name, value))

struct StoredAnswer {
    std::uint32_t status{};
    std::string content_type;
    std::vector<StoredHeader> headers;
    market::Bytes body;
};
MILLRACE_DESCRIBE(StoredAnswer, (status, content_type, headers, body))

}  // namespace node
