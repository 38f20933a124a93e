#include "tests/support/replica_process.hpp"

// How the nodes of a ReplicaCluster begin, end, and find each other.
namespace sim {

Result<void> ReplicaCluster::open(std::size_t i)
{
    auto& node = *nodes_[i];
    node.store.reopen();
    auto chain = node::Chain::open(*network_, node.store);
    if (!chain) return chain.error();
    auto live = std::make_unique<Live>(*this, i, std::move(*chain),
                                       options.seed * 1'000 + i * 100 + node.starts);
    auto recovered =
        node::open_consensus_log({node.disk, "log", node.store, *live->chain, live->application,
                                  live->random, node.signer->key(), options.log});
    if (!recovered) return recovered.error();
    node.trouble = recovered->trouble;
    live->log = std::move(recovered->log);
    live->replica.emplace(
        node::Replica::Parts{*network_, node.store, *live->chain, *live->log, live->random,
                             node.signer.get(), *verifier_, live->port},
        live->mempool, live->application, options.times, std::move(recovered->durable),
        options.limits, clock(i));
    node.live = std::move(live);
    return {};
}

bool ReplicaCluster::restart(std::size_t i)
{
    auto& node = *nodes_[i];
    if (node.live) return true;
    ++node.incarnation;
    ++node.starts;
    node.inbox.clear();
    node.is_scheduled = false;
    node.busy_until = 0;
    node.stopped.clear();
    if (const auto done = open(i); !done) {
        fell(i, done.error());
        return false;
    }
    if (on_restart) on_restart(i);
    for (std::size_t other = 0; other < nodes_.size(); ++other)
        if (other != i) connect(i, other);
    schedule(i);
    return true;
}

/// The process is gone; its peers notice.
void ReplicaCluster::end(std::size_t i)
{
    auto& node = *nodes_[i];
    ++node.incarnation;
    if (node.live && node.live->replica) {
        const auto& done = node.live->replica->core().events();
        for (std::size_t e = 0; e < event_count; ++e) past_events_[e] += done[e];
    }
    node.live.reset();
    node.inbox.clear();
    for (std::size_t other = 0; other < nodes_.size(); ++other)
        if (other != i) disconnect(i, other);
}

void ReplicaCluster::crash(std::size_t i, End how)
{
    auto& node = *nodes_[i];
    end(i);
    if (how == End::kill) {
        node.disk.crash([] { return true; }, true);
        return;
    }
    // What had reached the disk, if anything, is drawn anew for each cut.
    const auto kept = random(3);
    const auto keep = [&] { return kept != 0 && (kept == 1 || random(2) == 0); };
    node.disk.crash(keep, random(2) == 0);
    node.store.lose(keep);
}

bool ReplicaCluster::stop(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.live) return false;
    const bool is_closed = node.live->log->close().has_value();
    crash(i, End::kill);
    return is_closed;
}

/// It met an error and does nothing more.
void ReplicaCluster::fell(std::size_t i, const Error& error)
{
    auto& node = *nodes_[i];
    node.stopped = error.detail.empty() ? "the disk failed" : error.detail;
    const bool is_injected = error.detail.starts_with("injected fault");
    end(i);
    if (on_stop) on_stop(i, error, is_injected);
}

std::uint64_t& ReplicaCluster::link(std::size_t a, std::size_t b)
{
    return links_[std::minmax(a, b)];
}

void ReplicaCluster::connect(std::size_t a, std::size_t b)
{
    if (!is_up(a) || !is_up(b) || nodes_[a]->key == nodes_[b]->key) return;
    if (peer_of(a, nodes_[b]->key) || peer_of(b, nodes_[a]->key)) return;
    link(a, b) = ++sessions_;
    replica(a).connected(nodes_[b]->key, a < b, clock(a));
    replica(b).connected(nodes_[a]->key, b < a, clock(b));
    schedule(a);
    schedule(b);
}

void ReplicaCluster::disconnect(std::size_t a, std::size_t b)
{
    if (link(a, b) == 0) return;
    link(a, b) = 0;
    for (const auto& [self, other] : {std::pair{a, b}, std::pair{b, a}}) {
        if (!is_up(self)) continue;
        replica(self).disconnected(nodes_[other]->key, clock(self));
        schedule(self);
    }
}

void ReplicaCluster::connect_all()
{
    for (std::size_t a = 0; a < nodes_.size(); ++a)
        for (std::size_t b = 0; b < a; ++b) connect(a, b);
}

}  // namespace sim
