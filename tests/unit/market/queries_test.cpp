#include "market/queries.hpp"

#include "ledger/crypto/address.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

using ledger::ErrorKind;

class Queries : public testing::Test {
protected:
    Queries()
    {
        world.fund("alice", 1'000'000);
        world.fund("hugo", 1'000'000);
        iris = make_model(world);
        for (std::uint32_t ver = 2; ver <= 3; ++ver)
            must(world.apply("alice", model_version(world, iris, ver)));
    }
    static void must(Rejection outcome) { ASSERT_EQ(outcome, Rejection::none); }
    void yank(std::uint32_t ver) { must(world.apply("alice", ModelYank{iris, {ver}, ""})); }
    void set_alias(std::vector<AliasTarget> targets)
    {
        must(world.apply("alice", ModelAlias{iris, "stable", std::move(targets), ""}));
    }
    std::uint32_t resolved(std::string_view selector, std::uint64_t draw = 0) const
    {
        const auto found = resolve(world.view(), iris, selector, draw);
        return found ? found->key.ver.value : 0;
    }

    MarketWorld world;
    ModelId iris;
    const Address hugo = MarketWorld::address_of("hugo");
};

TEST_F(Queries, FindsAModelByIdAndByOwnerAndName)
{
    EXPECT_EQ(*find_model(world.view(), ledger::to_hex0x(iris.view())), iris);
    const auto owner = ledger::to_checksum(MarketWorld::address_of("alice"));
    EXPECT_EQ(*find_model(world.view(), owner + "/iris"), iris);
    EXPECT_EQ(find_model(world.view(), owner + "/rose").error().kind, ErrorKind::not_found);
    for (const auto* bad : {"", "iris", "0x12", "alice/iris", "/iris"})
        EXPECT_EQ(find_model(world.view(), bad).error().kind, ErrorKind::invalid) << bad;
    EXPECT_EQ(find_model(world.view(), ledger::to_hex(iris.view())).error().kind,
              ErrorKind::invalid);
}

TEST_F(Queries, ASelectorIsAVersionAnAliasOrNothing)
{
    set_alias({{{2}, 1}});
    EXPECT_EQ(resolved("1"), 1u);
    EXPECT_EQ(resolved("stable"), 2u);
    EXPECT_EQ(resolved(""), 3u);
    EXPECT_EQ(resolve(world.view(), iris, "stable", 0)->alias, "stable");
    EXPECT_EQ(resolve(world.view(), iris, "1", 0)->alias, "");
    for (const auto* none : {"0", "4", "99999999999", "canary", "-1"})
        EXPECT_EQ(resolve(world.view(), iris, none, 0).error().kind, ErrorKind::not_found) << none;
    EXPECT_EQ(resolve(world.view(), iris, std::string(65, 'a'), 0).error().kind,
              ErrorKind::invalid);
}

TEST_F(Queries, PassesOverYankedVersions)
{
    set_alias({{{2}, 1}, {{3}, 1}});
    yank(3);
    EXPECT_EQ(resolved(""), 2u);
    EXPECT_EQ(resolved("stable", 1), 2u);
    EXPECT_EQ(resolved("3"), 3u) << "but a number is a number";
    yank(2);
    EXPECT_EQ(resolve(world.view(), iris, "stable", 0).error().kind, ErrorKind::not_found);
    yank(1);
    EXPECT_EQ(resolve(world.view(), iris, "", 0).error().kind, ErrorKind::not_found);
}

TEST_F(Queries, AnAliasSharesItsCallsByWeight)
{
    set_alias({{{1}, 3}, {{2}, 1}});
    std::map<std::uint32_t, int> calls;
    for (std::uint64_t draw = 0; draw < 400; ++draw) ++calls[resolved("stable", draw)];
    EXPECT_EQ(calls, (std::map<std::uint32_t, int>{{1, 300}, {2, 100}}));
}

TEST_F(Queries, ListsEveryModelOnceInPages)
{
    for (int i = 0; i < 6; ++i)
        must(world.apply("alice", ModelRegister{"more" + std::to_string(i), {}}));
    std::vector<ModelId> seen;
    Bytes after;
    int pages = 0;
    do {
        const auto page = list_models(world.view(), after, 3);
        for (const auto& entry : page.items) seen.push_back(entry.id);
        after = page.next;
        ++pages;
    } while (!after.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen.size(), 7u);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::count(seen.begin(), seen.end(), iris), 1);
    EXPECT_TRUE(list_models(world.view(), {}, 7).next.empty());
    EXPECT_EQ(list_models(world.view(), {}, 0).items.size(), 1u);
}

TEST_F(Queries, ShowsVersionsWithThePriceOfTheMoment)
{
    const auto from = world.now_s() + 3'600;
    must(world.apply("alice", ModelPrice{iris, {2}, flat_price(world, 7), from}));
    const auto before = list_versions(world.view(), iris, 1, 10, world.now_ms());
    const auto after = list_versions(world.view(), iris, 2, 1, from * 1000);
    ASSERT_EQ(before.size(), 3u);
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(before[1].price, flat_price(world, 100));
    EXPECT_EQ(after[0].price, flat_price(world, 7));
    EXPECT_EQ(after[0].record.version.ver, Version{2});
    EXPECT_EQ(list_versions(world.view(), iris, 0, 1, 0).size(), 1u);
    EXPECT_EQ(list_prices(world.view(), {iris, {2}}, 0, 9).size(), 1u);
    EXPECT_TRUE(list_prices(world.view(), {iris, {1}}, 0, 9).empty());
}

TEST_F(Queries, PagesThroughEvaluationsAndAliasHistory)
{
    for (std::uint64_t n = 1; n <= 5; ++n)
        must(world.apply("hugo", ModelEval{iris, {1}, {}, {}, "f1", 1, n, {}}));
    const auto some = list_evaluations(world.view(), {iris, {1}}, 3, 10);
    ASSERT_EQ(some.size(), 2u);
    EXPECT_EQ(some[0].evaluation.n, 4u);
    EXPECT_EQ(list_evaluations(world.view(), {iris, {1}}, 0, 2).size(), 2u);
    EXPECT_TRUE(list_evaluations(world.view(), {iris, {1}}, 0xffffffff, 2).empty());
    set_alias({{{1}, 1}});
    set_alias({});
    const auto history = alias_history(world.view(), {iris, "stable"}, 0, 10);
    ASSERT_EQ(history.size(), 2u);
    EXPECT_TRUE(history[1].targets.empty());
    const auto aliases = list_aliases(world.view(), iris, {}, 10);
    ASSERT_EQ(aliases.items.size(), 1u);
    EXPECT_EQ(aliases.items[0].name, "stable");
}

TEST_F(Queries, ListsTheHostsThatServeNow)
{
    make_host(world);
    must(world.apply("alice", hosting(world, iris, 1, "alice", "hugo", 10)));
    auto brief = hosting(world, iris, 2, "alice", "hugo", 10);
    brief.agreement.until = world.now_s() + 5;
    brief.counter_signature = world.sign_struct("hugo", brief.agreement);
    must(world.apply("alice", brief));
    const auto hosts = [&] {
        return list_hosts(world.view(), world.context(), iris, {}, 10).items;
    };
    ASSERT_EQ(hosts().size(), 2u);
    EXPECT_EQ(hosts()[0].split, split_address(iris, {1}, hugo));
    EXPECT_EQ(hosts()[0].endpoint, "https://host.example");
    world.pass_s(5);
    EXPECT_EQ(hosts().size(), 1u);
    yank(1);
    EXPECT_TRUE(hosts().empty());
    must(world.apply("alice", hosting(world, iris, 3, "alice", "hugo", 10)));
    EXPECT_EQ(hosts().size(), 1u);
    must(world.apply("hugo", HostUnbond{}));
    EXPECT_TRUE(hosts().empty());
}

}  // namespace
}  // namespace market
