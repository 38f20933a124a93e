#include "tests/support/consensus_cluster.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

ClusterOptions of(std::size_t n)
{
    ClusterOptions options;
    options.powers.assign(n, 1'000);
    return options;
}

TEST(Core, MakesATransactionFinalOnEveryNode)
{
    for (const std::size_t n : {1, 2, 3, 4, 5, 7, 10}) {
        Cluster cluster{of(n)};
        cluster.run_for(100);
        cluster.submit_everywhere(sim_transaction(1));
        EXPECT_TRUE(cluster.run_until([&] { return cluster.all_have(1); }, 2'000)) << n;
    }
}

TEST(Core, ProposesAndFinalizesInOneStepWhenItIsAlone)
{
    Cluster cluster{of(1)};
    cluster.run_for(10);
    cluster.submit(0, sim_transaction(1));
    std::size_t steps = 0;
    cluster.on_output = [&](std::size_t, const Output& output) {
        ++steps;
        if (steps > 1) return;
        EXPECT_EQ(output.commits.size(), 1u);
        EXPECT_EQ(output.commits.front().block.body.size(), 1u);
        EXPECT_FALSE(output.records.empty());
    };
    cluster.run_for(100);
    EXPECT_EQ(cluster.node(0).application->finals().size(), 2u);
    EXPECT_EQ(cluster.core(0).floor(), 1u);
}

}  // namespace
}  // namespace sim
