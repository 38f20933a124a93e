// What payment adds to a call, without HTTP and model: the check of a voucher, the charge with its
// receipt, and the durable write, alone and in groups. One thread; CPU figures are the process's,
// so that they hold the database's own threads too.
#include "bench/report.hpp"

#include "ledger/store/journal.hpp"
#include "tests/support/payment_world.hpp"
#include "tests/support/temporary_folder.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <iostream>

namespace {

using Clock = std::chrono::steady_clock;

double process_cpu_us()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) * 1e-3;
}

/// Wall times and CPU of one step of many calls.
struct Step {
    std::vector<double> wall_us;
    double cpu_us = 0;

    template <class Work>
    auto operator()(Work work)
    {
        const auto cpu = process_cpu_us();
        const auto began = Clock::now();
        auto result = work();
        wall_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
        cpu_us += process_cpu_us() - cpu;
        return result;
    }
    double cpu_of(std::size_t calls) const { return cpu_us / static_cast<double>(calls); }
};

/// fdatasync of 4 KiB appended to a file beside the journal, in microseconds.
std::vector<double> syncs_us(const std::filesystem::path& folder)
{
    const int file = ::open((folder / "sync-probe").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    const std::vector<char> block(4096, 'x');
    std::vector<double> took;
    for (int i = 0; i < 300; ++i) {
        const auto began = Clock::now();
        if (::write(file, block.data(), block.size()) != 4096 || ::fdatasync(file) != 0) break;
        took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
    }
    ::close(file);
    return took;
}

class Bench {
public:
    explicit Bench(std::filesystem::path folder)
    {
        auto opened = ledger::open_rocks_journal(folder);
        ledger::ensure(opened.has_value(), "the journal opens");
        journal_ = std::move(*opened);
        world_.open_channel(~0ull / 2);
    }

    /// `calls` calls of one payer, `group` of them to a sync.
    void run(bench::Report& report, std::size_t calls, std::size_t group, double sync_p99_us)
    {
        Step check, body, charge, commit, finish;
        double bytes = 0;
        std::vector<ledger::JournalBatch> batches;
        for (std::size_t i = 0; i < calls; ++i) {
            const auto header = world_.voucher({.amount = 1000 + i * 7 % 31});
            const std::vector<std::string_view> headers{header};
            node::RequestMachine machine{world_.node->services, world_.resource()};
            auto action = check([&] { return machine.start(headers, world_.now()); });
            ledger::ensure(std::holds_alternative<node::ReadBody>(action), "the voucher is good");
            const auto request = ledger::as_bytes(request_);
            ledger::Bytes copy{request.begin(), request.end()};
            action = body([&] { return machine.on_body(std::move(copy), world_.now()); });
            node::Served served{node::Response::json(200, answer_), {2}, {}};
            action = charge([&] { return machine.on_ran(std::move(served), world_.now()); });
            batches.push_back(std::move(std::get<node::Write>(action).batch));
            for (const auto& write : batches.back())
                bytes += static_cast<double>(write.key.size() + write.value->size());
            if (batches.size() == group) {
                const auto written = commit([&] { return journal_->commit(batches); });
                ledger::ensure(written.has_value(), "the journal takes what it is given");
                batches.clear();
            }
            action = finish([&] { return machine.on_written({}, world_.now()); });
            ledger::ensure(std::get<node::Answer>(action).response.status() == 200, "answered");
        }
        const auto tail = "/group=" + std::to_string(group);
        report.add("payment/check" + tail + "/cpu", check.cpu_of(calls), "us", 0);
        report.add("payment/check" + tail + "/p99", bench::quantile(check.wall_us, 0.99), "us",
                   1000);
        report.add("payment/body" + tail + "/cpu", body.cpu_of(calls), "us", 0);
        report.add("payment/charge" + tail + "/cpu", charge.cpu_of(calls), "us", 0);
        report.add("payment/commit" + tail + "/cpu", commit.cpu_of(calls), "us", 0);
        report.add("payment/commit" + tail + "/p99", bench::quantile(commit.wall_us, 0.99), "us",
                   1.3 * sync_p99_us + 2000);
        report.add("payment/finish" + tail + "/cpu", finish.cpu_of(calls), "us", 0);
        report.add("payment/written" + tail, bytes / static_cast<double>(calls), "B", 0);
    }

private:
    node::PaymentWorld world_;
    std::unique_ptr<ledger::Journal> journal_;
    std::string request_ = std::string(5000, '1');
    std::string answer_ = std::string(250, '2');
};

}  // namespace

int main(int count, char** arguments)
{
    CLI::App app{"What payment adds to a call, step by step"};
    std::size_t calls = 20'000;
    std::string file;
    app.add_option("--calls", calls, "Calls of each case")->capture_default_str();
    app.add_option("--json", file, "Write the cases to this file");
    CLI11_PARSE(app, count, arguments);

    const ledger::TemporaryFolder folder;
    bench::Report report;
    const auto syncs = syncs_us(folder.path());
    report.add("disk/fdatasync/p50", bench::quantile(syncs, 0.5), "us", 0);
    report.add("disk/fdatasync/p99", bench::quantile(syncs, 0.99), "us", 0);
    Bench bench{folder.path() / "journal"};
    for (const std::size_t group : {1u, 8u, 32u})
        bench.run(report, calls, group, bench::quantile(syncs, 0.99));
    return report.write(file) ? 0 : 1;
}
