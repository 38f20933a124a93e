// Views of large networks in one process, in virtual time and over simulated disks, with every
// signature made and checked: how many of them a second of processor time carries, beside how many
// there could be if it did nothing but check what a view has to check.
#include "bench/load/spent.hpp"
#include "bench/report.hpp"
#include "tests/support/consensus_cluster.hpp"

#include <CLI/CLI.hpp>

namespace {

using namespace ledger;
using bench::Report;
using bench::Spent;

struct Options {
    std::string json;
    std::vector<std::uint32_t> validators{4, 16, 31, 100};
    double seconds = 5;
};

/// A view's checks on all nodes: of the proposal, and of a quorum's votes of two kinds but for
/// one's own (ledger.md, "The physical limit here").
double checks_of(std::uint32_t validators)
{
    const auto quorum = 2 * validators / 3 + 1;
    return validators * (2.0 * (quorum - 1) + 1);
}

void measure_checks(Spent& bare)
{
    constexpr std::size_t count = 4'000;
    const consensus::SchnorrSigner signer{*SecretKey::from_bytes(Bytes(32, 7))};
    Hash digest;
    digest.bytes.fill(3);
    const auto signature = signer.sign(digest);
    const auto key = signer.key();
    const consensus::SchnorrVerifier verifier;
    bare.measure(count, [&] {
        for (std::size_t i = 0; i < count; ++i)
            if (!verifier.verify(key, digest, signature)) std::abort();
    });
}

bool run(Report& report, std::uint32_t validators, double seconds)
{
    sim::ClusterOptions wanted;
    wanted.powers.assign(validators, 1'000);
    wanted.has_real_signatures = true;
    sim::Cluster cluster{wanted};
    std::uint64_t number = 0;
    const auto next_block = [&] {
        cluster.submit_everywhere(sim::sim_transaction(++number));
        return cluster.run_until(
            [&] {
                for (std::size_t i = 0; i < cluster.size(); ++i)
                    if (cluster.node(i).application->finals().size() <= number) return false;
                return true;
            },
            120'000);
    };
    if (!next_block()) return false;  // all have met

    Spent ours;
    Spent bare;
    measure_checks(bare);
    while (ours.wall < seconds) {
        const auto before = cluster.core(0).current();
        bool is_final = false;
        Spent now;
        now.measure(0, [&] { is_final = next_block(); });
        if (!is_final) return false;
        ours.wall += now.wall;
        ours.cpu += now.cpu;
        ours.done += static_cast<double>(cluster.core(0).current() - before);
        measure_checks(bare);
    }
    report.add(fmt::format("views/n={}", validators), ours.a_cpu_second(), "view/s",
               bare.a_cpu_second() / checks_of(validators));
    return true;
}

}  // namespace

int main(int count, char** arguments)
try {
    Options options;
    CLI::App app{"Views of large networks on simulated disks, beside their signature checks"};
    app.add_option("--json", options.json, "file for the numbers");
    app.add_option("--validators", options.validators, "sizes of networks, each in turn")
        ->delimiter(',')
        ->capture_default_str()
        ->check(CLI::Range(1, 128));
    app.add_option("--seconds", options.seconds, "for each size")->capture_default_str();
    CLI11_PARSE(app, count, arguments);

    Report report;
    for (const auto validators : options.validators) {
        if (run(report, validators, options.seconds)) continue;
        fmt::print(stderr, "bench_views: {} validators do not agree\n", validators);
        return 1;
    }
    return report.write(options.json) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_views: {}\n", error.what());
    return 1;
}
