#include "tests/support/fetch_network.hpp"

#include <algorithm>

namespace ledger::transfer {

using Kind = ProviderManner::Kind;

FetchNetwork::FetchNetwork(const sealing::BatchSummary& batch,
                           std::vector<ProviderManner> providers, std::uint32_t seed,
                           FetchLimits limits, ChunkSet have)
    : batch_{batch},
      providers_{std::move(providers)},
      engine_{seed},
      limits_{limits},
      fetcher_{batch, providers_.size(),
               have.chunks() == batch.chunks ? have : ChunkSet{batch.chunks}, false, limits},
      line_free_(providers_.size())
{
}

void FetchNetwork::run(Instant until)
{
    follow(fetcher_.start(now_));
    while (fetcher_.state() == Fetcher::State::running && !events_.empty()) {
        const auto next = events_.begin();
        const auto at = next->first;
        const auto event = next->second;
        events_.erase(next);
        if (at > until) return;
        now_ = std::max(now_, at);
        follow(event.answered ? answer(event.ask) : fetcher_.on_time(now_));
    }
}

void FetchNetwork::follow(const Fetcher::Actions& actions)
{
    for (const auto id : actions.cancels) {
        check(open_.erase(id) == 1, "only what is under way is given up");
        cancelled_.insert(id);
    }
    for (const auto& ask : actions.asks) {
        check(!fetcher_.dropped(ask.provider), "nobody who was dropped is asked");
        if (ask.what == Ask::What::chunks) {
            chunks_asked_ += ask.range.count;
            for (auto i = ask.range.first; i < ask.range.end(); ++i) {
                check(!fetcher_.have().has(i), "nothing that is here is asked for");
                for (const auto& [id, other] : open_)
                    check(other.what != Ask::What::chunks || i < other.range.first ||
                              i >= other.range.end(),
                          "no chunk is asked for twice at a time");
            }
        }
        open_.emplace(ask.id, ask);
        send(ask);
    }
    for (std::size_t i = 0; i < providers_.size(); ++i) {
        const auto asks = std::count_if(open_.begin(), open_.end(), [&](const auto& known) {
            return known.second.provider == i && known.second.what == Ask::What::chunks;
        });
        check(static_cast<std::size_t>(asks) <= limits_.asks_each, "a provider has few asks");
    }
    check(fetcher_.in_flight() == open_.size(), "what is in flight is known");
    if (actions.wake) events_.emplace(std::max(*actions.wake, now_ + 1), Event{{}, false});
}

void FetchNetwork::send(const Ask& ask)
{
    const auto& provider = providers_[ask.provider];
    const auto bytes =
        ask.what == Ask::What::chunks ? range_bytes(batch_, ask.range) : std::uint64_t{64'000};
    auto& free = line_free_[ask.provider];
    free = std::max(free, now_) + bytes * 1'000 / provider.bytes_per_second;
    const auto at = free + 1 + random(provider.delay_ms + 1);
    const bool is_bad = now_ >= provider.from_ms;
    if (provider.kind == Kind::stalls && is_bad && random(4) != 0) return;  // it never comes
    events_.emplace(at, Event{ask, true});
}

bool FetchNetwork::has(const ProviderManner& provider, std::uint64_t chunk) const
{
    return provider.kind != Kind::lacks || chunk % provider.every_nth == 0;
}

Fetcher::Actions FetchNetwork::answer(const Ask& ask)
{
    const bool late = open_.erase(ask.id) == 0;
    check(!late || cancelled_.contains(ask.id), "every answer was asked for");
    const auto& provider = providers_[ask.provider];
    const bool is_bad = now_ >= provider.from_ms;
    if (is_bad && provider.kind == Kind::vanishes)
        return fetcher_.on_fault(ask.id, ProviderFault::vanished, 0, now_);
    if (is_bad && provider.kind == Kind::floods)
        return fetcher_.on_fault(ask.id, ProviderFault::flooded, 0, now_);
    if (ask.what == Ask::What::status) {
        std::vector<ChunkRange> part;
        for (std::uint64_t i = ask.range.first; i < batch_.chunks; ++i)
            if (has(provider, i)) part.push_back({i, 1});
        return fetcher_.on_status(ask.id, true, part, {}, now_);
    }
    if (ask.what == Ask::What::leaves) {
        if (ask.range.first == 0) table_is_false_ = false;
        if (provider.kind == Kind::lies_about_table) table_is_false_ = true;
        std::optional<bool> holds;
        if (ask.range.end() == batch_.chunks) holds = !*table_is_false_;
        return fetcher_.on_leaves(ask.id, holds, now_);
    }
    if (is_bad && provider.kind == Kind::lies)
        return fetcher_.on_fault(ask.id, ProviderFault::lied, random(ask.range.count), now_);
    if (provider.kind == Kind::says_too_much && random(3) != 0)
        return fetcher_.on_fault(ask.id, ProviderFault::lacking, 0, now_);
    return fetcher_.on_chunks(ask.id, now_);
}

}  // namespace ledger::transfer
