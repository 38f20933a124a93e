#include "tests/model/explorer.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

namespace model {
namespace {

/// Longer than any duration of the core: whatever waits is due.
constexpr std::uint64_t leap_ms = 1'000'000;
constexpr std::uint64_t bits = 21;

CoreTimes times()
{
    CoreTimes made;
    // Passing over a silent leader is a timeout that comes early: timeouts come at any time here.
    made.skip = std::uint64_t{1} << 50;
    return made;
}

std::uint64_t pack(const std::array<std::uint32_t, honest_count>& of)
{
    std::uint64_t key = 0;
    for (const auto one : of) {
        ensure(one < 1u << bits, "states of one validator have numbers of 21 bits");
        key = key << bits | one;
    }
    return key;
}

}  // namespace

/// One validator: a core that never changes again, and what each letter makes of it.
struct Explorer::Local {
    std::size_t who{};
    std::unique_ptr<Core> core;
    std::uint64_t clock{};
    std::vector<Record> log;
    Said said;
    std::uint32_t said_id{};
    BlockId tip;
    std::string failure;
    std::unordered_map<LetterId, LocalId> next;
};

Explorer::Explorer(const Scope& scope) : world_{scope}
{
    for (Index i = 0; i < validators; ++i) signers_.push_back(std::make_unique<sim::HashSigner>(i));
}

Explorer::~Explorer() = default;

/// A core that is connected to everybody and has heard where they stand.
std::unique_ptr<Explorer::Local> Explorer::boot(std::size_t who, Durable durable,
                                                std::uint64_t clock)
{
    auto local = std::make_unique<Local>();
    local->who = who;
    local->clock = clock;
    const auto self = world_.honest(who);
    local->core = std::make_unique<Core>(times(), std::move(durable), signers_[self].get(),
                                         world_.verifier(), world_.blocks(), 0);
    std::vector<Input> inputs;
    for (Index i = 0; i < validators; ++i)
        if (i != self) inputs.push_back(Connected{{i}, world_.set()[i].peer_key});
    for (Index i = 0; i < validators; ++i)
        if (i != self) inputs.push_back(Received{{i}, Status{0, {0}, 0, {}, 1, false}});
    hear(*local, local->core->step(inputs, {clock, {wall_ms}}));
    return local;
}

Explorer::LocalId Explorer::start(std::size_t who)
{
    Durable durable;
    durable.base = world_.base();
    return keep(boot(who, std::move(durable), leap_ms));
}

/// Takes down what a step has signed, and what it must never say.
void Explorer::hear(Local& local, const Output& output)
{
    for (const auto& record : output.records) {
        local.log.push_back(record);
        if (const auto* vote = std::get_if<Vote>(&record)) local.said.votes.insert(*vote);
        if (const auto* own = std::get_if<OwnProposal>(&record)) {
            world_.proposed(own->message);
            local.said.proposals.insert(block_id(own->message.header));
        }
    }
    for (const auto& send : output.sends)
        if (const auto* vote = std::get_if<Vote>(&send.message);
            vote && vote->voter == world_.honest(local.who) && !local.said.votes.contains(*vote))
            local.failure = "sent a vote that is not in its log";
    for (const auto& evidence : output.evidence) {
        const auto guilty = judge(evidence, world_.epoch(), world_.verifier());
        if (!guilty || *guilty != world_.scope().faulty)
            local.failure = "accuses an honest validator";
    }
    if (output.halt) local.failure = "stopped: " + output.halt->reason;
    if (!local.core->guard().silenced().empty())
        local.failure = "fell silent: " + local.core->guard().silenced();
    local.tip = block_id(local.core->tip());
}

/// The view of this model that it may still propose in; 0 when there is none.
View Explorer::still_leads(const Local& local) const
{
    for (auto view = local.core->current(); view <= world_.scope().views; ++view)
        if (world_.epoch().leader(view) == world_.honest(local.who) &&
            !local.core->guard().has_proposed(view))
            return view;
    return 0;
}

/// States that behave alike are one: everything that decides what the core does next, who signed
/// the certificates that a proposal of its own would show, and what it has ever said.
Explorer::LocalId Explorer::keep(std::unique_ptr<Local> local)
{
    codec::Writer writer;
    writer.put(static_cast<std::uint64_t>(local->who));
    writer.put(local->core->state_hash());
    if (const auto view = still_leads(*local); view != 0) {
        const auto durable = local->core->durable();
        for (const auto& [key, certificate] : durable.certificates)
            if (certificate.view < view) writer.raw(certificate.bitmap);
        if (durable.base.finalized) writer.raw(durable.base.finalized->bitmap);
    }
    const auto [said, is_new] =
        said_ids_.try_emplace(local->said, static_cast<std::uint32_t>(said_.size()));
    if (is_new) said_.push_back(&said->first);
    local->said_id = said->second;
    writer.put(std::uint64_t{local->said_id});
    writer.put(!local->failure.empty());
    const auto next = static_cast<LocalId>(locals_.size());
    const auto [at, fresh] = local_ids_.try_emplace(sha256(writer.take()), next);
    if (fresh) locals_.push_back(std::move(local));
    return at->second;
}

/// What is left out because nothing that a validator signs can depend on it (README.md).
bool Explorer::matters(const Local& local, const Letter& letter) const
{
    const auto& core = *local.core;
    if (letter.kind == Letter::Kind::timeout) return core.current() <= world_.scope().views;
    if (letter.kind == Letter::Kind::restart) return true;
    if (const auto* propose = std::get_if<Propose>(&letter.messages.front()))
        return !core.guard().vote(propose->header.view, VoteKind::notarize);
    if (const auto* certificate = std::get_if<Certificate>(&letter.messages.front()))
        return certificate->kind != VoteKind::nullify || certificate->view >= core.current() ||
               still_leads(local) != 0;
    return true;
}

Explorer::LocalId Explorer::after(LocalId from, LetterId id)
{
    auto& before = *locals_[from];
    if (const auto known = before.next.find(id); known != before.next.end()) return known->second;
    const auto& letter = world_.letter(id);
    if (!matters(before, letter)) return before.next[id] = from;
    ++result_.steps;
    std::unique_ptr<Local> local;
    if (letter.kind == Letter::Kind::restart) {
        local = boot(before.who, recover(world_.base(), before.log, {}, {}), before.clock);
        local->log.insert(local->log.begin(), before.log.begin(), before.log.end());
        local->said.votes.insert(before.said.votes.begin(), before.said.votes.end());
        local->said.proposals.insert(before.said.proposals.begin(), before.said.proposals.end());
    } else {
        local = std::make_unique<Local>();
        local->who = before.who;
        local->core = std::make_unique<Core>(*before.core);
        local->clock = before.clock;
        local->log = before.log;
        local->said = before.said;
        std::vector<Input> inputs;
        if (letter.kind == Letter::Kind::timeout) {
            local->clock += leap_ms;
            // Hearing the leader keeps the core from taking it for silent later.
            const auto leader = world_.epoch().leader(before.core->current());
            if (leader != world_.honest(before.who))
                inputs.push_back(Received{{leader}, GetBody{}});
        }
        for (const auto& message : letter.messages) {
            auto from_peer = world_.scope().faulty;
            if (const auto* propose = std::get_if<Propose>(&message))
                from_peer = propose->header.proposer;
            if (from_peer != world_.honest(before.who))
                inputs.push_back(Received{{from_peer}, message});
        }
        hear(*local, local->core->step(inputs, {local->clock, {wall_ms}}));
    }
    const auto next = keep(std::move(local));
    locals_[from]->next[id] = next;
    return next;
}

const Knowledge& Explorer::know(const State& state)
{
    std::array<std::uint32_t, honest_count> ids{};
    std::array<const Said*, honest_count> said{};
    for (std::size_t i = 0; i < honest_count; ++i) {
        ids[i] = locals_[state.at[i]]->said_id;
        said[i] = said_[ids[i]];
    }
    const auto key = pack(ids);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    return known_.emplace(key, world_.know(said)).first->second;
}

std::string Explorer::wrong(const State& state)
{
    const auto& knowledge = know(state);
    if (!knowledge.failure.empty()) return knowledge.failure;
    for (const auto id : state.at) {
        const auto& local = *locals_[id];
        const auto self = "validator " + std::to_string(world_.honest(local.who)) + ' ';
        if (!local.failure.empty()) return self + local.failure;
        if (local.core->floor() == 0) continue;
        if (!knowledge.final_blocks.contains(local.tip))
            return self + "takes for final what no quorum has finalized: " + world_.name(local.tip);
    }
    return {};
}

std::string Explorer::news(const Said& before, const Said& after) const
{
    std::string text;
    for (const auto& id : after.proposals)
        if (!before.proposals.contains(id)) text += "; proposes " + world_.name(id);
    for (const auto& vote : after.votes)
        if (!before.votes.contains(vote)) text += "; " + world_.name(vote);
    return text;
}

std::vector<std::string> Explorer::trace(std::size_t at) const
{
    std::vector<std::string> lines;
    for (; at != 0; at = states_[at].before) {
        const auto& state = states_[at];
        const auto& was = *locals_[states_[state.before].at[state.who]];
        const auto& is = *locals_[state.at[state.who]];
        lines.push_back("validator " + std::to_string(world_.honest(state.who)) + ": " +
                        world_.letter(state.letter).text + news(was.said, is.said));
    }
    return {lines.rbegin(), lines.rend()};
}

Explored Explorer::run(std::uint64_t most)
{
    State first;
    for (std::size_t i = 0; i < honest_count; ++i) first.at[i] = start(i);
    states_ = {first};
    visited_ = {pack(first.at)};
    result_.failure = wrong(first);
    std::size_t level_end = 1;
    for (std::size_t at = 0; at < states_.size() && result_.failure.empty(); ++at) {
        if (at == level_end) {
            ++result_.depth;
            level_end = states_.size();
        }
        const auto from = states_[at];
        const auto& letters = know(from).letters;
        for (std::uint32_t who = 0; who < honest_count && result_.failure.empty(); ++who)
            for (const auto letter : letters[who]) {
                auto to = from;
                to.at[who] = after(from.at[who], letter);
                if (to.at[who] == from.at[who]) continue;
                ++result_.transitions;
                if (!visited_.insert(pack(to.at)).second) continue;
                if (most != 0 && states_.size() >= most) {
                    result_.is_complete = false;
                    continue;
                }
                to.before = static_cast<std::uint32_t>(at);
                to.letter = letter;
                to.who = who;
                states_.push_back(to);
                result_.failure = wrong(to);
                if (result_.failure.empty()) continue;
                result_.trace = trace(states_.size() - 1);
                break;
            }
        for (const auto id : from.at)
            if (locals_[id]->core->floor() != 0) {
                ++result_.with_final_blocks;
                break;
            }
        if (!result_.is_complete && states_.size() >= most) break;
    }
    result_.states = states_.size();
    result_.local_states = locals_.size();
    if (!result_.failure.empty()) result_.is_complete = false;
    return result_;
}

}  // namespace model
