#pragma once

#include "tests/support/replica_cluster.hpp"

/// The processes of a ReplicaCluster; for its own sources only.
namespace sim {

/// Collects what leaves a node until its sync is over.
class ReplicaCluster::Port final : public node::PeerPort {
public:
    Port(ReplicaCluster& cluster, std::size_t self) : cluster_{cluster}, self_{self} {}

    void send(std::span<const PublicKey> to, node::MessageKind kind, ByteView payload) override
    {
        const auto shared = std::make_shared<const Bytes>(payload.begin(), payload.end());
        for (const auto& key : to)
            if (const auto peer = cluster_.peer_of(self_, key))
                outbox.push_back({*peer, kind, shared});
    }
    void record(const PublicKey&, node::Deed) override {}
    void misbehaved(const PublicKey& key, const std::string& what) override
    {
        const auto peer = cluster_.peer_of(self_, key);
        if (peer && cluster_.on_misbehaved) cluster_.on_misbehaved(self_, *peer, what);
    }

    std::vector<Frame> outbox;

private:
    ReplicaCluster& cluster_;
    std::size_t self_;
};

/// What dies with a process.
class ReplicaCluster::Live {
public:
    Live(ReplicaCluster& cluster, std::size_t self, std::unique_ptr<node::Chain> opened,
         std::uint64_t seed)
        : random{seed},
          port{cluster, self},
          chain{std::move(opened)},
          mempool{cluster.network(), cluster.options.limits.mempool},
          application{cluster.network(), *chain, mempool}
    {
    }

    SeededRandom random;
    Port port;
    std::unique_ptr<node::Chain> chain;
    node::Mempool mempool;
    node::LedgerApplication application;
    std::unique_ptr<Log> log;
    std::optional<node::Replica> replica;
    bool is_uncheckpointed = false;
    std::uint64_t checkpointed_at = 0;
};

}  // namespace sim
