#pragma once

#include "market/execute.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace node {

struct MempoolLimits {
    std::size_t bytes = std::size_t{256} << 20;
    std::size_t transactions = 100'000;
    std::size_t per_account = 64;
    std::uint64_t nonce_window = 16;  ///< a nonce lies in [next, next + this]
    unsigned gapped_percent = 10;     ///< of `bytes`, for those that wait for a missing nonce
    unsigned bump_percent = 10;       ///< a replacement pays at least this much more
    ledger::Amount min_bump = ledger::Amount::micros(1);
};

/// Why a transaction did not get in.
enum class MempoolFault {
    known,  ///< this very transaction is here already
    nonce_used,
    nonce_too_far,
    expired,
    valid_too_long,
    fee_too_low,
    fee_not_zero,     ///< a credit network takes none
    balance_too_low,  ///< the sender's waiting transactions together cost more than it has
    not_admitted,
    quota_used_up,
    replacement_too_cheap,
    account_full,
    pool_full,
    replaced,  ///< it was in, and one of the same nonce that pays more took its place
};
BOOST_DESCRIBE_ENUM(MempoolFault, known, nonce_used, nonce_too_far, expired, valid_too_long,
                    fee_too_low, fee_not_zero, balance_too_low, not_admitted, quota_used_up,
                    replacement_too_cheap, account_full, pool_full, replaced)

/// The pool's word for what a block finds wrong with an envelope; there a nonce is wrong because
/// what should come before it is not there.
MempoolFault mempool_fault(market::EnvelopeFault);

/// A transaction that was taken and is in the pool no more. One that a final block holds has
/// left for `nonce_used`, like one whose nonce another has used.
struct Departure {
    ledger::TxId id;
    ledger::WireId wire_id;
    MempoolFault why{};
};

/// Transactions that wait for a block. Holds one per (account, lane, nonce). What follows its
/// lane's next nonce without a gap is pending; the rest is gapped, has a budget of its own and
/// never displaces what is pending. Pure: state and time are arguments.
///
/// Threads: one at a time.
class Mempool {
public:
    Mempool(const market::Network&, MempoolLimits);

    /// Takes a transaction whose signature has been checked. On a fault nothing has changed.
    ledger::Result<void, MempoolFault> add(market::CheckedTransaction, const market::View&,
                                           ledger::TimeMs now);

    /// Whether blocks that are not final yet have used up a nonce.
    using IsUsed = std::function<bool(const ledger::ReplayKey&)>;

    /// What a block should hold: pending transactions, the dearest a byte first and among equals
    /// the oldest; where nobody pays, what system accounts send and evidence before settlements
    /// and those before the rest. Each lane in the order of its nonces, without those used. They
    /// stay here.
    std::vector<market::CheckedTransaction> select(std::size_t most_bytes,
                                                   std::size_t most_transactions,
                                                   const IsUsed& is_used = {}) const;
    /// Some pending transaction that is not used; null when there is none.
    const market::CheckedTransaction* any_unused(const IsUsed& is_used) const;

    /// After a block: drops what it used up or made unaffordable, and what is above a quota or not
    /// admitted any more, of these accounts, which are who sent and whose
    /// admission changed; and whatever has expired.
    void on_block(const std::set<ledger::Address>& accounts, const market::View&,
                  ledger::TimeMs now);

    /// Drops one, and leaves what comes behind it gapped.
    void drop(const ledger::TxId&, MempoolFault why);

    /// What has left since the last call, in order.
    std::vector<Departure> take_departures() { return std::exchange(departures_, {}); }

    bool has_pending() const { return pending_ != 0; }
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::size_t gapped_bytes() const { return gapped_bytes_; }
    const market::CheckedTransaction* find(const ledger::TxId&) const;
    const market::CheckedTransaction* find(const ledger::WireId&) const;
    bool is_pending(const ledger::ReplayKey&) const;
    /// The nonce after the last pending one of a lane, or the ledger's next.
    ledger::Nonce next_nonce(const market::View&, const ledger::Address&, ledger::Lane) const;

    /// Stops the process when the indexes disagree; for tests.
    void check() const;

private:
    struct Entry {
        market::CheckedTransaction transaction;
        ledger::Amount cost;
        std::uint64_t arrival{};
        unsigned priority{};
        bool pending{};
    };
    /// Of one account.
    struct Waiting {
        std::size_t count = 0;
        ledger::Amount cost;
        std::size_t bytes = 0;
        void add(const Entry&);
        void remove(const Entry&);
        friend bool operator==(const Waiting&, const Waiting&) = default;
    };
    using Entries = std::map<ledger::ReplayKey, Entry>;
    /// Lower is dropped first: where nobody pays, the lower class, as the sender had it when this
    /// came; fee a byte; the newer one.
    struct Rank {
        unsigned priority{};
        std::uint64_t fee_per_kib{};
        std::uint64_t newness{};
        friend auto operator<=>(const Rank&, const Rank&) = default;
    };

    using Ranked = std::pair<Rank, ledger::ReplayKey>;

    void insert(Entry);
    void erase(Entries::iterator, MempoolFault why);
    void relink(const ledger::Address&, ledger::Lane, ledger::Nonce next);
    void evict(Entries::iterator);
    /// Who must go for an entry of this size and rank, `replaced` aside; empty where nobody can.
    std::optional<std::vector<Entries::iterator>> room_for(const ledger::ReplayKey&, const Rank&,
                                                           std::size_t size, bool pending,
                                                           const Entry* replaced);
    Entries::iterator before_in_lane(Entries::iterator);
    static bool same_lane(const ledger::ReplayKey&, const ledger::ReplayKey&);
    unsigned class_of(const market::CheckedTransaction&, market::AccountClass sender) const;
    static Rank rank_of(const market::CheckedTransaction&, unsigned priority,
                        std::uint64_t arrival);
    static Rank rank_of(const Entry& e) { return rank_of(e.transaction, e.priority, e.arrival); }

    const market::Network& network_;
    MempoolLimits limits_;
    Entries entries_;
    std::map<ledger::TxId, ledger::ReplayKey> by_id_;
    std::map<ledger::WireId, ledger::ReplayKey> by_wire_id_;
    std::set<Ranked>
        heads_;  ///< first of each lane where that is pending: what a block begins with
    std::set<Ranked> tails_;  ///< last of each lane: evictable
    std::set<std::pair<std::uint64_t, ledger::ReplayKey>> expiries_;  ///< of those that expire
    std::map<ledger::Address, Waiting> accounts_;
    std::size_t bytes_ = 0;
    std::size_t gapped_bytes_ = 0;
    std::size_t pending_ = 0;
    std::uint64_t arrivals_ = 0;
    std::vector<Departure> departures_;
};

/// What a transaction uses up.
ledger::ReplayKey replay_key(const market::CheckedTransaction&);

/// The most a transaction can take from its sender's balance: the fee and what its message moves,
/// as far as it says so itself.
ledger::Amount cost_of(const market::Network&, const market::CheckedTransaction&);

}  // namespace node
