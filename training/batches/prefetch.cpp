#include "training/batches/prefetch.hpp"

#include "ledger/base/draws.hpp"
#include "training/batches/augment.hpp"

#include <new>

namespace training {

using ledger::Result;

Prefetch::Prefetch(const samples::Source& source, Order order, Options options, std::uint64_t first,
                   std::uint64_t end)
    : source_{source},
      order_{std::move(order)},
      options_{std::move(options)},
      next_{first},
      end_{end},
      thread_{[this] { work(); }}
{
}

Prefetch::~Prefetch()
{
    {
        const std::lock_guard lock{mutex_};
        stops_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Result<std::vector<Batch>> Prefetch::made(std::uint64_t step)
{
    try {
        const auto which = order_.samples_of(step);
        std::vector<Batch> shards;
        for (std::uint64_t i = 0; i < options_.shards; ++i) {
            if (options_.only && i != *options_.only) continue;
            const auto first = which.size() * i / options_.shards;
            const auto end = which.size() * (i + 1) / options_.shards;
            auto made = shard(std::span{which}.subspan(first, end - first), order_.epoch_of(step));
            if (!made) return made.error();
            made->first = static_cast<std::int64_t>(first);
            shards.push_back(std::move(*made));
        }
        return shards;
    } catch (const std::bad_alloc&) {
        return ledger::Error{ledger::ErrorKind::full, "there is no memory for a batch"};
    } catch (const std::exception& error) {
        const std::string why = error.what();
        return ledger::invalid("a batch cannot be made: " + why.substr(0, why.find('\n')));
    }
}

/// What is drawn for a sample follows from the epoch and the sample, whichever shard it is in.
Result<Batch> Prefetch::shard(std::span<const std::uint64_t> which, std::uint64_t epoch) const
{
    if (which.empty()) return Batch{};
    auto batch = read_batch(source_, which);
    if (!batch || !augments(options_.augment)) return batch;
    std::vector<std::uint64_t> seeds;
    for (const auto sample : which)
        seeds.push_back(
            ledger::Draws::stream(ledger::Draws::stream(options_.seed, epoch).next(), sample)
                .next());
    for (auto& input : batch->inputs) input = augmented(input, options_.augment, seeds);
    return batch;
}

void Prefetch::work()
{
    bool failed = false;
    for (auto step = next_; step < end_ && !failed; ++step) {
        auto batch = made(step);
        failed = !batch;
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return stops_ || ready_.size() < options_.ahead; });
        if (stops_) return;
        ready_.push_back(std::move(batch));
        changed_.notify_all();
    }
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
}

Result<std::vector<Batch>> Prefetch::next()
{
    const auto began = std::chrono::steady_clock::now();
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
    waited_ += std::chrono::steady_clock::now() - began;
    if (ready_.empty())
        return ledger::Error{ledger::ErrorKind::not_found, "there is no further batch"};
    if (!ready_.front()) return ready_.front();
    auto batch = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return batch;
}

}  // namespace training
