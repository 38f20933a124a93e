// How far the store is from what the disk can do, measured in the same run.
#include "ledger/disk/disk.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"
#include "ledger/store/group_committer.hpp"
#include "ledger/store/log.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace ledger {
namespace {

template <class T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error{result.error().detail};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Durations of one kind of act.
class Times {
public:
    template <class Act>
    void measure(const Act& act)
    {
        const auto start = std::chrono::steady_clock::now();
        act();
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - start;
        us_.push_back(took.count());
    }
    double quantile(double part)
    {
        if (us_.empty()) return 0;
        const auto at =
            us_.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(us_.size() - 1));
        std::nth_element(us_.begin(), at, us_.end());
        return *at;
    }

private:
    std::vector<double> us_;
};

void report(benchmark::State& run, Times& ours, Times& raw)
{
    run.counters["p50_us"] = ours.quantile(0.5);
    run.counters["p99_us"] = ours.quantile(0.99);
    run.counters["raw_p50_us"] = raw.quantile(0.5);
    run.counters["raw_p99_us"] = raw.quantile(0.99);
    run.counters["p50_ratio"] = ours.quantile(0.5) / raw.quantile(0.5);
}

/// A 4 KiB append to a growing file and fdatasync: what any durable write costs here.
class RawSync {
public:
    explicit RawSync(const TemporaryFolder& folder)
        : file_{must(PosixDisk{}.open((folder.path() / "raw").string(), OpenMode::fresh))}
    {
    }
    void once()
    {
        times.measure([this] {
            must(file_->write(end_, block_));
            must(file_->sync());
        });
        end_ += block_.size();
    }
    Times times;

private:
    std::unique_ptr<File> file_;
    Bytes block_ = Bytes(4096, 7);
    std::uint64_t end_ = 0;
};

void log_sync(benchmark::State& run)
{
    const TemporaryFolder folder;
    PosixDisk disk;
    RawSync raw{folder};
    const auto log = must(Log::open(disk, (folder.path() / "log").string(), {}, {0, 1}, {}));
    const Bytes payload(static_cast<std::size_t>(run.range(0)), 1);
    Times times;
    for (auto _ : run) {
        raw.once();
        times.measure([&] {
            must(log->append(1, payload));
            must(log->sync());
        });
    }
    report(run, times, raw.times);
}

void journal_commit(benchmark::State& run)
{
    const TemporaryFolder folder;
    RawSync raw{folder};
    const auto journal = must(open_rocks_journal(folder.path() / "journal"));
    GroupCommitter committer{*journal};
    const Bytes value(static_cast<std::size_t>(run.range(0)), 1);
    Times times;
    std::uint64_t number = 0;
    for (auto _ : run) {
        raw.once();
        times.measure([&] {
            const auto id = numbered<Hash>(number++);
            must(committer.commit_and_wait(
                {{"voucher", Bytes(id.view().begin(), id.view().end()), value}}));
        });
    }
    report(run, times, raw.times);
}

/// Blocks of transfers: two accounts of `accounts` change in each of `txs` transactions; a
/// checkpoint, without tree nodes, every 64 blocks.
void block_append(benchmark::State& run)
{
    const TemporaryFolder folder;
    const auto store = must(open_rocks_store(folder.path()));
    const auto txs = static_cast<std::uint64_t>(run.range(0));
    const auto accounts = static_cast<std::uint64_t>(run.range(1));
    std::mt19937_64 random{1};
    std::uint64_t height = 0;
    Times times;
    for (auto _ : run) {
        run.PauseTiming();
        auto commit = numbered_block(height);
        commit.block.body = Bytes(250 * txs, 3);
        commit.tx_ids.clear();
        for (std::uint64_t i = 0; i < txs; ++i) {
            commit.tx_ids.push_back(numbered<TxId>(random()));
            for (int side = 0; side < 2; ++side) {
                const auto account = numbered<Hash>(random() % accounts);
                commit.state[Bytes(account.view().begin(), account.view().end())] =
                    Bytes(64, static_cast<std::uint8_t>(random()));
            }
        }
        run.ResumeTiming();
        times.measure([&] { must(store->append(commit)); });
        if (height % 64 == 63) must(store->checkpoint({{}, {}, {height}, {}}, height + 1));
        ++height;
    }
    run.counters["txs_per_s"] =
        benchmark::Counter(static_cast<double>(height * txs), benchmark::Counter::kIsRate);
    run.counters["p50_us"] = times.quantile(0.5);
    run.counters["p99_us"] = times.quantile(0.99);
}

BENCHMARK(log_sync)->Name("store/log_sync/bytes")->Arg(256)->Arg(65536)->Iterations(2000);
BENCHMARK(journal_commit)->Name("store/journal_commit/bytes")->Arg(256)->Iterations(2000);
BENCHMARK(block_append)
    ->Name("store/block_append/txs/accounts")
    ->Args({100, 1'000'000})
    ->Args({1000, 1'000'000})
    ->Iterations(400);

}  // namespace
}  // namespace ledger

BENCHMARK_MAIN();
