#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"

#include <string>

namespace ledger {

/// What a sender signs: the envelope around one message. As EIP-712 typed data its primary
/// type is "Millrace" and the name of the message, so that any Ethereum wallet can show it.
template <class Message>
struct Envelope {
    Address sender;
    Lane lane;
    Nonce nonce;
    Amount fee;
    std::uint64_t valid_until{};  ///< block time in seconds; 0 = no end
    Message message;

    BOOST_DESCRIBE_CLASS(Envelope, (), (sender, lane, nonce, fee, valid_until, message), (), ())
};

template <class Message>
std::string_view described_name(const Envelope<Message>*)
{
    static const std::string name = "Millrace" + std::string{codec::name_of<Message>()};
    return name;
}

/// A signed transaction as it travels and is stored. The ledger knows the envelope; what
/// `body` means, the market says by `type` and `version`.
struct Transaction {
    Address sender;
    Lane lane;
    Nonce nonce;
    Amount fee;
    std::uint64_t valid_until{};
    std::uint16_t type{};
    std::uint8_t version{};
    Bytes body;  ///< canonical encoding of the message
    Signature signature;

    friend bool operator==(const Transaction&, const Transaction&) = default;
};
MILLRACE_DESCRIBE(Transaction,
                  (sender, lane, nonce, fee, valid_until, type, version, body, signature))

/// What can be used only once: one transaction of an account per lane and nonce.
struct ReplayKey {
    Address sender;
    Lane lane;
    Nonce nonce;
    friend auto operator<=>(const ReplayKey&, const ReplayKey&) = default;
};

struct TransactionLimits {
    static constexpr std::size_t bytes = 64 * 1024;
    static constexpr std::uint32_t lanes = 256;
    /// `valid_until` is at most this far ahead of block time.
    static constexpr std::uint64_t validity_seconds = 24 * 3600;
};

Bytes encode_transaction(const Transaction&);

/// One transaction, at most TransactionLimits::bytes long; `invalid` or `full` otherwise.
Result<Transaction> decode_transaction(ByteView);

/// Id of the whole encoding, signature included.
WireId wire_id(ByteView encoded);

}  // namespace ledger
