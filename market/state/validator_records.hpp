#pragma once

#include "ledger/chain/certificate.hpp"
#include "market/messages/validator.hpp"
#include "market/state/records.hpp"

/// What the state holds of validators and epochs.
namespace market {

enum class ValidatorStatus {
    joined,     ///< waits for its first power
    active,     ///< in the set
    leaving,    ///< in the set until its turn comes
    unbonding,  ///< out of the set; its stake waits
    slashed,    ///< convicted; its key is barred
    withdrawn,  ///< out, with nothing left here
};
BOOST_DESCRIBE_ENUM(ValidatorStatus, joined, active, leaving, unbonding, slashed, withdrawn)

/// Stake that no longer gives power and can still be slashed.
struct Unbonding {
    Amount amount;
    std::uint64_t end_ms{};
    friend bool operator==(const Unbonding&, const Unbonding&) = default;
};
MILLRACE_DESCRIBE(Unbonding, (amount, end_ms))

/// Never erased: a consensus key is used once for ever.
struct ValidatorRecord {
    using Key = ConsensusKey;
    static constexpr char table = 'V';
    Address account;
    PublicKey peer_key;
    Address payout;
    Amount stake;           ///< all that is held, unbonding included; zero by authority
    Amount locked;          ///< byte deposit of the account's entry, returned at the end
    std::uint64_t power{};  ///< in the set now
    ValidatorStatus status{};
    std::vector<Unbonding> unbonding;  ///< by end, oldest first
    std::uint64_t joined_ms{};
    std::uint64_t left_ms{};  ///< when it last had power
    std::uint64_t slashed_ms{};
};
MILLRACE_DESCRIBE(ValidatorRecord, (account, peer_key, payout, stake, locked, power, status,
                                    unbonding, joined_ms, left_ms, slashed_ms))

/// The validator that an account is, until it is out with nothing left.
struct ValidatorOf {
    using Key = Address;
    static constexpr char table = 'A';
    ConsensusKey consensus_key;
};
MILLRACE_DESCRIBE(ValidatorOf, (consensus_key))

/// A peer key that has been used.
struct PeerKeyUse {
    using Key = PublicKey;
    static constexpr char table = 'P';
    ConsensusKey consensus_key;
};
MILLRACE_DESCRIBE(PeerKeyUse, (consensus_key))

/// An epoch of which evidence is still taken.
struct EpochRecord {
    using Key = std::uint64_t;
    static constexpr char table = 'E';
    ledger::BlockId anchor;  ///< zero until the epoch is over
    ledger::ValidatorSet set;
    std::uint64_t opened_ms{};
    std::uint64_t ended_ms{};
};
MILLRACE_DESCRIBE(EpochRecord, (anchor, set, opened_ms, ended_ms))

/// A validator on its way to another power; 0 is the way out.
struct QueuedChange {
    ConsensusKey consensus_key;
    std::uint64_t power{};
    friend bool operator==(const QueuedChange&, const QueuedChange&) = default;
};
MILLRACE_DESCRIBE(QueuedChange, (consensus_key, power))

/// Where the epochs stand.
struct EpochState {
    using Key = Only;
    static constexpr char table = 'C';
    std::uint64_t epoch{};
    std::uint64_t oldest{};  ///< of the epochs on record
    ledger::BlockId anchor;  ///< block that opened the epoch; zero until the next block knows it
    std::vector<QueuedChange> changes;  ///< in the order in which they are taken
};
MILLRACE_DESCRIBE(EpochState, (epoch, oldest, anchor, changes))

}  // namespace market
