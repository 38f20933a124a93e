#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/codec/types.hpp"
#include "market/ids.hpp"

#include <vector>

namespace market {

/// Terms of a channel, as x402's batch-settlement scheme has them; its digest is the channel's id.
struct ChannelConfig {
    Address payer;
    Address payer_authorizer;  ///< signs vouchers; zero stands for the payer
    Address receiver;          ///< a split address (x402 payTo)
    Address receiver_authorizer;
    Address token;
    ledger::Wide<40> withdraw_delay;  ///< seconds, 900 to 2,592,000
    Hash salt;                        ///< lanes of one payer
    friend bool operator==(const ChannelConfig&, const ChannelConfig&) = default;
};
MILLRACE_DESCRIBE(ChannelConfig, (payer, payer_authorizer, receiver, receiver_authorizer, token,
                                  withdraw_delay, salt))

/// Opens or tops up a channel by the payer's EIP-3009 ReceiveWithAuthorization.
struct ChannelDeposit {
    ChannelConfig config;
    Amount amount;
    std::uint64_t valid_after{};
    std::uint64_t valid_before{};
    Hash salt;  ///< uint256 from which the authorization's nonce is derived
    Signature signature;
    friend bool operator==(const ChannelDeposit&, const ChannelDeposit&) = default;
};
MILLRACE_DESCRIBE(ChannelDeposit, (config, amount, valid_after, valid_before, salt, signature))

/// Part of a claim on a model's line that one version earned.
struct VersionUse {
    Version ver;
    Amount amount;
    friend bool operator==(const VersionUse&, const VersionUse&) = default;
};
MILLRACE_DESCRIBE(VersionUse, (ver, amount))

struct ClaimRow {
    ChannelConfig config;
    Amount max_claimable;  ///< ceiling of the voucher of the last receipted call
    Signature voucher_signature;
    Amount total_claimed;          ///< cumulative, what was charged so far
    std::vector<VersionUse> uses;  ///< on a line only: at most 8, sum = what this row adds
    friend bool operator==(const ClaimRow&, const ClaimRow&) = default;
};
MILLRACE_DESCRIBE(ClaimRow, (config, max_claimable, voucher_signature, total_claimed, uses))

/// Claims what was charged, for any number of channels with one receiver authorizer.
struct ChannelClaim {
    std::vector<ClaimRow> rows;  ///< 1 to 64
    Signature claim_signature;   ///< over x402's ClaimBatch
    friend bool operator==(const ChannelClaim&, const ChannelClaim&) = default;
};
MILLRACE_DESCRIBE(ChannelClaim, (rows, claim_signature))

/// A chain of links that the payer reveals one by one (PayWord): link i, whose i-th hash is `root`,
/// is worth base + i * unit. What the payer signs is `chain_voucher_digest` of it.
struct ChainTerms {
    Amount base;             ///< what the channel was charged when the chain began
    Amount unit;             ///< at least 1
    std::uint32_t length{};  ///< links, 1 to ChainLimits::length
    Hash root;
    friend bool operator==(const ChainTerms&, const ChainTerms&) = default;
};
MILLRACE_DESCRIBE(ChainTerms, (base, unit, length, root))

struct ChainClaimRow {
    ChannelConfig config;
    ChainTerms chain;
    Signature voucher_signature;
    std::uint32_t index{};  ///< of `link`: the links paid so far
    Hash link;
    std::vector<VersionUse> uses;  ///< as in a ClaimRow
    friend bool operator==(const ChainClaimRow&, const ChainClaimRow&) = default;
};
MILLRACE_DESCRIBE(ChainClaimRow, (config, chain, voucher_signature, index, link, uses))

/// Claims what revealed links are worth, and settles it at once: who reveals a link owes it. Sent
/// by the host or by the channels' receiver authorizer.
struct ChannelChainClaim {
    std::vector<ChainClaimRow> rows;  ///< 1 to 64
    friend bool operator==(const ChannelChainClaim&, const ChannelChainClaim&) = default;
};
MILLRACE_DESCRIBE(ChannelChainClaim, (rows))

/// What a host signs for each paid call, EIP-712 domain "Millrace Receipt".
struct UsageReceipt {
    ChannelId channel_id;
    std::uint64_t seq{};  ///< calls of this channel, from 1
    ModelId model;
    Version ver;
    Hash sheet;                        ///< hash of the price sheet used
    Hash req_hash;                     ///< SHA-256 of the request body as sent
    Hash resp_hash;                    ///< SHA-256 of the response body as sent
    std::vector<std::uint64_t> units;  ///< in the order of the sheet's parts
    Amount max_claimable;
    Amount charged;
    Amount charged_cumulative;
    std::uint64_t t{};  ///< milliseconds since the epoch, by the host's clock
    friend bool operator==(const UsageReceipt&, const UsageReceipt&) = default;
};
MILLRACE_DESCRIBE(UsageReceipt, (channel_id, seq, model, ver, sheet, req_hash, resp_hash, units,
                                 max_claimable, charged, charged_cumulative, t))

/// What a host signs for up to 64 calls paid by links, in the domain of UsageReceipt: the RFC 6962
/// root over their records, which are UsageReceipts that carry no signature of their own.
struct BatchReceipt {
    ChannelId channel_id;
    Hash chain;                 ///< root of the chain that paid
    std::uint64_t first_seq{};  ///< of the first of `calls` records in a row
    std::uint64_t calls{};
    Hash records_root;          ///< a leaf is a record in its canonical encoding
    Amount charged_cumulative;  ///< after the last of them
    std::uint64_t t{};          ///< milliseconds since the epoch, by the host's clock
    friend bool operator==(const BatchReceipt&, const BatchReceipt&) = default;
};
MILLRACE_DESCRIBE(BatchReceipt,
                  (channel_id, chain, first_seq, calls, records_root, charged_cumulative, t))

enum class DisputeKind {
    claim,   ///< the pending claim is more than the receipt for the same ceiling says
    charge,  ///< the receipt charges more than the price sheet gives for its units
};
BOOST_DESCRIBE_ENUM(DisputeKind, claim, charge)

struct ChannelDispute {
    DisputeKind kind{};
    UsageReceipt receipt;
    Signature receipt_signature;
    Signature voucher_signature;
    friend bool operator==(const ChannelDispute&, const ChannelDispute&) = default;
};
MILLRACE_DESCRIBE(ChannelDispute, (kind, receipt, receipt_signature, voucher_signature))

/// Settles pending claims whose window has ended; sent by anyone.
struct ChannelFinalize {
    std::vector<ChannelId> channels;  ///< 1 to 64
    friend bool operator==(const ChannelFinalize&, const ChannelFinalize&) = default;
};
MILLRACE_DESCRIBE(ChannelFinalize, (channels))

/// The receiver gives money back that no claim needs.
struct ChannelRefund {
    ChannelConfig config;
    Amount amount;
    std::uint64_t nonce{};
    Signature refund_signature;  ///< of the receiver authorizer over x402's Refund
    friend bool operator==(const ChannelRefund&, const ChannelRefund&) = default;
};
MILLRACE_DESCRIBE(ChannelRefund, (config, amount, nonce, refund_signature))

struct ChannelWithdrawInit {
    ChannelConfig config;
    Amount amount;
    friend bool operator==(const ChannelWithdrawInit&, const ChannelWithdrawInit&) = default;
};
MILLRACE_DESCRIBE(ChannelWithdrawInit, (config, amount))

struct ChannelWithdrawFinal {
    ChannelConfig config;
    friend bool operator==(const ChannelWithdrawFinal&, const ChannelWithdrawFinal&) = default;
};
MILLRACE_DESCRIBE(ChannelWithdrawFinal, (config))

}  // namespace market
