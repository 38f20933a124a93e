#include "tests/support/consensus_cluster.hpp"

#include "ledger/base/ensure.hpp"

namespace sim {
namespace {

std::unique_ptr<Signer> make_signer(std::uint32_t who)
{
    return std::make_unique<HashSigner>(who);
}

std::unique_ptr<Signer> make_real_signer(std::uint32_t who)
{
    return std::make_unique<SchnorrSigner>(
        *SecretKey::from_bytes(Bytes(32, static_cast<std::uint8_t>(who + 1))));
}

}  // namespace

Cluster::Cluster(const ClusterOptions& given) : options{given}, random_{given.seed}
{
    verifier_ = options.has_real_signatures ? std::unique_ptr<Verifier>{new SchnorrVerifier}
                                            : std::unique_ptr<Verifier>{new HashVerifier};
    genesis_set_ = sim_set(options.powers);
    if (options.has_real_signatures)
        for (std::uint32_t i = 0; i < genesis_set_.size(); ++i)
            genesis_set_[i].consensus_key = make_real_signer(i)->key();
    genesis_ = sim_genesis(genesis_set_);
    const auto count = options.powers.size() + options.followers;
    for (std::uint32_t i = 0; i < count; ++i) add_twin(i);
}

Cluster::~Cluster() = default;

std::size_t Cluster::add_twin(std::uint32_t who)
{
    const auto i = nodes_.size();
    auto node = std::make_unique<Node>();
    node->who = who;
    node->signer = options.has_real_signatures ? make_real_signer(who) : make_signer(who);
    node->disk.base = {0, genesis_, genesis_set_, genesis_, {}};
    nodes_.push_back(std::move(node));
    start(i, replay(i));
    return i;
}

void Cluster::start(std::size_t i, Durable durable)
{
    auto& node = *nodes_[i];
    std::vector<Bytes> pool;
    node.application = std::make_unique<SimApplication>(genesis_, genesis_set_);
    for (const auto& commit : node.disk.finals) node.application->commit(commit);
    for (const auto& [epoch, proof] : node.disk.proofs) node.application->keep(proof);
    for (const auto& commit : durable.commits) node.application->commit(commit);
    for (const auto& proof : durable.proofs) node.application->keep(proof);
    node.core.emplace(options.times, std::move(durable), node.signer.get(), *verifier_,
                      *node.application, options.seed + i);
    ++node.incarnation;
    node.inbox.clear();
    node.unpublished.reset();
    node.is_scheduled = false;
    for (std::size_t other = 0; other < nodes_.size(); ++other) {
        if (other == i || !nodes_[other] || !nodes_[other]->core) continue;
        node.inbox.push_back(Connected{{other}, sim_peer_key(nodes_[other]->who)});
        nodes_[other]->inbox.push_back(Connected{{i}, sim_peer_key(node.who)});
        schedule(other);
    }
    schedule(i);
}

void Cluster::crash(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.core) return;
    if (node.unpublished) {
        // A crash leaves a prefix of the batch that was being written.
        const auto& records = node.unpublished->records;
        const auto kept = records.empty() ? 0 : random_() % (records.size() + 1);
        for (std::size_t k = 0; k < kept; ++k)
            node.disk.log.emplace_back(record_type(records[k]), encode_record(records[k]));
    }
    for (std::size_t e = 0; e < event_count; ++e) past_events_[e] += node.core->events()[e];
    node.core.reset();
    node.unpublished.reset();
    node.inbox.clear();
    ++node.incarnation;
    for (std::size_t other = 0; other < nodes_.size(); ++other)
        if (other != i && nodes_[other]->core) {
            nodes_[other]->inbox.push_back(Disconnected{{i}});
            schedule(other);
        }
}

Durable Cluster::replay(std::size_t i, const LogReport& report) const
{
    const auto& disk = nodes_[i]->disk;
    std::vector<Record> records;
    for (const auto& [type, bytes] : disk.log) {
        auto record = decode_record(type, bytes);
        ensure(record.has_value(), "what was logged can be read");
        records.push_back(std::move(*record));
    }
    return recover(disk.base, records, report, disk.signed_up_to);
}

void Cluster::restart(std::size_t i, LogReport report)
{
    if (nodes_[i]->core || nodes_[i]->is_halted) return;
    auto durable = replay(i, report);
    if (on_restart) on_restart(i, durable);
    start(i, std::move(durable));
}

void Cluster::checkpoint(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.core || node.unpublished) return;
    const auto durable = node.core->durable();
    node.disk.base = durable.base;
    node.disk.signed_up_to = durable.signed_up_to;
    node.disk.finals.assign(node.application->finals().begin() + 1,
                            node.application->finals().end());
    node.disk.proofs = node.application->proofs();
    node.disk.log.clear();
    for (const auto& record : durable.snapshot())
        node.disk.log.emplace_back(record_type(record), encode_record(record));
}

Now Cluster::clock(std::size_t i) const
{
    const auto wall = static_cast<std::int64_t>(2'000'000 + now_) + nodes_[i]->clock_offset_ms;
    return {now_, {static_cast<std::uint64_t>(wall)}};
}

void Cluster::at(std::uint64_t in_ms, std::function<void()> action)
{
    events_.push({now_ + in_ms, order_++, std::move(action)});
}

void Cluster::schedule(std::size_t i)
{
    auto& node = *nodes_[i];
    if (!node.core || node.is_scheduled || node.unpublished || node.is_halted) return;
    node.is_scheduled = true;
    const auto delay = node.paused_until > now_ ? node.paused_until - now_ : 0;
    at(delay, [this, i, incarnation = node.incarnation] {
        if (nodes_[i]->incarnation == incarnation) run_node(i);
    });
}

void Cluster::run_node(std::size_t i)
{
    auto& node = *nodes_[i];
    node.is_scheduled = false;
    std::vector<Input> inputs;
    inputs.swap(node.inbox);
    auto output = node.core->step(inputs, clock(i));
    if (on_output) on_output(i, output);
    node.records += output.records.size();
    const auto sync = output.records.empty() ? 0 : random_() % (options.most_sync_ms + 1);
    node.unpublished = std::move(output);
    if (sync == 0) return publish(i);
    at(sync, [this, i, incarnation = node.incarnation] {
        if (nodes_[i]->incarnation == incarnation) publish(i);
    });
}

void Cluster::publish(std::size_t i)
{
    auto& node = *nodes_[i];
    auto output = std::move(*node.unpublished);
    node.unpublished.reset();
    for (const auto& record : output.records)
        node.disk.log.emplace_back(record_type(record), encode_record(record));
    for (const auto& commit : output.commits) node.application->commit(commit);
    for (const auto& proof : output.proofs) node.application->keep(proof);
    if (on_publish) on_publish(i, output);
    for (auto& send : output.sends)
        if (const auto shared = over_the_wire(send.message))
            for (const auto to : send.to) deliver(i, to.value, shared);
    if (output.push_to) {
        // The driver pushes its oldest transactions to the leader.
        const auto to = output.push_to->value;
        for (const auto& own : nodes_[i]->application->oldest(8))
            at(options.most_delay_ms, [this, to, own] {
                if (nodes_[to]->core) submit(to, own);
            });
    }
    if (output.halt) {
        node.is_halted = true;
        node.halt_reason = output.halt->reason;
        return;
    }
    if (output.wake_at) {
        const auto token = ++node.wake_token;
        const auto in = *output.wake_at > now_ ? *output.wake_at - now_ : 0;
        at(in, [this, i, token, incarnation = node.incarnation] {
            if (nodes_[i]->incarnation == incarnation && nodes_[i]->wake_token == token)
                schedule(i);
        });
    }
    if (!node.inbox.empty()) schedule(i);
}

std::shared_ptr<const Message> Cluster::over_the_wire(const Message& message) const
{
    const auto bytes = encode_message(message);
    auto decoded = decode_message(type_of(message), bytes);
    ensure(decoded.has_value(), "what a core sends can be read");
    ensure(encode_message(*decoded) == bytes, "a message has one encoding");
    return std::make_shared<const Message>(std::move(*decoded));
}

void Cluster::inject(std::size_t from, std::size_t to, const Message& message)
{
    deliver(from, to, over_the_wire(message));
}

void Cluster::deliver(std::size_t from, std::size_t to,
                      const std::shared_ptr<const Message>& message)
{
    if (filter && !filter(from, to, *message)) return;
    if (options.loss_percent != 0 && random_() % 100 < options.loss_percent) return;
    const bool twice =
        options.duplicate_percent != 0 && random_() % 100 < options.duplicate_percent;
    for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
        const auto span = options.most_delay_ms - options.least_delay_ms + 1;
        at(options.least_delay_ms + random_() % span, [this, from, to, message] {
            auto& node = *nodes_[to];
            if (!node.core) return;
            node.inbox.push_back(Received{{from}, *message});
            schedule(to);
        });
    }
}

EventCounts Cluster::events() const
{
    auto sum = past_events_;
    for (const auto& node : nodes_)
        if (node->core)
            for (std::size_t e = 0; e < event_count; ++e) sum[e] += node->core->events()[e];
    return sum;
}

void Cluster::submit(std::size_t i, const Bytes& transaction)
{
    auto& node = *nodes_[i];
    if (!node.core) return;
    node.application->submit(transaction);
    schedule(i);
}

void Cluster::submit_everywhere(const Bytes& transaction)
{
    for (std::size_t i = 0; i < nodes_.size(); ++i) submit(i, transaction);
}

bool Cluster::all_have(std::size_t blocks) const
{
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
        return node->core && node->application->finals().size() >= blocks + 1;
    });
}

void Cluster::run_for(std::uint64_t ms)
{
    run_until([] { return false; }, ms);
}

bool Cluster::run_until(const std::function<bool()>& done, std::uint64_t within_ms)
{
    const auto end = now_ + within_ms;
    while (!events_.empty() && events_.top().at <= end) {
        if (done()) return true;
        auto event = events_.top();
        events_.pop();
        now_ = event.at;
        event.run();
    }
    now_ = end;
    return done();
}

}  // namespace sim
