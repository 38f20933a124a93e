// Final transfers a second on one validator beside bare signature recoveries on the same cores,
// and finality at low load beside bare fdatasync, turn by turn in one run.
#include "bench/load/ledger_network.hpp"
#include "bench/load/spent.hpp"
#include "bench/report.hpp"
#include "ledger/disk/disk.hpp"
#include "node/core/ledger_service.hpp"
#include "tests/support/temporary_folder.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

using namespace ledger;
using bench::on_threads;
using bench::Report;
using bench::since;
using bench::Spent;
using bench::Steady;

struct Options {
    std::string json;
    std::filesystem::path folder;
    std::size_t accounts = 1'000'000;
    std::size_t senders = 20'000;
    std::size_t batch = 40'000;
    std::size_t latencies = 200;
    double seconds = 60;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

/// What is final so far; waits for a number of them.
class Finals {
public:
    void add(std::size_t count)
    {
        const std::lock_guard lock{mutex_};
        count_ += count;
        changed_.notify_all();
    }
    void wait_for(std::size_t count)
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return count_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
};

class Bench {
public:
    Bench(const Options& options, const std::filesystem::path& folder)
        : options_{options}, people_{options.accounts, options.senders}, folder_{folder}
    {
        const auto began = Steady::now();
        StoreOptions store_options;
        store_ = must(open_rocks_store(folder / "store", store_options));
        network_ = fill_store(*store_, people_);
        chain_ = must(node::Chain::open(*network_, *store_));
        node::LedgerServiceLimits limits;  // as a node has them
        limits.work_threads = std::thread::hardware_concurrency();
        service_ = must(
            node::LedgerService::open({*network_, *chain_, *store_, disk_,
                                       (folder / "log").string(), clock_, random_, validator_key()},
                                      limits));
        service_->on_block([this](const node::FinalBlock& block) {
            ++blocks_;
            finals_.add(block.tx_ids.size());
        });
        service_->start();
        fmt::print("{} accounts, {} of them send; made in {:.1f} s\n", options.accounts,
                   options.senders, since(began));
    }

    void throughput(Report& report)
    {
        Spent ours;
        Spent bare;
        std::vector<double> ratios;
        run_round(ours, bare, ratios);  // caches fill, files begin
        ours = bare = {};
        ratios.clear();
        blocks_ = 0;
        while (ours.wall < options_.seconds) run_round(ours, bare, ratios);
        fmt::print("{} transfers of {} B in {} blocks, {} submitting threads\n", ours.done,
                   transfer_bytes_, blocks_.load(), options_.threads);
        report.add(name() + "/transfers/wall", ours.a_second(), "tx/s", bare.a_second());
        report.add(name() + "/transfers/cpu", ours.a_cpu_second(), "tx/cpu-s", bare.a_cpu_second());
        // Whether the chain's length costs anything.
        const auto third = static_cast<std::ptrdiff_t>(ratios.size() / 3);
        if (third > 0)
            report.add(name() + "/transfers/last third",
                       bench::quantile({ratios.end() - third, ratios.end()}, 0.5), "V",
                       bench::quantile({ratios.begin(), ratios.begin() + third}, 0.5));
        fmt::print(
            "CPU a transfer {:.2f} us, a recovery {:.2f} us; ratio by round p10 {:.3f} p50 "
            "{:.3f} p90 {:.3f}\n",
            1e6 / ours.a_cpu_second(), 1e6 / bare.a_cpu_second(), bench::quantile(ratios, 0.1),
            bench::quantile(ratios, 0.5), bench::quantile(ratios, 0.9));
    }

    void latency(Report& report)
    {
        const auto file = must(disk_.open((folder_ / "bare").string(), OpenMode::fresh));
        must(file->preallocate(options_.latencies * 4096));
        must(file->sync());
        const Bytes page(4096, 7);
        std::vector<double> ours_ms;
        std::vector<double> bare_ms;
        for (std::size_t i = 0; i < options_.latencies; ++i) {
            const auto began = Steady::now();
            must(file->write(i * page.size(), page));
            must(file->sync());
            bare_ms.push_back(since(began) * 1e3);
            auto transactions = people_.sign_transfers(*network_, 1, 1);
            const auto submitted = Steady::now();
            submit(std::move(transactions.front()));
            finals_.wait_for(expected_ += 1);
            ours_ms.push_back(since(submitted) * 1e3);
        }
        for (const double part : {0.5, 0.99}) {
            report.add(fmt::format("{}/finality/p{:.0f}", name(), part * 100),
                       bench::quantile(ours_ms, part), "ms", bench::quantile(bare_ms, part));
        }
        const auto allowed = 1.3 * bench::quantile(bare_ms, 0.5) + 3;
        fmt::print("allowed at p50: 1.3 x fdatasync + 3 ms = {:.2f} ms\n", allowed);
    }

    bool all_taken() const { return refused_ == 0; }

private:
    std::string name() const { return fmt::format("ledger/accounts={}", options_.accounts); }
    void run_round(Spent& ours, Spent& bare, std::vector<double>& ratios)
    {
        auto transactions = people_.sign_transfers(*network_, options_.batch, options_.threads);
        transfer_bytes_ = transactions.front().size();
        Spent before = bare;
        bench::measure_recoveries(bare, options_.threads);
        Spent now;
        now.measure(transactions.size(), [&] {
            on_threads(options_.threads, [&](unsigned thread) {
                for (auto i = std::size_t{thread}; i < transactions.size(); i += options_.threads)
                    submit(std::move(transactions[i]));
            });
            finals_.wait_for(expected_ += transactions.size());
        });
        bench::measure_recoveries(bare, options_.threads);
        ours.wall += now.wall;
        ours.cpu += now.cpu;
        ours.done += now.done;
        ratios.push_back(now.a_cpu_second() /
                         ((bare.done - before.done) / (bare.cpu - before.cpu)));
    }

    void submit(Bytes transaction)
    {
        service_->submit(std::move(transaction), [this](const node::Submitted& answer) {
            if (answer) return;
            if (refused_++ == 0) fmt::print(stderr, "refused: {}\n", answer.error().detail);
            finals_.add(1);  // so that nobody waits for it
        });
    }

    Options options_;
    People people_;
    std::filesystem::path folder_;
    PosixDisk disk_;
    SeededRandom random_{7};
    node::SystemClock clock_;
    std::unique_ptr<BlockStore> store_;
    std::unique_ptr<market::Network> network_;
    std::unique_ptr<node::Chain> chain_;
    Finals finals_;
    std::atomic<std::size_t> blocks_ = 0;
    std::atomic<std::size_t> refused_ = 0;
    std::size_t expected_ = 0;
    std::size_t transfer_bytes_ = 0;
    std::unique_ptr<node::LedgerService> service_;  // before all it uses is gone
};

}  // namespace

int main(int count, char** arguments)
try {
    Options options;
    CLI::App app{"Final transfers a second and finality, beside what the machine can do"};
    app.add_option("--json", options.json, "file for the numbers");
    app.add_option("--folder", options.folder, "where the data goes; a temporary folder otherwise");
    app.add_option("--accounts", options.accounts, "accounts in genesis")->capture_default_str();
    app.add_option("--senders", options.senders, "accounts that send")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--batch", options.batch, "transfers a round, at most 90000")
        ->capture_default_str()
        ->check(CLI::Range(1, 90'000));
    app.add_option("--latencies", options.latencies, "transfers one at a time")
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "of load")->capture_default_str();
    app.add_option("--threads", options.threads, "that submit")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    CLI11_PARSE(app, count, arguments);

    const TemporaryFolder temporary;
    Report report;
    Bench run{options, options.folder.empty() ? temporary.path() : options.folder};
    run.throughput(report);
    run.latency(report);
    if (!run.all_taken()) return 1;
    return report.write(options.json) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_ledger: {}\n", error.what());
    return 1;
}
