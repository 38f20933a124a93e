/// What a changed key costs in the state tree, beside bare SHA-256 of 64 bytes in the same run.
///
///     ./dev bench state_tree [--json FILE] [--benchmark_...]
///
/// All times are CPU time. Counters: us_per_key is the value; sha256_us the limit, measured between
/// the batches; hashes_per_key the ratio of the two.
#include "ledger/crypto/hash.hpp"
#include "ledger/state/state_tree.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ledger {
namespace {

/// CPU time of this process, which has one thread: a shared machine's load does not show in it.
double cpu_us()
{
    return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC;
}

constexpr std::uint64_t keys = 1'000'000;
constexpr int blocks_per_checkpoint = 64;

Bytes key_of(std::uint64_t number)
{
    Bytes key = {'a', 'c', 'c'};
    for (std::size_t i = 0; i < 20; ++i) {
        key.push_back(static_cast<std::uint8_t>(number >> i % 8 * 8));
    }
    return key;
}

Bytes value_of(std::uint64_t number)
{
    Bytes value(48);
    for (std::size_t i = 0; i < 8; ++i) value[i] = static_cast<std::uint8_t>(number >> i * 8);
    return value;
}

/// A tree of `keys` accounts at a checkpoint, built once.
struct Filled {
    MemoryTreeNodes nodes;
    TreeHead head;
    Filled() : head{fill(nodes)} {}
    static TreeHead fill(MemoryTreeNodes& nodes)
    {
        StateDiff all;
        for (std::uint64_t i = 0; i < keys; ++i) all.emplace(key_of(i), value_of(i));
        StateTree tree{nodes};
        if (!tree.apply(Height{1}, all)) std::abort();
        nodes.apply(*tree.take_changes());
        return tree.head();
    }
};

Filled& filled()
{
    static Filled made;
    return made;
}

/// Mean time of one SHA-256 of 64 bytes, each over the digest before it.
double sha256_us(std::size_t count)
{
    std::array<std::uint8_t, 64> data{};
    const auto start = cpu_us();
    for (std::size_t i = 0; i < count; ++i) {
        const auto digest = sha256(data);
        std::ranges::copy(digest.bytes, data.begin());
    }
    const auto spent = cpu_us() - start;
    benchmark::DoNotOptimize(data);
    return spent / static_cast<double>(count);
}

/// Blocks of `batch` changed keys, a checkpoint every 64; `cache` MiB of saved nodes in memory.
void apply_blocks(benchmark::State& state, bool checkpoints_count)
{
    const auto batch = static_cast<std::size_t>(state.range(0));
    auto nodes = filled().nodes;
    auto opened = StateTree::open(
        nodes, filled().head.version(), filled().head.root(),
        {.cache_bytes = static_cast<std::size_t>(state.range(1)) << 20, .run_all = {}});
    if (!opened) return state.SkipWithError("cannot open");
    auto& tree = *opened;
    // As after a while: the cache holds what it can.
    for (std::uint64_t i = 0; i < keys; ++i) benchmark::DoNotOptimize(tree.prove(key_of(i)));
    std::mt19937_64 random{1};
    std::uint64_t height = 1;
    double in_blocks = 0;
    double in_checkpoints = 0;
    double in_hashes = 0;
    double written = 0;
    int rounds = 0;
    for (auto _ : state) {
        StateDiff diff;
        while (diff.size() < batch)
            diff.insert_or_assign(key_of(random() % keys), value_of(random()));
        const auto start = cpu_us();
        if (!tree.apply(Height{++height}, diff)) std::abort();
        double spent = cpu_us() - start;
        in_blocks += spent;
        if (height % blocks_per_checkpoint == 0) {
            const auto before = cpu_us();
            const auto changes = tree.take_changes();
            const double taken = cpu_us() - before;
            in_checkpoints += taken;
            if (checkpoints_count) spent += taken;
            for (const auto& [key, bytes] : changes->nodes) {
                written += static_cast<double>(key.size() + bytes.size());
            }
            nodes.apply(*changes);
        }
        state.SetIterationTime(spent / 1e6);
        in_hashes += sha256_us(2'000);
        ++rounds;
    }
    const auto changed = static_cast<double>(batch) * rounds;
    const double per_key = (in_blocks + (checkpoints_count ? in_checkpoints : 0)) / changed;
    const double per_hash = in_hashes / rounds;
    state.counters["us_per_key"] = per_key;
    state.counters["sha256_us"] = per_hash;
    state.counters["hashes_per_key"] = per_key / per_hash;
    state.counters["checkpoint_us_per_key"] = in_checkpoints / changed;
    state.counters["written_bytes_per_key"] = written / changed;
}

void roots(benchmark::State& state)
{
    apply_blocks(state, false);
}
void roots_and_checkpoints(benchmark::State& state)
{
    apply_blocks(state, true);
}

void prove(benchmark::State& state)
{
    auto opened = StateTree::open(filled().nodes, filled().head.version(), filled().head.root(),
                                  {.cache_bytes = std::size_t{1} << 30, .run_all = {}});
    std::mt19937_64 random{1};
    double siblings = 0;
    for (auto _ : state) {
        const auto proof = opened->prove(key_of(random() % keys));
        siblings += static_cast<double>(proof->siblings.size());
    }
    state.counters["siblings"] = benchmark::Counter{siblings, benchmark::Counter::kAvgIterations};
}

BENCHMARK(roots)
    ->Name("state_tree/apply")
    ->ArgNames({"batch", "cache_mib"})
    ->Args({1'000, 1'024})
    ->Args({100, 1'024})
    ->Args({10'000, 1'024})
    ->UseManualTime()
    ->Iterations(128)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(roots_and_checkpoints)
    ->Name("state_tree/apply_and_checkpoint")
    ->ArgNames({"batch", "cache_mib"})
    ->Args({1'000, 1'024})
    ->Args({1'000, 64})
    ->UseManualTime()
    ->Iterations(128)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(prove)->Name("state_tree/prove")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ledger

int main(int argc, char** argv)
{
    // --json FILE, as every bench has it, in the library's words.
    std::vector<std::string> words;
    for (int i = 0; i < argc; ++i) {
        if (std::string_view{argv[i]} == "--json" && i + 1 < argc) {
            words.emplace_back(std::string{"--benchmark_out="} + argv[++i]);
            words.emplace_back("--benchmark_out_format=json");
        } else {
            words.emplace_back(argv[i]);
        }
    }
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
