#include "tests/support/replica_cluster.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/chain/transaction.hpp"

namespace sim {
namespace {

constexpr std::uint64_t start_ms = 1'767'225'600'000;
constexpr std::uint64_t checkpoint_every_ms = 1'000;
constexpr std::size_t checks_remembered = 20'000;

Genesis document(const ReplicaClusterOptions& options)
{
    auto genesis = node::test_genesis();
    genesis.validators.set.clear();
    genesis.balances.clear();
    const auto people = options.powers.size() + options.followers;
    for (std::size_t i = 0; i < people; ++i) {
        const auto person = person_of(i);
        genesis.balances.push_back({node::test_account(person), Amount::micros(1'000'000'000)});
        if (i >= options.powers.size()) continue;
        genesis.validators.set.push_back(
            {consensus_key(consensus_key_of(person)), public_key(peer_key_of(person)),
             node::test_account(person), node::test_account(person), options.powers[i]});
    }
    for (std::uint8_t i = 0; i < clients; ++i)
        genesis.balances.push_back({node::test_account(static_cast<std::uint8_t>(first_client + i)),
                                    Amount::micros(1'000'000'000)});
    return genesis;
}

}  // namespace

std::uint8_t person_of(std::size_t node)
{
    return static_cast<std::uint8_t>(node + 1);
}

SecretKey peer_key_of(std::uint8_t person)
{
    return node::test_key(static_cast<std::uint8_t>(person + 80));
}

SecretKey consensus_key_of(std::uint8_t person)
{
    return node::test_key(static_cast<std::uint8_t>(person + 160));
}

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

ReplicaCluster::ReplicaCluster(const ReplicaClusterOptions& given)
    : options{given}, random_{given.seed}
{
    const auto genesis = document(options);
    const auto id = node::genesis_id(genesis);
    ensure(id.has_value(), "the genesis of a cluster is good");
    network_ = std::make_shared<market::Network>(genesis, *id);
    verifier_ = options.has_real_signatures ? std::unique_ptr<Verifier>{new SchnorrVerifier}
                                            : std::unique_ptr<Verifier>{new HashVerifier};
    const auto count = options.powers.size() + options.followers;
    for (std::size_t i = 0; i < count; ++i) {
        const auto person = person_of(i);
        nodes_.push_back(make_node(person, public_key(peer_key_of(person))));
        ensure(restart(i), "a new node starts");
    }
}

ReplicaCluster::~ReplicaCluster() = default;

std::unique_ptr<ReplicaCluster::Node> ReplicaCluster::make_node(std::uint8_t person,
                                                                const PublicKey& key)
{
    auto made = std::make_unique<Node>();
    made->person = person;
    made->key = key;
    auto secret = consensus_key_of(person);
    if (options.has_real_signatures)
        made->signer = std::make_unique<SchnorrSigner>(std::move(secret));
    else
        made->signer = std::make_unique<HashSigner>(consensus_key(secret));
    return made;
}

std::size_t ReplicaCluster::add_twin(std::size_t of)
{
    const auto i = nodes_.size();
    nodes_.push_back(make_node(nodes_[of]->person, nodes_[of]->key));
    ensure(restart(i), "a new node starts");
    return i;
}

void ReplicaCluster::meet(std::size_t i, std::size_t twin)
{
    if (i == twin || !is_up(i) || !is_up(twin)) return;
    if (const auto other = peer_of(i, nodes_[twin]->key)) disconnect(i, *other);
    connect(i, twin);
}

node::Replica& ReplicaCluster::replica(std::size_t i)
{
    return *nodes_[i]->live->replica;
}

node::Chain& ReplicaCluster::chain(std::size_t i)
{
    return *nodes_[i]->live->chain;
}

Log& ReplicaCluster::log(std::size_t i)
{
    return *nodes_[i]->live->log;
}

std::optional<std::size_t> ReplicaCluster::peer_of(std::size_t i, const PublicKey& peer_key)
{
    for (std::size_t other = 0; other < nodes_.size(); ++other)
        if (other != i && nodes_[other]->key == peer_key && link(i, other) != 0) return other;
    return {};
}

Now ReplicaCluster::clock(std::size_t i) const
{
    const auto& node = *nodes_[i];
    const auto passed = static_cast<std::int64_t>(now_) +
                        static_cast<std::int64_t>(now_) * node.drift_permille / 1'000;
    const auto wall = static_cast<std::int64_t>(start_ms) + passed + node.clock_offset_ms;
    return {static_cast<std::uint64_t>(passed) + 1, {static_cast<std::uint64_t>(wall)}};
}

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

void ReplicaCluster::stop(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.live) return;
    static_cast<void>(node.live->log->close());
    crash(i, End::kill);
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

void ReplicaCluster::at(std::uint64_t in_ms, std::function<void()> action)
{
    events_.push({now_ + in_ms, order_++, std::move(action)});
}

void ReplicaCluster::schedule(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.live || node.is_scheduled) return;
    node.is_scheduled = true;
    const auto from = std::max(node.paused_until, node.busy_until);
    at(from > now_ ? from - now_ : 0, [this, i, incarnation = node.incarnation] {
        if (nodes_[i]->incarnation == incarnation) run_node(i);
    });
}

void ReplicaCluster::take(std::size_t i, std::size_t from, const Frame& frame)
{
    auto& node = *nodes_[i];
    const auto& peer = nodes_[from]->key;
    const auto unchecked = node.live->replica->received(peer, frame.kind, *frame.payload, clock(i));
    if (!unchecked) return;
    const auto& known = checked(unchecked->encoded);
    node.live->replica->checked(peer, wire_id(unchecked->encoded), known, clock(i));
}

void ReplicaCluster::run_node(std::size_t i)
{
    auto& node = *nodes_[i];
    node.is_scheduled = false;
    if (node.paused_until > now_ || node.busy_until > now_) return schedule(i);
    auto inbox = std::exchange(node.inbox, {});
    for (const auto& [from, frame] : inbox) {
        take(i, from, frame);
        if (!node.live) return;
    }
    auto& live = *node.live;
    const auto synced = live.log->synced_seq();
    auto result = live.replica->step(clock(i));
    // Whatever it let go has left the node, also when it fell over its own disk afterwards.
    const bool has_synced = live.log->synced_seq() != synced;
    const auto sync = has_synced ? random(options.most_sync_ms + 1) + node.slow_sync_ms : 0;
    node.busy_until = now_ + sync;
    flush(i, sync);
    if (!result) return fell(i, result.error());
    if (on_step) on_step(i, *result);
    live.is_uncheckpointed = live.is_uncheckpointed || !result->blocks.empty();
    if (live.is_uncheckpointed && now_ - live.checkpointed_at >= checkpoint_every_ms) {
        live.is_uncheckpointed = false;
        live.checkpointed_at = now_;
        if (const auto done = live.replica->checkpoint(); !done) return fell(i, done.error());
    }
    auto wake = result->wake_at;
    const auto here = clock(i).steady_ms;
    if (result->again) wake = here;
    if (live.is_uncheckpointed) wake = std::min(wake.value_or(~std::uint64_t{0}), here + 1'000);
    if (wake) {
        const auto token = ++node.wake_token;
        const auto in = *wake > here ? *wake - here : 0;
        // A slow clock takes longer to get there.
        const auto drift = static_cast<std::uint64_t>(1'000 - node.drift_permille);
        at((in * drift + 999) / 1'000, [this, i, token, incarnation = node.incarnation] {
            auto& same = *nodes_[i];
            if (same.incarnation == incarnation && same.wake_token == token) schedule(i);
        });
    }
    if (!node.inbox.empty()) schedule(i);
}

void ReplicaCluster::flush(std::size_t i, std::uint64_t in_ms)
{
    auto frames = std::exchange(nodes_[i]->live->port.outbox, {});
    if (frames.empty()) return;
    if (on_publish) on_publish(i, frames);
    if (in_ms == 0) {
        for (const auto& frame : frames) send(i, frame);
        return;
    }
    at(in_ms, [this, i, frames = std::move(frames)] {
        for (const auto& frame : frames) send(i, frame);
    });
}

void ReplicaCluster::send(std::size_t from, const Frame& frame)
{
    nodes_[from]->sent_bytes += frame.payload->size();
    if (frame.to == from || frame.to >= nodes_.size() || link(from, frame.to) == 0) return;
    if (filter && !filter(from, frame.to)) return;
    if (random(100) < options.loss_percent) return;
    const int copies = random(100) < options.duplicate_percent ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
        const auto span = options.most_delay_ms - options.least_delay_ms + 1;
        at(options.least_delay_ms + random(span),
           [this, from, frame, session = link(from, frame.to)] {
               if (link(from, frame.to) == session) inject(from, frame);
           });
    }
}

void ReplicaCluster::inject(std::size_t from, const Frame& frame)
{
    auto& node = *nodes_[frame.to];
    if (!node.live || link(from, frame.to) == 0) return;
    node.inbox.emplace_back(from, frame);
    schedule(frame.to);
}

const Result<market::CheckedTransaction>& ReplicaCluster::checked(const Bytes& transaction)
{
    if (checked_.size() > checks_remembered) checked_.clear();
    const auto id = wire_id(transaction);
    auto found = checked_.find(id);
    if (found == checked_.end())
        found = checked_.emplace(id, market::check_transaction(*network_, transaction)).first;
    return found->second;
}

Result<void, node::MempoolFault> ReplicaCluster::submit(std::size_t i, const Bytes& transaction)
{
    const auto& known = checked(transaction);
    ensure(known.has_value(), "a client signs well");
    const auto added = replica(i).add(*known, nullptr, clock(i));
    schedule(i);
    return added;
}

EventCounts ReplicaCluster::events() const
{
    auto sum = past_events_;
    for (const auto& node : nodes_)
        if (node->live)
            for (std::size_t e = 0; e < event_count; ++e)
                sum[e] += node->live->replica->core().events()[e];
    return sum;
}

bool ReplicaCluster::run_until(const std::function<bool()>& done, std::uint64_t within_ms)
{
    const auto end = now_ + within_ms;
    std::uint64_t looked = ~std::uint64_t{0};
    while (!events_.empty() && events_.top().at <= end) {
        // Asked once each moment: what it looks at is not cheap.
        if (looked != events_.top().at) {
            looked = events_.top().at;
            if (done()) return true;
        }
        auto event = events_.top();
        events_.pop();
        now_ = event.at;
        event.run();
    }
    now_ = end;
    return done();
}

void ReplicaCluster::run_for(std::uint64_t ms)
{
    run_until([] { return false; }, ms);
}

}  // namespace sim
