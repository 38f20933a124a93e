#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/crypto/random.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace node {

struct GossipLimits {
    std::size_t batch = 1'000;                  ///< ids in one message
    std::size_t announcements_of_peer = 5'000;  ///< ids of one peer we have not got yet
    std::size_t asked_of_peer = 1'000;          ///< requests to one peer without an answer
    std::size_t known = 100'000;                ///< ids remembered besides those we hold
    std::size_t pushes = 2;                     ///< bodies sent unasked, besides leaders
    std::uint64_t batch_ms = 15;
    std::uint64_t timeout_ms = 1'000;
    std::uint64_t look_ms = 50;  ///< between looks for requests that timed out
};

/// What to do for one peer. Ids are WireIds.
struct GossipAction {
    enum class Kind {
        announce,        ///< send the ids as an inventory
        request,         ///< ask for the bodies
        send_body,       ///< send the bodies of the ids
        say_missing,     ///< we do not have these
        broken_promise,  ///< it announced the ids and did not deliver: counts against it, once a
                         ///< `timeout_ms` however many they are
        too_many,        ///< it announced beyond its bound: counts against it
    };
    Kind kind{};
    ledger::PublicKey peer;
    std::vector<ledger::WireId> ids;
};
using GossipActions = std::vector<GossipAction>;

/// Spreads transactions: the node where one enters pushes it to leaders and two more and
/// announces it to the rest; whoever hears of an unknown one asks one announcer at a time,
/// outbound peers first. Bodies are checked and kept elsewhere. Pure: `now_ms` never goes back.
class TransactionGossip {
public:
    TransactionGossip(GossipLimits limits, ledger::Random& random)
        : limits_{limits}, random_{random}
    {
    }

    void add_peer(const ledger::PublicKey& peer, bool we_dialled);
    /// Announces what we hold to one who was not there when it came; up to the bound of
    /// announcements, with the next batch.
    void offer(const ledger::PublicKey& peer, const std::vector<ledger::WireId>& ids,
               std::uint64_t now_ms);
    /// What was asked of it is asked of others.
    GossipActions remove_peer(const ledger::PublicKey& peer, std::uint64_t now_ms);
    /// The peers whose blocks come next; bodies that enter here are pushed to them.
    void set_leaders(std::vector<ledger::PublicKey> leaders) { leaders_ = std::move(leaders); }

    /// A transaction was checked and kept. `from` is empty where it entered the network here.
    GossipActions accepted(const ledger::WireId& id, const ledger::PublicKey* from,
                           std::uint64_t now_ms);
    /// A body came that the checks refused: nobody is asked for it again for now.
    void refused(const ledger::WireId& id);
    /// It left the pool, into a block or for good; it can still not be news.
    void forget(const ledger::WireId& id) { held_.erase(id); }

    GossipActions on_inventory(const ledger::PublicKey& from,
                               const std::vector<ledger::WireId>& ids, std::uint64_t now_ms);
    GossipActions on_request(const ledger::PublicKey& from, const std::vector<ledger::WireId>& ids);
    GossipActions on_missing(const ledger::PublicKey& from, const std::vector<ledger::WireId>& ids,
                             std::uint64_t now_ms);
    /// Sends batches that are due and asks others where nobody answered. Call every few ms.
    GossipActions tick(std::uint64_t now_ms);
    /// When `tick` has something to do next; empty while nothing is under way.
    std::optional<std::uint64_t> due() const;

    std::size_t wanted() const { return wanted_.size(); }

private:
    struct Peer {
        bool we_dialled = false;
        std::vector<ledger::WireId> outgoing;  ///< to announce with the next batch
        std::uint64_t batch_due = 0;
        std::set<ledger::WireId> announced;  ///< by it, wanted by us
        std::size_t asked = 0;               ///< of it
        std::uint64_t blamed_until = 0;      ///< for promises it broke; until then for no more
    };
    struct Wanted {
        std::vector<ledger::PublicKey> announcers;  ///< not asked yet, in the order they came
        ledger::PublicKey asked;
        bool is_asked = false;
        std::uint64_t deadline = 0;
    };

    void ask_next(const ledger::WireId& id, std::uint64_t now_ms, GossipActions& actions);
    void drop_wanted(const ledger::WireId& id);
    void remember(const ledger::WireId& id);
    static void add(GossipActions& actions, GossipAction::Kind kind, const ledger::PublicKey& peer,
                    const ledger::WireId& id);

    GossipLimits limits_;
    ledger::Random& random_;
    std::map<ledger::PublicKey, Peer> peers_;
    std::vector<ledger::PublicKey> leaders_;
    std::map<ledger::WireId, Wanted> wanted_;
    std::uint64_t next_look_ = 0;
    std::set<ledger::WireId> known_;  ///< ours now or once
    std::deque<ledger::WireId> known_order_;
    std::set<ledger::WireId> held_;  ///< bodies we can send; of known_
};

}  // namespace node
