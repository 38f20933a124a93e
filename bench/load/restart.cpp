// A node of many accounts is killed in the middle of its work; how long until another process
// stands where it stood, beside what reading its log may take.
#include "bench/load/ledger_network.hpp"
#include "bench/load/spent.hpp"
#include "bench/report.hpp"
#include "node/core/ledger_service.hpp"
#include "tests/support/temporary_folder.hpp"

#include <CLI/CLI.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <mutex>

namespace {

using namespace ledger;
using bench::Report;
using bench::since;
using bench::Steady;

struct Options {
    std::string json;
    std::filesystem::path folder;
    std::size_t accounts = 1'000'000;
    std::size_t senders = 20'000;
    std::size_t transfers = 60'000;
    unsigned rounds = 3;
};

/// What the processes tell each other.
struct Told {
    std::atomic<std::uint64_t> height;  ///< that was said to be final
    std::atomic<std::uint64_t> transfers;
    std::atomic<double> restart_s;
};

struct Node {
    explicit Node(const std::filesystem::path& folder)
        : store{must(open_rocks_store(folder / "store"))},
          network{network_of(*store)},
          chain{must(node::Chain::open(*network, *store))},
          service{must(
              node::LedgerService::open({*network, *chain, *store, disk, (folder / "log").string(),
                                         clock, random, validator_key()}))}
    {
    }

    PosixDisk disk;
    SeededRandom random{7};
    node::SystemClock clock;
    std::unique_ptr<BlockStore> store;
    std::unique_ptr<market::Network> network;
    std::unique_ptr<node::Chain> chain;
    std::unique_ptr<node::LedgerService> service;
};

/// Runs `act` in a process of its own, as RocksDB's threads do not survive a fork; how it ended.
template <class Act>
int in_process(const Act& act)
{
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error{"cannot fork"};
    if (child == 0) {
        try {
            act();
        } catch (const std::exception& error) {
            fmt::print(stderr, "bench_restart: {}\n", error.what());
            std::_Exit(1);
        }
        std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

/// Kills its own process when that many transfers are final, without a word to anybody and
/// whatever else is under way.
void work_until_killed(const std::filesystem::path& folder, People& people, std::size_t transfers,
                       Told& told)
{
    std::promise<std::string> refused;
    std::once_flag first;
    Node node{folder};
    const auto wanted = told.transfers + transfers;
    node.service->on_block([&](const node::FinalBlock& block) {
        told.height = block.head.header.height.value;
        told.transfers += block.tx_ids.size();
        if (told.transfers >= wanted) ::kill(::getpid(), SIGKILL);
    });
    node.service->start();
    for (auto& transaction : people.sign_transfers(*node.network, transfers, 2))
        node.service->submit(std::move(transaction), [&](const node::Submitted& answer) {
            if (!answer) std::call_once(first, [&] { refused.set_value(answer.error().detail); });
        });
    auto why = refused.get_future();
    throw std::runtime_error{why.wait_for(std::chrono::seconds{300}) == std::future_status::ready
                                 ? "refused: " + why.get()
                                 : "not all transfers became final"};
}

void restart(const std::filesystem::path& folder, Told& told)
{
    const auto began = Steady::now();
    const Node node{folder};
    told.restart_s = since(began);
    if (node.service->head()->header.height.value < told.height)
        throw std::runtime_error{"what was final is lost"};
}

std::uint64_t bytes_in(const std::filesystem::path& folder)
{
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder}) bytes += file.file_size();
    return bytes;
}

void run(const Options& options, const std::filesystem::path& folder, Report& report)
{
    auto* memory =
        ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error{"no memory to share"};
    auto& told = *new (memory) Told{};
    People people{options.accounts, options.senders};
    if (in_process([&] { fill_store(*must(open_rocks_store(folder / "store")), people); }) != 0)
        throw std::runtime_error{"the store cannot be filled"};
    for (unsigned round = 1; round <= options.rounds; ++round) {
        const auto ended =
            in_process([&] { work_until_killed(folder, people, options.transfers, told); });
        if (!WIFSIGNALED(ended) || WTERMSIG(ended) != SIGKILL)
            throw std::runtime_error{"it ended before it could be killed"};
        people.skip(options.transfers);  // the other process has sent those
        const auto log_bytes = static_cast<double>(bytes_in(folder / "log"));
        if (in_process([&] { restart(folder, told); }) != 0)
            throw std::runtime_error{"it does not start again"};
        report.add(fmt::format("restart/accounts={}/{}", options.accounts, round), told.restart_s,
                   "s", 2 + log_bytes / 1e8);
    }
}

}  // namespace

int main(int count, char** arguments)
try {
    Options options;
    CLI::App app{"How long a node that was killed takes until it stands where it stood"};
    app.add_option("--json", options.json, "file for the numbers");
    app.add_option("--folder", options.folder, "where the data goes; a temporary folder otherwise");
    app.add_option("--accounts", options.accounts, "accounts in genesis")->capture_default_str();
    app.add_option("--senders", options.senders, "accounts that send")->capture_default_str();
    app.add_option("--transfers", options.transfers, "final ones before each kill")
        ->capture_default_str()
        ->check(CLI::Range(1, 90'000));
    app.add_option("--rounds", options.rounds, "kills")->capture_default_str();
    CLI11_PARSE(app, count, arguments);

    const TemporaryFolder temporary;
    Report report;
    run(options, options.folder.empty() ? temporary.path() : options.folder, report);
    return report.write(options.json) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_restart: {}\n", error.what());
    return 1;
}
