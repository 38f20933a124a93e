#pragma once

#include "ledger/crypto/random.hpp"
#include "node/peers/address_record.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace node {

/// What the address book knows of one peer.
struct KnownPeer {
    AddressRecord record;
    Netgroup source;          ///< of whoever told us; decides the bucket
    ledger::TimeMs last_try;  ///< zero: never
    ledger::TimeMs last_success;
    std::uint32_t failures{};  ///< since the last success
    bool tried{};              ///< we have spoken to it
    /// Which of the record's addresses we spoke to it at. The others are what its owner says.
    std::optional<NetAddress> answered;
    friend bool operator==(const KnownPeer&, const KnownPeer&) = default;
};
MILLRACE_DESCRIBE(KnownPeer, (record, source, last_try, last_success, failures, tried, answered))

struct BookLimits {
    static constexpr std::size_t new_buckets = 256, tried_buckets = 64, slots = 32;
    static constexpr std::size_t new_buckets_of_source = 16;  ///< that one source group reaches
    static constexpr std::size_t tried_buckets_of_group = 4;  ///< that one netgroup reaches
    static constexpr std::size_t collisions = 10;
    static constexpr std::uint64_t stale_ms = 14ull * 24 * 3600 * 1000;  ///< unheard of so long
    static constexpr std::uint32_t failures = 5;                    ///< and it is as good as gone
    static constexpr std::uint64_t retest_ms = 4ull * 3600 * 1000;  ///< a success this fresh stands
};

/// Addresses of peers after Bitcoin's address manager: `new` ones (heard of) and `tried` ones
/// (spoken to) lie in buckets chosen by a secret salt, an address's netgroup and, for new ones,
/// the group of the source. A tried peer counts to the netgroup in which it answered, because a
/// record can name addresses that are not its owner's. Whoever has few netgroups reaches few
/// buckets, however many addresses he makes up. Pure: time and randomness are arguments. Takes
/// checked records only.
class AddressBook {
public:
    explicit AddressBook(const ledger::Hash& salt) : salt_{salt} {}

    /// A record somebody told us. False: known already, older than what we know, or its slot
    /// is held by a better one.
    bool add(const AddressRecord& record, const IpBytes& source, ledger::TimeMs now);

    /// We dialled it.
    void tried_to_reach(const ledger::PublicKey& peer, ledger::TimeMs now);
    void failed(const ledger::PublicKey& peer, ledger::TimeMs now);
    /// We spoke to it at `address`: it moves to `tried`. Where another holds the slot, that one is
    /// tested first (`next_test`), because an attacker must not push out who still answers. An
    /// address that its record does not name proves nothing about those that it does.
    void succeeded(const ledger::PublicKey& peer, const NetAddress& address, ledger::TimeMs now);
    void forget(const ledger::PublicKey& peer);

    /// One to dial, tried or new with even odds; peers tried lately or often in vain come up
    /// less. Empty when there is none.
    const KnownPeer* choose(ledger::Random& random, ledger::TimeMs now, bool only_new) const;
    /// The holder of a tried slot that somebody else waits for; dial it, then call `settle`.
    const KnownPeer* next_test() const;
    /// Ends waiting whose holder answered lately or failed.
    void settle(ledger::TimeMs now);

    /// Up to `count` records, at most a quarter of what we know, for a peer that asks.
    std::vector<AddressRecord> sample(ledger::Random& random, ledger::TimeMs now,
                                      std::size_t count) const;

    const KnownPeer* find(const ledger::PublicKey& peer) const;
    std::size_t new_count() const { return new_.size(); }
    std::size_t tried_count() const { return tried_.size(); }

    /// For a file, and back: entries that no longer fit a slot are left out.
    std::vector<KnownPeer> entries() const;
    void restore(const std::vector<KnownPeer>& entries, ledger::TimeMs now);

private:
    using Slot = std::uint32_t;
    using Table = std::map<Slot, ledger::PublicKey>;

    Slot new_slot(const KnownPeer&) const;
    Slot tried_slot(const KnownPeer&) const;
    std::uint64_t hash(std::string_view what, ledger::ByteView a, ledger::ByteView b = {},
                       std::uint64_t number = 0) const;
    bool is_gone(const KnownPeer&, ledger::TimeMs now) const;
    bool place_new(KnownPeer peer, ledger::TimeMs now);
    void promote(KnownPeer& peer);
    void answered_elsewhere(KnownPeer& peer, const NetAddress& address);

    ledger::Hash salt_;
    std::map<ledger::PublicKey, KnownPeer> peers_;
    Table new_, tried_;
    std::vector<ledger::PublicKey> waiting_;  ///< spoken to, their tried slots held by others
};

}  // namespace node
