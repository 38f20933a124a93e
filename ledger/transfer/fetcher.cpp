#include "ledger/transfer/fetcher.hpp"

#include <algorithm>

namespace ledger::transfer {
namespace {

/// How far ahead of its rate a fetch may be.
constexpr std::uint64_t burst_ms = 1'000;
/// Before anything is known of a provider.
constexpr std::uint64_t first_chunks = 4;

}  // namespace

std::string_view in_words(ProviderFault fault)
{
    switch (fault) {
        case ProviderFault::lacking:
            return "it has not got what it said it has";
        case ProviderFault::refused:
            return "it does not want to answer";
        case ProviderFault::stalled:
            return "it is too slow";
        case ProviderFault::vanished:
            return "it is not there";
        case ProviderFault::lied:
            return "what it sends is not what the root commits to";
        case ProviderFault::flooded:
            break;
    }
    return "it sends more than it was asked for";
}

Fetcher::Fetcher(const sealing::BatchSummary& batch, std::size_t providers, ChunkSet have,
                 bool has_table, const FetchLimits& limits)
    : batch_{batch},
      limits_{limits},
      have_{std::move(have)},
      taken_{have_},
      has_table_{has_table},
      providers_(providers)
{
    for (auto& provider : providers_) provider.has = ChunkSet{batch.chunks};
}

Fetcher::Actions Fetcher::start(Instant now)
{
    news_ = now;
    return act(now);
}

Fetcher::Actions Fetcher::on_status(std::uint64_t id, bool has_table,
                                    const std::vector<ChunkRange>& part,
                                    std::optional<std::uint64_t> next, Instant now)
{
    const auto asked = take(id);
    if (!asked) return act(now);
    auto& provider = providers_[asked->ask.provider];
    provider.asks_status = false;
    provider.failures = 0;
    provider.has_table = has_table;
    if (provider.status_from == 0) provider.has = ChunkSet{batch_.chunks};
    for (const auto& range : part) provider.has.set(range);
    // A list that does not get on is taken for ended: nobody can keep us asking.
    if (next && *next > provider.status_from && *next < batch_.chunks) {
        provider.status_from = *next;
        return act(now);
    }
    provider.status_from = 0;
    provider.is_known = true;
    provider.renew_at = now + limits_.renew_ms;
    return act(now);
}

Fetcher::Actions Fetcher::on_leaves(std::uint64_t id, std::optional<bool> holds, Instant now)
{
    const auto asked = take(id);
    if (!asked) return act(now);
    asks_leaves_ = false;
    if (asked->ask.range.end() > most_leaves_) {
        most_leaves_ = asked->ask.range.end();
        news_ = now;
    }
    auto& provider = providers_[asked->ask.provider];
    provider.failures = 0;
    leaves_ = asked->ask.range.end();
    if (!holds) return act(now);
    table_from_.reset();
    has_table_ = *holds;
    if (!has_table_) {
        most_leaves_ = 0;
        drop(asked->ask.provider, ProviderFault::lied);
    }
    return act(now);
}

Fetcher::Actions Fetcher::on_chunks(std::uint64_t id, Instant now)
{
    const auto asked = take(id);
    if (!asked) return act(now);
    auto& provider = providers_[asked->ask.provider];
    const auto got = range_bytes(batch_, asked->ask.range);
    const auto rate = got * 1'000 / std::max<Instant>(1, now - std::min(now, asked->at));
    provider.rate = provider.rate == 0 ? rate : (3 * provider.rate + rate) / 4;
    provider.bytes += got;
    provider.failures = 0;
    bytes_ += got;
    have_.set(asked->ask.range);
    news_ = now;
    return act(now);
}

Fetcher::Actions Fetcher::on_fault(std::uint64_t id, ProviderFault fault, std::uint64_t good,
                                   Instant now)
{
    const auto asked = take(id);
    if (!asked) return act(now);
    const auto& ask = asked->ask;
    auto& provider = providers_[ask.provider];
    if (ask.what == Ask::What::chunks && good != 0) {
        have_.set({ask.range.first, std::min(good, ask.range.count)});
        news_ = now;
    }
    give_back(*asked);
    switch (fault) {
        case ProviderFault::lied:
        case ProviderFault::flooded:
            drop(ask.provider, fault);
            break;
        case ProviderFault::lacking:
            if (ask.what == Ask::What::chunks)
                for (auto i = ask.range.first; i < ask.range.end(); ++i) provider.has.clear(i);
            if (ask.what == Ask::What::leaves) provider.has_table = false;
            provider.is_known = true;
            provider.renew_at = now + limits_.renew_ms;
            break;
        default:
            fail_soft(provider, fault, now);
    }
    return act(now);
}

Fetcher::Actions Fetcher::on_time(Instant now)
{
    expire(now);
    return act(now);
}

std::optional<Fetcher::Asked> Fetcher::take(std::uint64_t id)
{
    const auto found = asks_.find(id);
    if (found == asks_.end()) return {};  // it was given up before its answer came
    const auto asked = found->second;
    asks_.erase(found);
    --providers_[asked.ask.provider].asks;
    return asked;
}

/// What was asked for and did not come can be asked of others.
void Fetcher::give_back(const Asked& asked)
{
    auto& provider = providers_[asked.ask.provider];
    switch (asked.ask.what) {
        case Ask::What::status:
            provider.asks_status = false;
            provider.status_from = 0;
            break;
        case Ask::What::leaves:
            asks_leaves_ = false;
            table_from_.reset();
            break;
        case Ask::What::chunks:
            for (auto i = asked.ask.range.first; i < asked.ask.range.end(); ++i)
                if (!have_.has(i)) taken_.clear(i);
    }
}

void Fetcher::fail_soft(Provider& provider, ProviderFault fault, Instant now)
{
    if (++provider.failures >= limits_.failures) {
        drop(static_cast<std::size_t>(&provider - providers_.data()), fault);
        return;
    }
    const auto wait = limits_.retry_ms << std::min(provider.failures - 1, 16U);
    provider.not_before = now + std::min(wait, limits_.most_retry_ms);
    provider.rate /= 2;
}

void Fetcher::drop(std::size_t which, ProviderFault fault)
{
    auto& provider = providers_[which];
    if (!provider.dropped) provider.dropped = fault;
    for (auto at = asks_.begin(); at != asks_.end();) {
        if (at->second.ask.provider != which) {
            ++at;
            continue;
        }
        const auto asked = at->second;
        cancels_.push_back(at->first);
        at = asks_.erase(at);
        --provider.asks;
        give_back(asked);
    }
    if (table_from_ == which) table_from_.reset();
}

void Fetcher::expire(Instant now)
{
    std::vector<std::uint64_t> late;
    for (const auto& [id, asked] : asks_)
        if (asked.ask.deadline <= now) late.push_back(id);
    for (const auto id : late) {
        const auto asked = take(id);
        if (!asked) continue;  // its provider was dropped for another one
        cancels_.push_back(id);
        give_back(*asked);
        fail_soft(providers_[asked->ask.provider], ProviderFault::stalled, now);
    }
}

void Fetcher::add_ask(Actions& actions, std::size_t which, Ask::What what, ChunkRange range,
                      Instant now)
{
    auto& provider = providers_[which];
    auto patience = limits_.patience_ms;
    if (what == Ask::What::leaves) patience *= 4;  // a MiB before anything is known of its rate
    if (what == Ask::What::chunks && provider.rate != 0)
        patience = std::max(patience, 4'000 * range_bytes(batch_, range) / provider.rate);
    const Ask ask{next_id_++, which, what, range, now + patience};
    ++provider.asks;
    asks_.emplace(ask.id, Asked{ask, now});
    actions.asks.push_back(ask);
}

void Fetcher::ask_leaves(Actions& actions, Instant now)
{
    if (has_table_ || asks_leaves_) return;
    if (!table_from_) {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < providers_.size(); ++i) {
            const auto& provider = providers_[i];
            if (provider.dropped || !provider.has_table || provider.not_before > now) continue;
            if (!best || provider.failures < providers_[*best].failures) best = i;
        }
        if (!best) return;
        // All leaves of a table come from one: if they do not hold, it is known who lied.
        table_from_ = best;
        leaves_ = 0;
    }
    const ChunkRange range{leaves_, std::min(piece_leaves, batch_.chunks - leaves_)};
    if (!may_spend(range.count * sealing::LeafTable::entry_bytes, now)) return;
    asks_leaves_ = true;
    add_ask(actions, *table_from_, Ask::What::leaves, range, now);
}

std::uint64_t Fetcher::chunks_wanted(const Provider& provider) const
{
    if (provider.rate == 0) return first_chunks;
    const auto bytes = provider.rate * limits_.ask_ms / 1'000;
    return std::clamp<std::uint64_t>(bytes / sealing::sealed_chunk_bytes, 1, piece_chunks);
}

/// The first chunks that nobody is asked for and the provider has; none when there are no such.
ChunkRange Fetcher::next_range(const Provider& provider)
{
    while (below_ < batch_.chunks && have_.has(below_)) ++below_;
    return provider.has.first_without(taken_, below_, chunks_wanted(provider));
}

void Fetcher::ask_chunks(Actions& actions, std::size_t which, Instant now)
{
    auto& provider = providers_[which];
    while (provider.asks < limits_.asks_each) {
        const auto range = next_range(provider);
        if (range.count == 0 || !may_spend(range_bytes(batch_, range), now)) return;
        taken_.set(range);
        add_ask(actions, which, Ask::What::chunks, range, now);
    }
}

bool Fetcher::may_spend(std::uint64_t bytes, Instant now)
{
    if (limits_.bytes_per_second == 0) return true;
    if (paid_until_ > now + burst_ms) return false;
    paid_until_ = std::max(paid_until_, now) + bytes * 1'000 / limits_.bytes_per_second;
    return true;
}

void Fetcher::wake_at(Actions& actions, Instant when) const
{
    actions.wake = std::min(actions.wake.value_or(when), when);
}

/// Whether it is done, or cannot be.
void Fetcher::judge(Instant now)
{
    if (state_ != State::running) return;
    if (has_table_ && have_.is_full()) {
        state_ = State::done;
    } else if (std::all_of(providers_.begin(), providers_.end(),
                           [](const Provider& p) { return p.dropped.has_value(); })) {
        state_ = State::failed;
        why_ = "no provider is left";
    } else if (asks_.empty() && now >= news_ + limits_.hope_ms) {
        state_ = State::failed;
        why_ = has_table_ ? "no provider has chunk " + std::to_string(have_.missing(0, 1).first)
                          : "no provider has the batch's leaf table";
    }
}

Fetcher::Actions Fetcher::act(Instant now)
{
    Actions actions;
    judge(now);
    if (state_ == State::running) {
        ask_leaves(actions, now);
        for (std::size_t i = 0; i < providers_.size(); ++i) {
            auto& provider = providers_[i];
            if (provider.dropped) continue;
            if (provider.not_before > now) {
                wake_at(actions, provider.not_before);
                continue;
            }
            if (has_table_) ask_chunks(actions, i, now);
            if (provider.asks != 0 || provider.asks_status) continue;
            if (provider.is_known && provider.status_from == 0 && provider.renew_at > now) {
                wake_at(actions, provider.renew_at);
                continue;
            }
            provider.asks_status = true;
            add_ask(actions, i, Ask::What::status, {provider.status_from, 1}, now);
        }
        for (const auto& [id, asked] : asks_) wake_at(actions, asked.ask.deadline);
        if (limits_.bytes_per_second != 0 && paid_until_ > now + burst_ms)
            wake_at(actions, paid_until_ - burst_ms);
        if (news_ + limits_.hope_ms > now) wake_at(actions, news_ + limits_.hope_ms);
    } else {
        for (const auto& [id, asked] : asks_) cancels_.push_back(id);
        asks_.clear();
        for (auto& provider : providers_) provider.asks = 0;
    }
    actions.cancels.insert(actions.cancels.end(), cancels_.begin(), cancels_.end());
    cancels_.clear();
    return actions;
}

}  // namespace ledger::transfer
