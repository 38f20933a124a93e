#pragma once

#include "ledger/base/result.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/transfer.hpp"
#include "market/payment_scheme.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The messages of x402 version 2 as stock clients send and expect them (npm @x402/evm 2.27).
/// Header values are standard base64 of UTF-8 JSON; amounts are decimal strings, of which only
/// those within 64 bits are taken. Pure; any thread.
namespace node::x402 {

using market::Address;
using market::Amount;
using market::ChannelId;
using market::Hash;
using market::Signature;

struct WireLimits {
    static constexpr std::size_t header_bytes = 16 << 10;
    static constexpr unsigned depth = 12;
};

using Scheme = market::PaymentScheme;
using market::name_of;

enum class PayloadType { deposit, voucher, refund };

/// What a PAYMENT-SIGNATURE of the scheme batch-settlement carries.
struct BatchPayload {
    PayloadType type{};
    market::ChannelConfig config;
    ChannelId channel;  ///< as sent: not yet compared with the config's hash
    Amount max_claimable;
    Signature signature;
    std::optional<market::ChannelDeposit> deposit;  ///< with type deposit
    std::optional<Amount> refund_amount;            ///< with type refund; empty: all there is
};

/// What a PAYMENT-SIGNATURE of the scheme hash-chain carries: a link, and with the first one of a
/// chain what the payer signed. `accepted` may then leave out all but scheme and amount, as the
/// channel fixes the rest.
struct ChainPayload {
    struct Opening {
        market::ChannelConfig config;
        market::ChainTerms terms;
        Signature signature;
        std::optional<market::ChannelDeposit> deposit;
    };
    ChannelId channel;
    std::uint32_t index{};  ///< of the link: what was used, and as many as the amount needs
    Hash link;
    std::optional<Opening> opening;
};

/// The offered entry that a caller took, as the caller sent it. Texts are compared with ours, not
/// understood; a member that is absent is empty.
struct Accepted {
    struct Extra {
        std::optional<std::string> name;
        std::optional<std::string> version;
        std::optional<std::string> receiver_authorizer;
        std::optional<std::uint64_t> withdraw_delay;
        std::optional<std::string> min_deposit;
        std::optional<std::string> facilitator;
        friend bool operator==(const Extra&, const Extra&) = default;
    };
    std::string scheme;
    std::string amount;
    std::optional<std::string> network;
    std::optional<std::string> asset;
    std::optional<std::string> pay_to;
    std::optional<std::uint64_t> max_timeout_s;
    std::optional<Extra> extra;
    bool more = false;  ///< it has members, or types of members, that no entry has
    /// `extra` has what a corrective 402 adds, channelState or voucherState; what they say is not
    /// read.
    bool corrected = false;
    /// Only scheme and amount are there.
    bool is_short() const
    {
        return !network && !asset && !pay_to && !max_timeout_s && !extra && !more && !corrected;
    }
    friend bool operator==(const Accepted&, const Accepted&) = default;
};

struct Payment {
    Accepted accepted;
    Amount amount;  ///< its amount
    /// A permit's `actual` is 0: what was done is not the payer's to say.
    std::variant<BatchPayload, market::TransferWithAuth, market::PermitSettle, ChainPayload>
        payload;
    std::optional<std::string> payment_id;  ///< extension payment-identifier
    bool wants_receipt = false;             ///< extension offer-receipt came back, as it should
};

/// Why a payment was not understood or taken: 400 when it is malformed, 402 with an x402 reason
/// when a stock client can do something about it.
struct Refusal {
    unsigned status = 402;
    std::string reason;
    std::string message = {};
};

/// Reads the value of PAYMENT-SIGNATURE. Takes any bytes; refuses by length before it decodes.
ledger::Result<Payment, Refusal> decode_payment(std::string_view header);

/// The same from the JSON itself.
ledger::Result<Payment, Refusal> decode_payment_json(std::string_view text);

/// 16 to 128 of a-z A-Z 0-9 - and _.
bool valid_payment_id(std::string_view id);

/// What PAYMENT-REQUIRED says.
struct PaymentRequired {
    std::string error;
    std::string url;
    nlohmann::json accepts;     ///< an array
    nlohmann::json extensions;  ///< null for none
};
std::string encode_payment_required(const PaymentRequired&);

struct ChannelState {
    ChannelId channel;
    Amount balance;
    Amount total_claimed;
    std::uint64_t withdraw_requested_at{};  ///< seconds, 0 for none
    std::uint64_t refund_nonce{};
    Amount charged;  ///< cumulative
};
nlohmann::json to_json(const ChannelState&);

/// How far a chain was used, with what proves it to a client that lost its state.
struct ChainState {
    market::ChainTerms terms;
    Signature signature;
    std::uint32_t used{};
    Hash link;  ///< the one of `used`: it proves what was charged and pays for nothing more
};
nlohmann::json to_json(const ChainState&);

/// {signedMaxClaimable, signature}: proves to a client that lost its state what it signed last.
nlohmann::json voucher_state_json(Amount max_claimable, const Signature&);

struct SignedReceipt {
    market::UsageReceipt receipt;
    Signature signature;
};

struct SignedBatch {
    market::BatchReceipt receipt;
    Signature signature;
};

/// That a call was served, as the extension offer-receipt says it.
struct ServedCall {
    std::string network;
    std::string url;
    std::string payer;
    std::uint64_t issued_at{};  ///< seconds since the epoch
    std::string transaction;    ///< empty for none
};
struct SignedServedCall {
    ServedCall call;
    Signature signature;
};

/// What PAYMENT-RESPONSE says.
struct PaymentResponse {
    bool success = true;
    std::string error_reason = {};
    std::string transaction = {};  ///< 0x-hex, empty for none
    std::string network = {};
    std::optional<Address> payer = {};
    std::optional<Amount> amount = {};
    std::optional<Amount> charged = {};
    std::optional<ChannelState> channel_state = {};
    std::optional<SignedReceipt> receipt = {};
    std::optional<market::UsageReceipt> record = {};  ///< of a call paid by links
    std::vector<SignedBatch> batches = {};            ///< signed with this call
    std::optional<SignedServedCall> served = {};
};
std::string encode_payment_response(const PaymentResponse&);

/// Lower-case hex, as x402 messages spell addresses here: clients hand them back unchanged.
std::string plain(const Address&);
std::string decimal(Amount);

}  // namespace node::x402
