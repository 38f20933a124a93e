#include "ledger/base/ensure.hpp"
#include "ledger/chain/transaction.hpp"
#include "tests/support/replica_process.hpp"

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
