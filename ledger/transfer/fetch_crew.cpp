#include "ledger/transfer/fetch_crew.hpp"

#include <algorithm>
#include <thread>

namespace ledger::transfer {

FetchCrew::FetchCrew(Parts parts)
    : parts_{std::move(parts)},
      fetcher_{parts_.batch, parts_.providers.size(), parts_.have, parts_.has_table, parts_.limits},
      lanes_(parts_.providers.size())
{
}

Result<void> FetchCrew::run(const std::stop_token& stop)
{
    {
        const std::lock_guard lock{mutex_};
        follow(fetcher_.start(parts_.now()));
    }
    const std::stop_callback on_stop{stop, [this] {
                                         const std::lock_guard lock{mutex_};
                                         stopped_ = true;
                                         for (auto& [id, source] : under_way_)
                                             source.request_stop();
                                         changed_.notify_all();
                                     }};
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
        for (std::size_t n = 0; n < parts_.limits.asks_each; ++n)
            threads.emplace_back([this, i] { work(i); });
    threads.clear();
    if (const auto synced = parts_.sink.sync(); !synced && !failed_) failed_ = synced.error();
    if (failed_) return *failed_;
    if (fetcher_.state() == Fetcher::State::done) return {};
    return Error{ErrorKind::unavailable, stopped_ ? "it was stopped" : std::string{fetcher_.why()}};
}

FetchCrew::Told FetchCrew::told() const
{
    const std::lock_guard lock{mutex_};
    Told told;
    told.bytes = fetcher_.bytes();
    for (std::size_t i = 0; i < parts_.providers.size(); ++i)
        told.providers.push_back(
            {parts_.providers[i].url, fetcher_.bytes_of(i), fetcher_.dropped(i)});
    return told;
}

bool FetchCrew::is_over() const
{
    return stopped_ || failed_ || fetcher_.state() != Fetcher::State::running;
}

void FetchCrew::work(std::size_t provider)
{
    std::unique_lock lock{mutex_};
    while (!is_over()) {
        const auto now = parts_.now();
        if (wake_ && *wake_ <= now) {
            wake_.reset();
            follow(fetcher_.on_time(now));
            continue;
        }
        auto& asks = lanes_[provider].asks;
        if (!asks.empty()) {
            const auto ask = asks.front();
            asks.pop_front();
            carry(ask, lock);
            continue;
        }
        const auto patience = wake_ ? *wake_ - now : 1'000;
        changed_.wait_for(lock, std::chrono::milliseconds{patience});
    }
    changed_.notify_all();
}

void FetchCrew::carry(const Ask& ask, std::unique_lock<std::mutex>& lock)
{
    const auto found = under_way_.find(ask.id);
    if (found == under_way_.end()) return;  // given up before anybody asked it
    const auto source = found->second;
    const auto now = parts_.now();
    const std::chrono::milliseconds patience{ask.deadline > now ? ask.deadline - now : 1};
    lock.unlock();
    auto delivery = ask_over(parts_.providers[ask.provider].get, parts_.batch, ask, patience,
                             source.get_token());
    lock.lock();
    auto actions = settle(ask, std::move(delivery), lock);
    under_way_.erase(ask.id);
    follow(std::move(actions));
}

/// Checks and keeps what came, chunks without the lock, and tells the fetcher.
Fetcher::Actions FetchCrew::settle(const Ask& ask, Result<Delivery, ProviderFault> delivery,
                                   std::unique_lock<std::mutex>& lock)
{
    if (is_over()) return {};
    // Too late, another one is asked; but when to look again has to be known.
    if (!under_way_.contains(ask.id)) return fetcher_.on_time(parts_.now());
    if (!delivery) return fetcher_.on_fault(ask.id, delivery.error(), 0, parts_.now());
    if (ask.what == Ask::What::status)
        return fetcher_.on_status(ask.id, delivery->has_table, delivery->has, delivery->next,
                                  parts_.now());
    if (ask.what == Ask::What::leaves) {
        // With the lock: nobody else may begin the table anew meanwhile.
        const auto holds = keep_leaves(ask, delivery->bytes);
        if (holds) return fetcher_.on_leaves(ask.id, *holds, parts_.now());
        fail(holds.error());
        return {};
    }
    lock.unlock();
    const auto kept = parts_.sink.keep(ask.range, delivery->bytes);
    const auto synced = kept ? sync_if_due(delivery->bytes.size()) : Result<void>{};
    lock.lock();
    if (!kept || !synced) {
        fail(kept ? synced.error() : kept.error());
        return {};
    }
    auto actions = *kept == ask.range.count
                       ? fetcher_.on_chunks(ask.id, parts_.now())
                       : fetcher_.on_fault(ask.id, ProviderFault::lied, *kept, parts_.now());
    if (parts_.progress) parts_.progress(fetcher_.have());
    return actions;
}

Result<std::optional<bool>> FetchCrew::keep_leaves(const Ask& ask, ByteView leaves)
{
    if (ask.range.first == 0)
        if (const auto begun = parts_.sink.begin_table(); !begun) return begun.error();
    if (const auto added = parts_.sink.add_leaves(ask.range.first, leaves); !added)
        return added.error();
    if (ask.range.end() < parts_.batch.chunks) return std::optional<bool>{};
    const auto holds = parts_.sink.finish_table();
    if (!holds) return holds.error();
    return std::optional<bool>{*holds};
}

/// One of the threads syncs now and then for all of them.
Result<void> FetchCrew::sync_if_due(std::uint64_t more)
{
    {
        const std::lock_guard lock{mutex_};
        const auto now = parts_.now();
        unsynced_ += more;
        if (unsynced_ < parts_.sync_bytes && now < synced_at_ + parts_.sync_ms) return {};
        unsynced_ = 0;
        synced_at_ = now;
    }
    return parts_.sink.sync();
}

/// With the lock.
void FetchCrew::follow(Fetcher::Actions actions)
{
    for (const auto id : actions.cancels) {
        const auto found = under_way_.find(id);
        if (found == under_way_.end()) continue;
        found->second.request_stop();
        under_way_.erase(found);
    }
    for (const auto& ask : actions.asks) {
        lanes_[ask.provider].asks.push_back(ask);
        under_way_.emplace(ask.id, std::stop_source{});
    }
    wake_ = actions.wake;
    changed_.notify_all();
}

void FetchCrew::fail(const Error& error)
{
    if (!failed_) failed_ = error;
    for (auto& [id, source] : under_way_) source.request_stop();
}

}  // namespace ledger::transfer
