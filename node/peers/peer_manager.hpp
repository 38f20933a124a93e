#pragma once

#include "node/peers/address_book.hpp"
#include "node/peers/ban_list.hpp"
#include "node/peers/peer_scores.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace node {

/// What a connection is for; decides the slot it takes.
enum class ConnectionUse {
    reserved,           ///< a validator or one of the operator's list: never short of a slot
    full,               ///< outbound: everything
    certificates_only,  ///< outbound: certificates and blocks, so that others do not learn our txs
    feeler,             ///< outbound: is it there? then hang up
    inbound,
};

std::string_view name_of(ConnectionUse);

struct PeerLimits {
    std::size_t full_outbound = 8;
    std::size_t certificate_outbound = 2;
    std::size_t inbound = 32;
    std::size_t reserved = 160;  ///< validators and the operator's list
    std::size_t outbound_per_netgroup = 1;
    std::size_t anchors = 2;
    std::size_t pending_dials = 8;
    std::uint64_t feeler_ms = 120'000;
    std::uint64_t retry_ms = 1'000;          ///< doubles with each failure
    std::uint64_t retry_limit_ms = 300'000;  //
    /// The same for validators and the operator's list: a network that was cut has to be final
    /// again soon after it can be.
    std::uint64_t reserved_retry_limit_ms = 5'000;
    std::uint64_t ban_ms = 3'600'000;  ///< doubles with each ban within a day of the last one's end
    /// Inbound peers whom eviction cannot touch, by each virtue.
    std::size_t protected_each = 4;
    bool private_addresses = false;  ///< take records of private networks too
};

struct DialOrder {
    ledger::PublicKey peer;
    NetAddress address;
    ConnectionUse use{};
    friend bool operator==(const DialOrder&, const DialOrder&) = default;
};

enum class Admission { taken, banned, backing_off, no_slot };
std::string_view name_of(Admission);

struct AdmissionVerdict {
    Admission verdict{};
    ConnectionUse use{};
    std::optional<ledger::PublicKey> evicted = {};  ///< hang up on this one
};

/// Decides whom to dial, whom to admit and whom to drop. Pure: time and randomness come as
/// arguments; `now` never goes back. One owner, no locks.
class PeerManager {
public:
    PeerManager(PeerLimits limits, ledger::PublicKey own, ledger::BlockId genesis,
                ledger::Random& random);

    /// The operator's list, dialled until it answers. Netgroup limits do not apply to it.
    void add_fixed(const ledger::PublicKey& peer, const NetAddress& address);
    /// The present set's peer keys; their addresses come from records.
    void set_validators(std::set<ledger::PublicKey> keys);
    /// Records from a peer at `source`. Returns how many were new; bad ones count against it.
    std::size_t learn(const std::vector<AddressRecord>& records, const ledger::PublicKey& from,
                      const IpBytes& source, ledger::TimeMs now);
    std::vector<AddressRecord> records_for_peer(ledger::TimeMs now);

    /// Whom to dial now; each stays pending until `admit` or `dial_failed`.
    std::vector<DialOrder> dials(ledger::TimeMs now);
    void dial_failed(const DialOrder& order, ledger::TimeMs now);
    /// The order came to nothing through no fault of the peer.
    void dial_dropped(const DialOrder& order);

    /// A peer proved its key. `dialled` is our order, empty for an inbound connection.
    AdmissionVerdict admit(const ledger::PublicKey& peer, const NetAddress& address,
                           const std::optional<DialOrder>& dialled, ledger::TimeMs now);
    void gone(const ledger::PublicKey& peer, ledger::TimeMs now);

    void record(const ledger::PublicKey& peer, Deed deed, ledger::TimeMs now);
    void measured(const ledger::PublicKey& peer, std::chrono::milliseconds round_trip);
    PeerStanding standing(const ledger::PublicKey& peer, ledger::TimeMs now) const;
    std::int64_t score(const ledger::PublicKey& peer, ledger::TimeMs now) const;
    /// For what the peer itself signed or framed wrongly. Not for reserved peers: one mistake in
    /// a release must not part all validators for an hour.
    void ban(const ledger::PublicKey& peer, std::string reason, ledger::TimeMs now);
    /// Those whose score fell to where we hang up, and those banned meanwhile. A score is no ban:
    /// `admit` takes them again once it has recovered.
    std::vector<ledger::PublicKey> take_disconnects(ledger::TimeMs now);

    /// All connected peers, at least two, lie in one netgroup: maybe an eclipse.
    bool one_netgroup_alarm() const;

    const AddressBook& book() const { return book_; }
    std::size_t connected() const { return connected_.size(); }
    std::size_t count(ConnectionUse) const;

    /// Everything that outlives the process: addresses, bans, anchors, the buckets' salt.
    ledger::Bytes save(ledger::TimeMs now) const;
    /// Error corrupt, with nothing changed, unless `bytes` are exactly what `save` makes.
    ledger::Result<void> load(ledger::ByteView bytes, ledger::TimeMs now);
    static constexpr std::size_t saved_limit = 4 * 1024 * 1024;

private:
    struct Connected {
        NetAddress address;
        ConnectionUse use{};
        ledger::TimeMs since;
        ledger::TimeMs last_useful;
        std::optional<std::chrono::milliseconds> round_trip;
    };
    struct Repeat {
        unsigned times = 0;
        ledger::TimeMs until;  ///< the last ban's end
    };
    struct Retry {
        unsigned failures = 0;
        ledger::TimeMs next;
    };

    bool is_reserved(const ledger::PublicKey&) const;
    bool may_dial(const ledger::PublicKey&, ledger::TimeMs now) const;
    std::vector<ledger::PublicKey> reserved_to_dial(ledger::TimeMs now) const;
    bool netgroup_is_free(const NetAddress&, const std::vector<DialOrder>& chosen) const;
    NetAddress where_to_dial(const KnownPeer&);
    void order(std::vector<DialOrder>& orders, const DialOrder& dial, ledger::TimeMs now);
    std::size_t in_use(ConnectionUse, const std::vector<DialOrder>& orders) const;
    std::optional<ledger::PublicKey> choose_eviction(ledger::TimeMs now) const;
    void count_colocated(const IpBytes& ip, ledger::TimeMs now);
    std::vector<KnownPeer> anchors() const;

    PeerLimits limits_;
    ledger::PublicKey own_;
    ledger::BlockId genesis_;
    ledger::Random& random_;
    ledger::Hash salt_;
    AddressBook book_;
    PeerScores scores_;
    BanList bans_;
    std::map<ledger::PublicKey, Repeat> repeats_;
    std::map<ledger::PublicKey, NetAddress> fixed_;
    std::set<ledger::PublicKey> validators_;
    std::vector<KnownPeer> anchors_;  ///< from the file, dialled first
    std::map<ledger::PublicKey, Connected> connected_;
    std::map<ledger::PublicKey, DialOrder> pending_;
    std::map<ledger::PublicKey, Retry> retries_;
    ledger::TimeMs last_feeler_;
};

}  // namespace node
