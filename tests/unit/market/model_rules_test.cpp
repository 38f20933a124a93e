#include "market/rules/model_rules.hpp"

#include "market/price_history.hpp"
#include "market/settlement.hpp"
#include "tests/unit/market/model_fixture.hpp"

namespace market {
namespace {

TEST_F(ModelRules, ANameIsTakenOncePerOwner)
{
    EXPECT_EQ(iris, model_id(alice, "iris"));
    EXPECT_EQ(world.apply("alice", ModelRegister{"iris", {}}), Rejection::name_taken);
    EXPECT_EQ(world.apply("hugo", ModelRegister{"iris", {}}), Rejection::none);
    EXPECT_TRUE(world.view().has<Model>(model_id(hugo, "iris")));
}

TEST_F(ModelRules, NamesAreShortAndPlain)
{
    for (const auto* bad : {"", "Iris", "a b", "a/b", "\xc3\xa4"})
        EXPECT_EQ(world.apply("alice", ModelRegister{bad, {}}), Rejection::malformed_text) << bad;
    EXPECT_EQ(world.apply("alice", ModelRegister{std::string(65, 'a'), {}}),
              Rejection::malformed_text);
    EXPECT_EQ(world.apply("alice", ModelRegister{std::string(64, 'a'), {}}), Rejection::none);
    EXPECT_EQ(world.apply("alice", ModelRegister{"a-z.0_9", {}}), Rejection::none);
}

TEST_F(ModelRules, EveryEntryLocksADepositByItsBytes)
{
    const auto before = world.locked("alice");
    ASSERT_EQ(world.apply("alice", ModelRegister{"rose", {}}), Rejection::none);
    const auto id = model_id(alice, "rose");
    EXPECT_EQ(world.locked("alice") - before,
              entry_bytes<Model>(id, *world.view().find<Model>(id)));
    EXPECT_EQ(world.apply("poor", ModelRegister{"rose", {}}), Rejection::insufficient_funds);
    EXPECT_EQ(world.total_held(), world.supply());
}

TEST_F(ModelRules, OnlyTheOwnerAddsTheNextVersion)
{
    EXPECT_EQ(world.apply("hugo", next()), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", model_version(world, nobody, 1)), Rejection::unknown_model);
    for (const std::uint32_t ver : {0u, 1u, 3u})
        EXPECT_EQ(world.apply("alice", model_version(world, iris, ver)),
                  Rejection::version_not_next);
    ASSERT_EQ(world.apply("alice", next()), Rejection::none);
    EXPECT_EQ(world.view().get<Model>(iris).versions, 2u);
    EXPECT_EQ(version(2).depth, 1u);
    EXPECT_EQ(version(2).shares.size(), 1u);
    EXPECT_EQ(version(2).registered_ms, world.now_ms());
}

TEST_F(ModelRules, AVersionMayBeOneThatNoFileIsShownOf)
{
    auto message = next();
    message.format = "remote";
    ASSERT_EQ(world.apply("alice", message), Rejection::none);
    EXPECT_EQ(version(2).version.format, "remote");
}

TEST_F(ModelRules, AVersionNumberNeverComesRoundToZero)
{
    auto model = world.view().get<Model>(iris);
    model.versions = 0xffffffff;
    world.put(iris, model);
    EXPECT_EQ(world.apply("alice", model_version(world, iris, 0)), Rejection::version_not_next);
}

TEST_F(ModelRules, RefusesVersionsInTheWrongForm)
{
    const auto refused = [&](auto change) {
        auto message = next();
        change(message);
        return world.apply("alice", message);
    };
    EXPECT_EQ(refused([](auto& m) { m.format = "gguf"; }), Rejection::malformed_text);
    EXPECT_EQ(refused([](auto& m) { m.format = ""; }), Rejection::malformed_text);
    EXPECT_EQ(refused([](auto& m) { m.license = std::string(65, 'a'); }),
              Rejection::malformed_text);
    EXPECT_EQ(refused([](auto& m) { m.license = "MIT\n"; }), Rejection::malformed_text);
    EXPECT_EQ(refused([](auto& m) { m.enc.wraps = {Bytes(1)}; }), Rejection::too_many_entries);
    EXPECT_EQ(refused([](auto& m) {
                  m.enc = {1, std::vector<Bytes>(17, Bytes(80))};
              }),
              Rejection::too_many_entries);
    EXPECT_EQ(refused([](auto& m) { m.enc = {1, {Bytes(257)}}; }), Rejection::too_many_entries);
    EXPECT_EQ(refused([](auto& m) { m.enc = {1, {Bytes{}}}; }), Rejection::too_many_entries);
    EXPECT_EQ(refused([](auto& m) { m.min_derivative_bps = {10'001}; }),
              Rejection::share_too_large);
    EXPECT_EQ(refused([](auto& m) { m.price_sheet.min = {}; }), Rejection::bad_price_sheet);
    EXPECT_EQ(refused([](auto& m) { m.price_sheet.asset = {}; }), Rejection::wrong_asset);
    EXPECT_EQ(refused([&](auto& m) {
                  m.parents = {{nobody, {1}, {1}}};
              }),
              Rejection::unknown_parent);
    EXPECT_EQ(refused([](auto& m) {
                  m.enc = {1, std::vector<Bytes>(16, Bytes(256))};
              }),
              Rejection::none);
}

TEST_F(ModelRules, TheFirstToRegisterAContentStaysTheFirst)
{
    const auto content = version(1).version.content_id;
    auto copy = next();
    copy.content_id = content;
    ASSERT_EQ(world.apply("alice", copy), Rejection::none);
    const auto first = world.view().get<ContentRecord>(content);
    EXPECT_EQ(first.model, iris);
    EXPECT_EQ(first.ver, Version{1});
}

TEST_F(ModelRules, AChildOfItsOwnLineSharesWithTheParent)
{
    auto child = next();
    child.parents = {{iris, {1}, {1'000}}};
    ASSERT_EQ(world.apply("alice", child), Rejection::none);
    EXPECT_EQ(version(2).depth, 2u);
}

TEST_F(ModelRules, AnybodyEvaluatesAndIsNamedAsTheEvaluator)
{
    ModelEval eval{iris, {1}, {}, {}, "accuracy", 960'000, 150, {}};
    ASSERT_EQ(world.apply("hugo", eval), Rejection::none);
    const auto record = world.view().get<EvaluationRecord>({iris, {1}, 0});
    EXPECT_EQ(record.evaluator, hugo);
    EXPECT_EQ(record.evaluation, eval);
    EXPECT_EQ(version(1).evaluations, 1u);
}

TEST_F(ModelRules, RefusesEvaluationsOfNothing)
{
    const ModelEval good{iris, {1}, {}, {}, "accuracy", 960'000, 150, {}};
    auto eval = good;
    eval.ver = {2};
    EXPECT_EQ(world.apply("hugo", eval), Rejection::unknown_version);
    eval = good;
    eval.n = 0;
    EXPECT_EQ(world.apply("hugo", eval), Rejection::no_samples);
    eval = good;
    eval.metric = "";
    EXPECT_EQ(world.apply("hugo", eval), Rejection::malformed_text);
    eval.metric = std::string(33, 'a');
    EXPECT_EQ(world.apply("hugo", eval), Rejection::malformed_text);
    eval = good;
    eval.dataset.bytes[0] = 1;
    EXPECT_EQ(world.apply("hugo", eval), Rejection::unknown_dataset);
    world.put(eval.dataset, Dataset{});
    EXPECT_EQ(world.apply("hugo", eval), Rejection::none);
}

TEST_F(ModelRules, AnAliasMovesAndItsHistoryStays)
{
    add_version();
    ASSERT_EQ(set_alias({{{1}, 9}, {{2}, 1}}), Rejection::none);
    world.pass_s(5);
    ASSERT_EQ(set_alias({{{2}, 1}}), Rejection::none);
    const auto moved = world.now_ms();
    EXPECT_EQ(world.view().get<Alias>({iris, "stable"}).targets,
              (std::vector<AliasTarget>{{{2}, 1}}));
    EXPECT_EQ(world.view().get<Alias>({iris, "stable"}).since_ms, moved);
    EXPECT_EQ(world.view().get<AliasChange>({iris, "stable", 0}).targets.size(), 2u);
    EXPECT_EQ(world.view().get<AliasChange>({iris, "stable", 1}).reason, "why");
    EXPECT_EQ(use(1).aliases, 0u);
    EXPECT_EQ(use(1).ended_ms, moved);
    EXPECT_EQ(use(2).aliases, 1u);
    EXPECT_EQ(use(2).ended_ms, 0u) << "it stayed a target throughout";
}

TEST_F(ModelRules, CountsTheAliasesThatPointToAVersion)
{
    ASSERT_EQ(set_alias({{{1}, 1}}, "stable"), Rejection::none);
    ASSERT_EQ(set_alias({{{1}, 1}}, "canary"), Rejection::none);
    EXPECT_EQ(use(1).aliases, 2u);
    ASSERT_EQ(set_alias({}, "stable"), Rejection::none);
    EXPECT_EQ(use(1).aliases, 1u);
    EXPECT_EQ(use(1).ended_ms, 0u);
    EXPECT_EQ(set_alias({}, "stable"), Rejection::unknown_alias);
    ASSERT_EQ(set_alias({}, "canary"), Rejection::none);
    EXPECT_EQ(use(1).aliases, 0u);
    EXPECT_EQ(use(1).ended_ms, world.now_ms());
    ASSERT_EQ(set_alias({{{1}, 1}}, "stable"), Rejection::none);
    EXPECT_EQ(world.view().get<Alias>({iris, "stable"}).changes, 3u);
}

TEST_F(ModelRules, RefusesAliasesThatPointNowhere)
{
    add_version();
    EXPECT_EQ(set_alias({{{3}, 1}}), Rejection::unknown_alias_target);
    EXPECT_EQ(set_alias({{model_line, 1}}), Rejection::unknown_alias_target);
    EXPECT_EQ(set_alias({{{1}, 0}}), Rejection::weight_is_zero);
    EXPECT_EQ(set_alias({{{1}, 1}, {{1}, 2}}), Rejection::duplicate_entry);
    EXPECT_EQ(set_alias(std::vector<AliasTarget>(9, {{1}, 1})), Rejection::too_many_entries);
    EXPECT_EQ(set_alias({{{1}, 1}}, "12"), Rejection::malformed_text)
        << "digits are version numbers";
    EXPECT_EQ(set_alias({{{1}, 1}}, ""), Rejection::malformed_text);
    EXPECT_EQ(set_alias({}), Rejection::unknown_alias);
    EXPECT_EQ(world.apply("hugo", ModelAlias{iris, "stable", {{{1}, 1}}, ""}),
              Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", ModelAlias{nobody, "stable", {}, ""}), Rejection::unknown_model);
    EXPECT_EQ(world.apply("alice", ModelAlias{iris, "stable", {{{1}, 1}}, std::string(257, 'a')}),
              Rejection::malformed_text);
    yank(2);
    EXPECT_EQ(set_alias({{{2}, 1}}), Rejection::version_yanked);
}

TEST_F(ModelRules, APriceChangesAfterItsNotice)
{
    const auto from = world.now_s() + 3'600;
    EXPECT_EQ(set_price(200, from - 1), Rejection::price_notice_too_short);
    ASSERT_EQ(set_price(200, from), Rejection::none);
    const VersionKey key{iris, {1}};
    EXPECT_EQ(sheet_at(world.view(), key, from * 1000 - 1), flat_price(world, 100));
    EXPECT_EQ(sheet_at(world.view(), key, from * 1000), flat_price(world, 200));
    EXPECT_FALSE(sheet_at(world.view(), key, MarketWorld::start_ms - 1));
    EXPECT_FALSE(sheet_at(world.view(), {iris, {2}}, from * 1000));
}

TEST_F(ModelRules, PricesAscendInTimeAndAreFoundAgain)
{
    const auto from = world.now_s() + 3'600;
    for (std::uint64_t n = 0; n < 5; ++n)
        ASSERT_EQ(set_price(200 + n, from + 10 * n), Rejection::none);
    EXPECT_EQ(set_price(300, from + 40), Rejection::price_out_of_order);
    EXPECT_EQ(version(1).prices, 5u);
    const VersionKey key{iris, {1}};
    for (std::uint64_t n = 0; n < 5; ++n) {
        const auto sheet = flat_price(world, 200 + n);
        EXPECT_EQ(sheet_at(world.view(), key, (from + 10 * n) * 1000), sheet);
        EXPECT_EQ(sheet_at(world.view(), key, (from + 10 * n) * 1000 + 9'999), sheet);
        EXPECT_EQ(sheet_by_hash(world.view(), key, sheet_hash(sheet)), sheet);
    }
    const auto registered = flat_price(world, 100);
    EXPECT_EQ(sheet_by_hash(world.view(), key, sheet_hash(registered)), registered);
    EXPECT_FALSE(sheet_by_hash(world.view(), key, sheet_hash(flat_price(world, 7))));
    EXPECT_FALSE(sheet_by_hash(world.view(), {iris, {2}}, sheet_hash(registered)));
}

TEST_F(ModelRules, RefusesPricesOfOthersAndOfWhatIsGone)
{
    const auto from = world.now_s() + 3'600;
    const ModelPrice good{iris, {1}, flat_price(world, 200), from};
    EXPECT_EQ(world.apply("hugo", good), Rejection::not_the_owner);
    auto price = good;
    price.ver = {2};
    EXPECT_EQ(world.apply("alice", price), Rejection::unknown_version);
    price = good;
    price.sheet.min = {};
    EXPECT_EQ(world.apply("alice", price), Rejection::bad_price_sheet);
    EXPECT_EQ(set_price(200, from * 1000), Rejection::price_too_far_ahead)
        << "milliseconds where seconds belong";
    EXPECT_EQ(set_price(200, ~std::uint64_t{0}), Rejection::price_too_far_ahead);
    auto full = version(1);
    full.prices = PriceLimits::changes;
    world.put({iris, {1}}, full);
    EXPECT_EQ(set_price(200, from), Rejection::too_many_entries);
    full.prices = 0;
    world.put({iris, {1}}, full);
    yank(1);
    EXPECT_EQ(set_price(200, from), Rejection::version_yanked);
}

TEST_F(ModelRules, AVersionIsYankedOnceByItsOwner)
{
    EXPECT_EQ(world.apply("hugo", ModelYank{iris, {1}, ""}), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", ModelYank{iris, {2}, ""}), Rejection::unknown_version);
    EXPECT_EQ(world.apply("alice", ModelYank{iris, {1}, std::string(257, 'a')}),
              Rejection::malformed_text);
    const auto locked = world.locked("alice");
    yank(1);
    EXPECT_EQ(version(1).yanked_ms, world.now_ms());
    EXPECT_EQ(version(1).yank_reason, "wrong labels");
    EXPECT_EQ(world.locked("alice"), locked + 12) << "the reason's bytes";
    EXPECT_EQ(world.apply("alice", ModelYank{iris, {1}, ""}), Rejection::already_yanked);
}

}  // namespace
}  // namespace market
