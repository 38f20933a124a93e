#pragma once

#include "ledger/codec/binary.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/credit.hpp"
#include "market/messages/model.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the state holds. Each record names its table (the first byte of its keys) and its key.
/// Times ending in _ms are block time; 0 where a time has not come.
namespace market {

/// Balance and what else an account owns. The nonce is that of lane 0.
struct Account {
    using Key = Address;
    static constexpr char table = 'a';
    Amount balance;
    Amount locked;  ///< byte deposits of lasting entries
    ledger::Nonce nonce;
};
MILLRACE_DESCRIBE(Account, (balance, locked, nonce))

struct LaneKey {
    Address account;
    ledger::Lane lane;
};
MILLRACE_DESCRIBE(LaneKey, (account, lane))

/// Next nonce of a lane above 0.
struct LaneNonce {
    using Key = LaneKey;
    static constexpr char table = 'l';
    ledger::Nonce nonce;
};
MILLRACE_DESCRIBE(LaneNonce, (nonce))

/// Key of a table with one record.
struct Only {};
MILLRACE_DESCRIBE(Only, ())

/// All there is: genesis + minted + issued - burned.
struct Supply {
    using Key = Only;
    static constexpr char table = 'S';
    Amount genesis;
    Amount minted;
    Amount issued;
    Amount burned;
};
MILLRACE_DESCRIBE(Supply, (genesis, minted, issued, burned))

struct Host {
    using Key = Address;
    static constexpr char table = 'h';
    std::string endpoint;
    Amount bond;
    Amount locked;  ///< byte deposit, returned at the end
    std::uint64_t unbond_end_ms{};
    std::uint32_t pending_claims{};
};
MILLRACE_DESCRIBE(Host, (endpoint, bond, locked, unbond_end_ms, pending_claims))

struct HostKeyId {
    Address host;
    Address key;
};
MILLRACE_DESCRIBE(HostKeyId, (host, key))

struct HostKeyRecord {
    using Key = HostKeyId;
    static constexpr char table = 'k';
    std::uint64_t added_ms{};
    std::uint64_t retired_ms{};
};
MILLRACE_DESCRIBE(HostKeyRecord, (added_ms, retired_ms))

/// What a derived address stands for; written once, by the first ModelHost, and kept for good.
struct Split {
    using Key = Address;
    static constexpr char table = 's';
    ModelId model;
    Version ver;
    Address host;
};
MILLRACE_DESCRIBE(Split, (model, ver, host))

struct AgreementKey {
    ModelId model;
    Version ver;
    Address host;
};
MILLRACE_DESCRIBE(AgreementKey, (model, ver, host))

struct Agreement {
    using Key = AgreementKey;
    static constexpr char table = 'g';
    PartsPerMillion host_ppm;
    std::uint64_t until_ms{};
    std::uint64_t serial{};     ///< agreements made so far
    std::uint64_t lapsed_ms{};  ///< latest time at which some earlier agreement still held
};
MILLRACE_DESCRIBE(Agreement, (host_ppm, until_ms, serial, lapsed_ms))

struct Model {
    using Key = ModelId;
    static constexpr char table = 'm';
    Address owner;
    std::string name;
    Hash card_hash;
    std::uint32_t versions{};
    std::uint64_t registered_ms{};
};
MILLRACE_DESCRIBE(Model, (owner, name, card_hash, versions, registered_ms))

struct VersionKey {
    ModelId model;
    Version ver;
    friend auto operator<=>(const VersionKey&, const VersionKey&) = default;
};
MILLRACE_DESCRIBE(VersionKey, (model, ver))

enum class BeneficiaryKind { account, dataset };
BOOST_DESCRIBE_ENUM(BeneficiaryKind, account, dataset)

/// An account (its 20 bytes last) or a dataset.
struct Beneficiary {
    BeneficiaryKind kind{};
    Hash id;
    friend auto operator<=>(const Beneficiary&, const Beneficiary&) = default;
};
MILLRACE_DESCRIBE(Beneficiary, (kind, id))

struct Share {
    Beneficiary to;
    PartsPerMillion ppm;
    friend bool operator==(const Share&, const Share&) = default;
};
MILLRACE_DESCRIBE(Share, (to, ppm))

/// Who gets what of the part the host leaves: flattened at registration, sums to 1,000,000.
using SplitTable = std::vector<Share>;

struct VersionRecord {
    using Key = VersionKey;
    static constexpr char table = 'v';
    ModelVersion version;
    Address owner;
    SplitTable shares;
    std::uint32_t depth{};  ///< 1 without parents
    std::uint32_t prices{};
    std::uint32_t evaluations{};
    std::uint64_t registered_ms{};
    std::uint64_t yanked_ms{};
    std::string yank_reason;
};
MILLRACE_DESCRIBE(VersionRecord, (version, owner, shares, depth, prices, evaluations, registered_ms,
                                  yanked_ms, yank_reason))

struct HistoryKey {
    ModelId model;
    Version ver;
    std::uint32_t index{};
};
MILLRACE_DESCRIBE(HistoryKey, (model, ver, index))

/// Prices of a version, oldest first; the last one whose time has come holds.
struct PriceRecord {
    using Key = HistoryKey;
    static constexpr char table = 'p';
    PriceSheet sheet;
    std::uint64_t from_ms{};
};
MILLRACE_DESCRIBE(PriceRecord, (sheet, from_ms))

struct EvaluationRecord {
    using Key = HistoryKey;
    static constexpr char table = 'e';
    ModelEval evaluation;
    Address evaluator;
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(EvaluationRecord, (evaluation, evaluator, at_ms))

struct AliasKey {
    ModelId model;
    std::string name;
};
MILLRACE_DESCRIBE(AliasKey, (model, name))

struct Alias {
    using Key = AliasKey;
    static constexpr char table = 'n';
    std::vector<AliasTarget> targets;
    std::uint32_t changes{};
    std::uint64_t since_ms{};
};
MILLRACE_DESCRIBE(Alias, (targets, changes, since_ms))

struct AliasChangeKey {
    ModelId model;
    std::string name;
    std::uint32_t index{};
};
MILLRACE_DESCRIBE(AliasChangeKey, (model, name, index))

struct AliasChange {
    using Key = AliasChangeKey;
    static constexpr char table = 'c';
    std::vector<AliasTarget> targets;
    std::string reason;
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(AliasChange, (targets, reason, at_ms))

/// Whether a version is, or when it was last, the target of any alias of its model.
struct AliasUse {
    using Key = VersionKey;
    static constexpr char table = 'u';
    std::uint32_t aliases{};
    std::uint64_t ended_ms{};
};
MILLRACE_DESCRIBE(AliasUse, (aliases, ended_ms))

/// The first version that was registered with these bytes.
struct ContentRecord {
    using Key = ContentId;
    static constexpr char table = 'b';
    ModelId model;
    Version ver;
};
MILLRACE_DESCRIBE(ContentRecord, (model, ver))

struct PendingClaim {
    Amount total;        ///< totalClaimed once this is final
    Amount voucher_max;  ///< ceiling of the voucher it rests on
    std::vector<VersionUse> uses;
    std::uint64_t end_ms{};
};
MILLRACE_DESCRIBE(PendingClaim, (total, voucher_max, uses, end_ms))

struct Withdrawal {
    Amount amount;
    std::uint64_t end_ms{};
};
MILLRACE_DESCRIBE(Withdrawal, (amount, end_ms))

struct Channel {
    using Key = ChannelId;
    static constexpr char table = 'x';
    ChannelConfig config;
    Amount balance;  ///< deposits less refunds and withdrawals, as x402 counts
    Amount total_claimed;
    std::optional<PendingClaim> pending;
    std::optional<Withdrawal> withdraw;
    std::uint64_t refund_nonce{};
    std::uint64_t opened_ms{};
    std::uint64_t settled_ms{};  ///< when the last claim that settled was made; else when it opened

    /// What the rules still hold in escrow for it.
    Amount escrow() const { return balance - total_claimed; }
    /// Escrow that no pending claim needs.
    Amount free() const { return balance - (pending ? pending->total : total_claimed); }
};
MILLRACE_DESCRIBE(Channel, (config, balance, total_claimed, pending, withdraw, refund_nonce,
                            opened_ms, settled_ms))

/// The last link that a channel was claimed by: a later one is hashed only down to it.
struct ChainMark {
    using Key = ChannelId;
    static constexpr char table = 'w';
    Hash root;
    std::uint32_t index{};
    Hash link;
};
MILLRACE_DESCRIBE(ChainMark, (root, index, link))

struct SpentNonceKey {
    Address account;
    Hash nonce;
};
MILLRACE_DESCRIBE(SpentNonceKey, (account, nonce))

/// An EIP-3009 authorization that has been used; kept beyond the time it could be used again.
struct SpentNonce {
    using Key = SpentNonceKey;
    static constexpr char table = 'z';
    std::uint64_t until_ms{};
    Hash digest{};  ///< what the authorizer signed: who was promised this one can tell it moved
};
MILLRACE_DESCRIBE(SpentNonce, (until_ms, digest))

struct SpentNonceExpiry {
    std::uint64_t until_ms{};
    Address account;
    Hash nonce;
};
MILLRACE_DESCRIBE(SpentNonceExpiry, (until_ms, account, nonce))

/// The same nonces by the time they end.
struct SpentNonceByTime {
    using Key = SpentNonceExpiry;
    static constexpr char table = 't';
};
MILLRACE_DESCRIBE(SpentNonceByTime, ())

/// A Permit2 nonce that has been used. Its owner's EIP-3009 nonces are others, in a table of
/// their own.
struct SpentPermit {
    using Key = SpentNonceKey;
    static constexpr char table = 'q';
    std::uint64_t until_ms{};
    Hash digest{};  ///< what the owner signed
};
MILLRACE_DESCRIBE(SpentPermit, (until_ms, digest))

/// The same by the time they end.
struct SpentPermitByTime {
    using Key = SpentNonceExpiry;
    static constexpr char table = 'j';
};
MILLRACE_DESCRIBE(SpentPermitByTime, ())

/// A dataset's accumulator: what one share has earned since the beginning, times 2^64,
/// in two words, wrapping.
struct Accumulator {
    std::uint64_t high{};
    std::uint64_t low{};
    friend bool operator==(const Accumulator&, const Accumulator&) = default;
};
MILLRACE_DESCRIBE(Accumulator, (high, low))

struct Dataset {
    using Key = DatasetId;
    static constexpr char table = 'd';
    Address owner;
    std::uint64_t total_shares{};
    Accumulator per_share;
    Amount pot;  ///< earned by contributors and not drawn yet, rounding remainders included
};
MILLRACE_DESCRIBE(Dataset, (owner, total_shares, per_share, pot))

struct ContributionKey {
    DatasetId dataset;
    Address account;
};
MILLRACE_DESCRIBE(ContributionKey, (dataset, account))

struct Contribution {
    using Key = ContributionKey;
    static constexpr char table = 'y';
    std::uint64_t shares{};
    Accumulator drawn;  ///< the accumulator up to which these shares have been counted
    Amount owed = {};   ///< earned up to there and not drawn yet
};
MILLRACE_DESCRIBE(Contribution, (shares, drawn, owed))

/// Credit network: an account that may send transactions, and its use of today's quota.
struct Admitted {
    using Key = Address;
    static constexpr char table = 'i';
    AccountClass account_class{};
    std::uint64_t bytes_per_day{};
    std::uint64_t day{};  ///< days since the epoch
    std::uint64_t used_bytes{};
};
MILLRACE_DESCRIBE(Admitted, (account_class, bytes_per_day, day, used_bytes))

struct EarnedKey {
    Address account;
    std::uint32_t period{};  ///< yyyymm
};
MILLRACE_DESCRIBE(EarnedKey, (account, period))

/// Credit network: what an account earned in a month, for its statement.
struct Earned {
    using Key = EarnedKey;
    static constexpr char table = 'r';
    Amount amount;
    std::uint64_t settlements{};
    Hash closed_ref;  ///< zero while open
    std::uint64_t closed_ms{};
};
MILLRACE_DESCRIBE(Earned, (amount, settlements, closed_ref, closed_ms))

/// References that issuers used, each once.
struct UsedReference {
    using Key = Hash;
    static constexpr char table = 'f';
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(UsedReference, (at_ms))

}  // namespace market
