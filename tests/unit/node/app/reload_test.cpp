#include "node/app/reload.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using Names = std::vector<std::string>;

TEST(Reload, NamesEveryMemberThatDiffers)
{
    Config after;
    EXPECT_TRUE(changed_members({}, after).empty());
    after.http.port = 1;
    after.host.limits.free.burst = 3;
    after.peers.advertised = {"a:1"};
    EXPECT_EQ(changed_members({}, after),
              (Names{"host.limits.free.burst", "http.port", "peers.advertised"}));
}

/// Members of both kinds: those that take effect at once and those that need a restart.
Config changed_config()
{
    Config after;
    after.log.level = "debug";
    after.log.format = "json";
    after.host.models = {{}};
    after.host.run_ms = 1;
    after.host.limits.paid.quota = 9;
    after.host.limits.callers = 5'000;
    after.host.load_wait_ms = 1;
    after.host.cache_bytes = 1;
    after.http.body_bytes = 1;
    return after;
}

TEST(Reload, SortsWhatTakesEffectAtOnceFromWhatNeedsARestart)
{
    const auto after = changed_config();
    const auto report = sort_changes({}, after);
    EXPECT_EQ(report.applied, (Names{"host.cacheBytes", "host.limits.paid.quota", "host.loadWaitMs",
                                     "host.models", "http.bodyBytes", "log.level"}));
    EXPECT_EQ(report.for_restart, (Names{"host.limits.callers", "host.runMs", "log.format"}));
}

TEST(Reload, TakesOverExactlyWhatTakesEffectAtOnce)
{
    auto after = changed_config();
    after.http.port = 1;
    const auto wanted = sort_changes({}, after);
    const auto in_force = take_over({}, after);
    EXPECT_EQ(changed_members({}, in_force), wanted.applied);
    EXPECT_EQ(changed_members(in_force, after), wanted.for_restart);
}

TEST(Reload, LeavesModelsBehindAServerOfOpenAisKindForARestart)
{
    Config before;
    before.host.models = {{}, {}};
    before.host.models[0].name = "files";
    before.host.models[1].name = "talk";
    before.host.models[1].backend.kind = "openai";
    auto after = before;
    after.host.models[1].backend.url = "http://elsewhere";
    auto report = sort_changes(before, after);
    EXPECT_TRUE(report.applied.empty());
    EXPECT_EQ(report.for_restart, Names{"host.models"});
    EXPECT_TRUE(changed_members(before, take_over(before, after)).empty());

    after.host.models[0].idle_s = 5;
    report = sort_changes(before, after);
    EXPECT_EQ(report.applied, Names{"host.models"});
    EXPECT_EQ(report.for_restart, Names{"host.models"});
    const auto in_force = take_over(before, after);
    EXPECT_EQ(in_force.host.models[0].idle_s, 5u);
    EXPECT_EQ(in_force.host.models[1].backend.url, "");
}

}  // namespace
}  // namespace node
