#pragma once

#include "tests/simulation/node_adversary.hpp"

#include <functional>
#include <map>
#include <vector>

namespace sim {

/// People who pay each other and come, go and report as validators do, over nodes that may be down:
/// as honest clients they try again until a nonce is used up, but also twice, out of order, with
/// other contents, with forged signatures and with money they do not have.
class NodeClients {
public:
    NodeClients(ReplicaCluster&, std::uint64_t seed, NodeFaultCounts&);

    /// One of the things that clients do, on any node that is up.
    void act();
    /// Many at once.
    void flood();
    void join(std::size_t node);
    void leave(std::size_t node);
    void change_power(std::size_t node, bool raise, std::uint64_t by);
    /// Puts evidence on the ledger, a few pieces at most.
    void report(const Evidence&);

    /// Every transaction whose nonce is still open on this node, from the lowest on.
    void try_again(std::size_t node);
    /// All nonces that were ever submitted are used up in the state of this node.
    bool is_all_final(std::size_t node) const;
    std::size_t submitted() const;

    /// A fault of a node's: it took what it had to refuse.
    const std::string& failure() const { return failure_; }

private:
    struct Person {
        std::vector<std::vector<Bytes>> slots;  ///< by nonce, each with what was sent for it
        mutable std::map<std::size_t, std::uint64_t> used;  ///< by node, as last seen
    };
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
    void count(NodeFault fault) { ++counts_[static_cast<std::size_t>(fault)]; }
    std::optional<std::size_t> some_node();
    std::uint8_t some_client() { return static_cast<std::uint8_t>(first_client + below(clients)); }
    Bytes signed_for(std::uint8_t person, std::uint64_t nonce, const market::Message&,
                     std::uint64_t fee = 10) const;
    market::Message payment(std::uint64_t micros);
    const Bytes& open_slot(std::uint8_t person, const market::Message&);
    void send(const Bytes&);
    void send(std::size_t node, const Bytes&);
    std::uint64_t nonce_at(std::size_t node, std::uint8_t person) const;

    ReplicaCluster& cluster_;
    std::mt19937_64 random_;
    NodeFaultCounts& counts_;
    std::map<std::uint8_t, Person> people_;
    std::size_t reports_ = 0;
    std::string failure_;
};

}  // namespace sim
