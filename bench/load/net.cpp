// Networks of whole nodes in one process, over TLS on loopback and with every sync on: final
// transfers a second beside bare recoveries on the same cores, finality beside bare fdatasync, a
// follower that catches up, and what an idle network costs.
#include "bench/load/net_member.hpp"
#include "bench/load/spent.hpp"
#include "bench/report.hpp"
#include "tests/support/temporary_folder.hpp"

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

namespace {

using namespace ledger;
using bench::NetMember;
using bench::Report;
using bench::since;
using bench::Spent;
using bench::Steady;

struct Options {
    std::string json;
    std::filesystem::path folder;
    std::vector<std::uint32_t> validators{1, 4, 16};
    std::size_t accounts = 20'000;
    std::size_t senders = 5'000;
    std::size_t batch = 8'000;
    std::size_t latencies = 100;
    double seconds = 10;
    double idle_seconds = 5;
    double delay_ms = 0;  ///< that somebody has put on the loopback, for the figure it is held to
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

class Bench {
public:
    Bench(const Options& options, std::uint32_t validators, const std::filesystem::path& folder)
        : options_{options},
          validators_{validators},
          people_{options.accounts, options.senders},
          folder_{folder / std::to_string(validators)}
    {
        for (std::uint32_t i = 0; i < validators; ++i) add(i);
        for (auto& member : members_) member->start();
        for (auto& member : members_) connect(*member);
        wait_for_peers(validators - 1);
    }

    void run(Report& report)
    {
        const auto name = fmt::format("net/n={}", validators_);
        if (options_.seconds > 0) throughput(report, name);
        if (options_.latencies > 0) latency(report, name);
        if (options_.seconds > 0) catch_up(report, name);
        if (options_.idle_seconds > 0) idle(report, name);
    }
    bool all_taken() const { return refused_ == 0; }

private:
    NetMember& add(std::uint32_t index)
    {
        members_.push_back(std::make_unique<NetMember>(
            NetMember::Wanted{folder_ / std::to_string(index), people_, validators_, index}));
        return *members_.back();
    }
    void connect(NetMember& member)
    {
        for (auto& other : members_)
            if (other.get() != &member) member.dial(*other);
    }
    void wait_for_peers(std::size_t count)
    {
        const auto began = Steady::now();
        while (std::any_of(members_.begin(), members_.end(),
                           [&](const auto& member) { return member->peers() < count; })) {
            if (since(began) > 60) throw std::runtime_error{"the nodes do not find each other"};
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
    }

    void throughput(Report& report, const std::string& name)
    {
        Spent ours;
        Spent bare;
        round(ours, bare);  // caches fill, files begin
        ours = bare = {};
        while (ours.wall < options_.seconds) round(ours, bare);
        // Every node checks every signature: n of them share V.
        const auto share = 1.0 / validators_;
        report.add(name + "/transfers/wall", ours.a_second(), "tx/s", bare.a_second() * share);
        report.add(name + "/transfers/cpu", ours.a_cpu_second(), "tx/cpu-s",
                   bare.a_cpu_second() * share);
    }
    void round(Spent& ours, Spent& bare)
    {
        auto transactions =
            people_.sign_transfers(members_[0]->network(), options_.batch, options_.threads);
        bench::measure_recoveries(bare, options_.threads);
        expected_ += transactions.size();
        ours.measure(transactions.size(), [&] {
            for (std::size_t i = 0; i < transactions.size(); ++i)
                members_[i % validators_]->submit(std::move(transactions[i]), refused_);
            for (auto& member : members_) member->finals().wait_for(expected_);
        });
        bench::measure_recoveries(bare, options_.threads);
    }

    void latency(Report& report, const std::string& name)
    {
        PosixDisk disk;
        const auto file = must(disk.open((folder_ / "bare").string(), OpenMode::fresh));
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
            auto& member = *members_[i % validators_];
            auto transactions = people_.sign_transfers(member.network(), 1, 1);
            const auto submitted = Steady::now();
            member.submit(std::move(transactions.front()), refused_);
            member.finals().wait_for(expected_ += 1);
            ours_ms.push_back(since(submitted) * 1e3);
            for (auto& other : members_) other->finals().wait_for(expected_);
        }
        for (const double part : {0.5, 0.99})
            report.add(fmt::format("{}/finality/p{:.0f}", name, part * 100),
                       bench::quantile(ours_ms, part), "ms", bench::quantile(bare_ms, part));
        const auto sync = bench::quantile(bare_ms, 0.5);
        const auto allowed =
            validators_ == 1 ? 1.3 * sync + 3 : 4.5 * sync + 15 + 3.3 * options_.delay_ms;
        report.add(name + "/finality/p50/allowed", bench::quantile(ours_ms, 0.5), "ms", allowed);
    }

    /// A follower with nothing but the genesis, every signature checked.
    void catch_up(Report& report, const std::string& name)
    {
        Spent bare;
        bench::measure_recoveries(bare, options_.threads);
        const auto height = members_[0]->height();
        auto& follower = add(validators_);
        Spent ours;
        ours.measure(expected_, [&] {
            follower.start();
            for (std::uint32_t i = 0; i < validators_; ++i) follower.dial(*members_[i]);
            if (!follower.finals().wait_for_height(height, std::chrono::seconds{180}))
                throw std::runtime_error{"the follower does not catch up"};
        });
        bench::measure_recoveries(bare, options_.threads);
        report.add(name + "/sync/wall", ours.a_second(), "tx/s", bare.a_second());
        members_.pop_back();
    }

    void idle(Report& report, const std::string& name)
    {
        std::this_thread::sleep_for(std::chrono::seconds{2});
        const auto height = members_[0]->height();
        const auto bytes = members_[0]->bytes_out();
        const auto cpu = bench::cpu_seconds();
        std::this_thread::sleep_for(std::chrono::duration<double>{options_.idle_seconds});
        const auto used = (bench::cpu_seconds() - cpu) / options_.idle_seconds / validators_;
        report.add(name + "/idle/core", used * 100, "%", 0.5);
        report.add(name + "/idle/blocks", static_cast<double>(members_[0]->height() - height), "",
                   0);
        if (validators_ > 1)
            report.add(name + "/idle/to_a_peer",
                       static_cast<double>(members_[0]->bytes_out() - bytes) /
                           options_.idle_seconds / (validators_ - 1),
                       "B/s", 1'024);
    }

    Options options_;
    std::uint32_t validators_;
    People people_;
    std::filesystem::path folder_;
    std::atomic<std::size_t> refused_ = 0;
    std::vector<std::unique_ptr<NetMember>> members_;
    std::size_t expected_ = 0;
};

}  // namespace

int main(int count, char** arguments)
try {
    Options options;
    CLI::App app{"Networks of whole nodes on loopback, beside what the machine can do"};
    app.add_option("--json", options.json, "file for the numbers");
    app.add_option("--folder", options.folder, "where the data goes; a temporary folder otherwise");
    app.add_option("--validators", options.validators, "sizes of networks, each in turn")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--accounts", options.accounts, "accounts in genesis")->capture_default_str();
    app.add_option("--senders", options.senders, "accounts that send")->capture_default_str();
    app.add_option("--batch", options.batch, "transfers a round, at most 90000")
        ->capture_default_str()
        ->check(CLI::Range(1, 90'000));
    app.add_option("--latencies", options.latencies, "transfers one at a time; 0 for none")
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "of load for each size; 0 for none")
        ->capture_default_str();
    app.add_option("--idle", options.idle_seconds, "seconds to look at an idle network")
        ->capture_default_str();
    app.add_option("--delay", options.delay_ms,
                   "one-way milliseconds that netem puts on the loopback: what is allowed rises");
    app.add_option("--threads", options.threads, "that sign and recover")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    CLI11_PARSE(app, count, arguments);
    spdlog::set_level(spdlog::level::warn);

    Report report;
    bool all_taken = true;
    for (const auto validators : options.validators) {
        const TemporaryFolder temporary;
        Bench run{options, validators, options.folder.empty() ? temporary.path() : options.folder};
        run.run(report);
        all_taken = all_taken && run.all_taken();
    }
    if (!all_taken) fmt::print(stderr, "bench_net: some transfers were refused\n");
    return report.write(options.json) && all_taken ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_net: {}\n", error.what());
    return 1;
}
