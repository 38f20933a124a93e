#include "node/mempool/mempool.hpp"

#include "tests/support/mempool_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using Terms = MempoolWorld::Terms;

class MempoolTest : public testing::Test {
protected:
    explicit MempoolTest(MempoolLimits limits = {}, AssetKind kind = AssetKind::coin)
        : world{kind}, pool{world.network(), limits}
    {
        for (std::uint8_t n = 1; n <= 5; ++n) world.set_balance(n, 1'000'000);
    }
    ~MempoolTest() override { pool.check(); }

    /// The fault, or empty when it got in.
    std::optional<MempoolFault> add(const Terms& terms)
    {
        const auto before = pool.size();
        const auto bytes = pool.bytes();
        const auto added = pool.add(world.transaction(terms), world.view(), {now_ms});
        pool.check();
        if (added) return {};
        EXPECT_EQ(pool.size(), before) << "on a fault nothing has changed";
        EXPECT_EQ(pool.bytes(), bytes) << "on a fault nothing has changed";
        return added.error();
    }
    bool has(const Terms& terms) const { return pool.find(world.transaction(terms).id); }
    std::size_t size_of(const Terms& terms) const
    {
        return world.transaction(terms).encoded.size();
    }
    std::vector<TxId> selected(std::size_t bytes = 1 << 20, std::size_t count = 1'000) const
    {
        std::vector<TxId> ids;
        for (const auto& chosen : pool.select(bytes, count)) ids.push_back(chosen.id);
        return ids;
    }
    std::vector<TxId> ids(std::initializer_list<Terms> all) const
    {
        std::vector<TxId> made;
        for (const auto& terms : all) made.push_back(world.transaction(terms).id);
        return made;
    }
    void drop(const Terms& terms)
    {
        pool.drop(world.transaction(terms).id, MempoolFault::balance_too_low);
        pool.check();
    }
    /// Who has left since the last look, and why.
    using Departures = std::vector<std::pair<TxId, MempoolFault>>;
    Departures departures()
    {
        Departures made;
        for (const auto& [id, wire_id, why] : pool.take_departures()) made.emplace_back(id, why);
        return made;
    }
    void on_block(std::set<Address> senders)
    {
        pool.on_block(senders, world.view(), {now_ms});
        pool.check();
    }

    MempoolWorld world;
    Mempool pool;
    std::uint64_t now_ms = MempoolWorld::start_ms;
};

constexpr std::optional<MempoolFault> good;

TEST_F(MempoolTest, TakesATransactionOnce)
{
    EXPECT_EQ(add({}), good);
    EXPECT_EQ(add({}), MempoolFault::known);
    EXPECT_TRUE(has({}));
    EXPECT_TRUE(pool.has_pending());
    EXPECT_EQ(pool.bytes(), size_of({}));
}

TEST_F(MempoolTest, TakesNoncesOfTheWindow)
{
    world.set_next(1, 0, 5);
    EXPECT_EQ(add({.nonce = 4}), MempoolFault::nonce_used);
    EXPECT_EQ(add({.nonce = 5 + 17}), MempoolFault::nonce_too_far);
    EXPECT_EQ(add({.nonce = 5 + 16}), good);
    EXPECT_FALSE(pool.has_pending());
    EXPECT_EQ(add({.nonce = 5}), good);
    EXPECT_TRUE(pool.has_pending());
    EXPECT_EQ(add({.nonce = ~0ull - 1}), MempoolFault::nonce_too_far);
}

TEST_F(MempoolTest, SaysWhatIsWrongWithAnEnvelope)
{
    const auto now_s = now_ms / 1000;
    EXPECT_EQ(add({.fee = 9}), MempoolFault::fee_too_low);
    EXPECT_EQ(add({.fee = 1'000'001}), MempoolFault::balance_too_low);
    EXPECT_EQ(add({.valid_until = now_s - 1}), MempoolFault::expired);
    EXPECT_EQ(add({.valid_until = now_s + 86'401}), MempoolFault::valid_too_long);
    EXPECT_EQ(add({.valid_until = now_s}), good);
}

TEST_F(MempoolTest, TheSumOfAllCostsIsCovered)
{
    world.set_balance(1, 1'000);
    ASSERT_EQ(add({.nonce = 0, .amount = 490}), good);
    EXPECT_EQ(add({.nonce = 1, .amount = 491}), MempoolFault::balance_too_low);
    EXPECT_EQ(add({.nonce = 0, .lane = 1, .amount = 491}), MempoolFault::balance_too_low);
    ASSERT_EQ(add({.nonce = 1, .amount = 490}), good);
    EXPECT_EQ(add({.nonce = 1, .fee = 20, .amount = 481}), MempoolFault::balance_too_low);
    EXPECT_EQ(add({.nonce = 1, .fee = 20, .amount = 480}), good)
        << "the replaced one costs nothing";
    EXPECT_EQ(add({.from = 2, .fee = 20, .amount = ~0ull}), MempoolFault::balance_too_low);
}

TEST_F(MempoolTest, AReplacementPaysATenthMore)
{
    ASSERT_EQ(add({.fee = 101}), good);
    EXPECT_EQ(add({.fee = 111}), MempoolFault::replacement_too_cheap) << "101 + 10.1, rounded up";
    EXPECT_EQ(add({.fee = 112}), good);
    EXPECT_FALSE(has({.fee = 101}));
    EXPECT_TRUE(has({.fee = 112}));
    EXPECT_EQ(departures(), (Departures{{ids({{.fee = 101}})[0], MempoolFault::replaced}}));
    EXPECT_TRUE(departures().empty()) << "told once";
    EXPECT_EQ(pool.size(), 1u);
}

TEST_F(MempoolTest, AReplacementKeepsWhatFollowsPending)
{
    for (const std::uint64_t nonce : {0, 1, 2}) ASSERT_EQ(add({.nonce = nonce}), good);
    ASSERT_EQ(add({.nonce = 1, .fee = 50}), good);
    EXPECT_EQ(selected(), ids({{.nonce = 0}, {.nonce = 1, .fee = 50}, {.nonce = 2}}));
}

TEST_F(MempoolTest, KnowsTheNextNonceOfALane)
{
    const auto next = [&] { return pool.next_nonce(world.view(), MempoolWorld::account(1), {3}); };
    EXPECT_EQ(next(), Nonce{0});
    world.set_next(1, 3, 7);
    for (const std::uint64_t nonce : {7, 8, 10}) ASSERT_EQ(add({.nonce = nonce, .lane = 3}), good);
    EXPECT_EQ(next(), Nonce{9});
    ASSERT_EQ(add({.nonce = 9, .lane = 3}), good);
    EXPECT_EQ(next(), Nonce{11});
}

TEST_F(MempoolTest, SelectsTheDearestFirstAndKeepsTheOrderOfALane)
{
    const Terms cheap_first{.from = 1, .nonce = 0, .fee = 10};
    const Terms dear_second{.from = 1, .nonce = 1, .fee = 900};
    const Terms middle{.from = 2, .nonce = 0, .fee = 100};
    const Terms as_middle_but_later{.from = 3, .nonce = 0, .fee = 100};
    const Terms other_lane{.from = 1, .nonce = 0, .fee = 500, .lane = 1};
    const Terms gapped{.from = 4, .nonce = 1, .fee = 9'000};
    for (const auto& terms :
         {dear_second, cheap_first, middle, as_middle_but_later, other_lane, gapped})
        ASSERT_EQ(add(terms), good);
    EXPECT_EQ(selected(), ids({other_lane, middle, as_middle_but_later, cheap_first, dear_second}));
    EXPECT_EQ(selected(1 << 20, 2), ids({other_lane, middle}));
    EXPECT_EQ(selected(2 * size_of(middle), 9), ids({other_lane, middle}));
    EXPECT_TRUE(selected(size_of(middle) - 1, 9).empty());
    EXPECT_EQ(pool.size(), 6u) << "what is selected stays";
}

TEST_F(MempoolTest, DroppingLeavesAGap)
{
    for (const std::uint64_t nonce : {0, 1, 2}) ASSERT_EQ(add({.nonce = nonce}), good);
    drop({.nonce = 1});
    EXPECT_EQ(selected(), ids({{.nonce = 0}}));
    EXPECT_EQ(pool.gapped_bytes(), size_of({}));
    drop({.nonce = 0});
    EXPECT_FALSE(pool.has_pending());
    drop({.nonce = 0});
    EXPECT_EQ(pool.size(), 1u) << "what is not there is dropped already";
    ASSERT_EQ(add({.nonce = 1}), good);
    EXPECT_FALSE(pool.has_pending());
    ASSERT_EQ(add({.nonce = 0}), good);
    EXPECT_EQ(selected().size(), 3u);
}

TEST_F(MempoolTest, ABlockTakesWhatItUsedAndWhatNobodyCanPayNow)
{
    for (const std::uint64_t nonce : {0, 1, 2, 3})
        ASSERT_EQ(add({.nonce = nonce, .fee = 10, .amount = 90}), good);
    ASSERT_EQ(add({.from = 2, .fee = 10, .amount = 90}), good);
    world.set_next(1, 0, 1);
    world.set_balance(1, 299);
    world.set_balance(2, 0);
    on_block({MempoolWorld::account(1)});
    EXPECT_FALSE(has({.nonce = 0, .amount = 90}));
    EXPECT_TRUE(has({.nonce = 1, .amount = 90}));
    EXPECT_TRUE(has({.nonce = 2, .amount = 90}));
    EXPECT_FALSE(has({.nonce = 3, .amount = 90})) << "300 is more than 299";
    EXPECT_TRUE(has({.from = 2, .amount = 90})) << "nobody asked about him";
    EXPECT_EQ(departures(),
              (Departures{{ids({{.nonce = 0, .amount = 90}})[0], MempoolFault::nonce_used},
                          {ids({{.nonce = 3, .amount = 90}})[0], MempoolFault::balance_too_low}}));
    EXPECT_EQ(selected().size(), 3u);
}

TEST_F(MempoolTest, ABlockDropsWhatHasExpiredWhoeverSentIt)
{
    const auto now_s = now_ms / 1000;
    ASSERT_EQ(add({.nonce = 0, .valid_until = now_s + 10}), good);
    ASSERT_EQ(add({.nonce = 1}), good);
    ASSERT_EQ(add({.from = 2, .nonce = 3, .valid_until = now_s + 9}), good);
    now_ms += 10'000;
    on_block({});
    EXPECT_EQ(pool.size(), 2u) << "the one in the gap has expired";
    now_ms += 999;
    on_block({});
    EXPECT_EQ(pool.size(), 2u) << "its second is not over";
    now_ms += 1;
    on_block({});
    EXPECT_TRUE(has({.nonce = 1}));
    EXPECT_EQ(departures().back(), (std::pair{ids({{.nonce = 0, .valid_until = now_s + 10}})[0],
                                              MempoolFault::expired}));
    EXPECT_EQ(pool.size(), 1u);
    EXPECT_FALSE(pool.has_pending());
}

TEST_F(MempoolTest, AnAccountHasSoManyAndNoMore)
{
    world.set_balance(1, 1'000'000'000);
    for (std::uint32_t lane = 0; lane < 4; ++lane)
        for (std::uint64_t nonce = 0; nonce < 16; ++nonce)
            ASSERT_EQ(add({.nonce = nonce, .lane = lane}), good);
    EXPECT_EQ(add({.nonce = 16}), MempoolFault::account_full);
    EXPECT_EQ(add({.nonce = 3, .fee = 20}), good) << "a replacement is no more";
    EXPECT_EQ(add({.from = 2}), good);
}

class SmallPool : public MempoolTest {
protected:
    SmallPool() : MempoolTest{{.bytes = 20'000, .transactions = 4}} {}
};

TEST_F(SmallPool, EvictsTheCheapestFromTheTail)
{
    ASSERT_EQ(add({.from = 1, .nonce = 0, .fee = 10}), good);
    ASSERT_EQ(add({.from = 1, .nonce = 1, .fee = 50}), good);
    ASSERT_EQ(add({.from = 2, .nonce = 0, .fee = 30}), good);
    ASSERT_EQ(add({.from = 2, .nonce = 1, .fee = 20}), good);
    EXPECT_EQ(add({.from = 3, .fee = 20}), MempoolFault::pool_full) << "as cheap, and newer";
    ASSERT_EQ(add({.from = 3, .fee = 25}), good);
    EXPECT_FALSE(has({.from = 2, .nonce = 1, .fee = 20}));
    EXPECT_TRUE(has({.from = 1, .nonce = 0, .fee = 10})) << "what follows protects it";
    ASSERT_EQ(add({.from = 4, .fee = 28}), good);
    EXPECT_FALSE(has({.from = 3, .fee = 25}));
    EXPECT_EQ(departures(),
              (Departures{{ids({{.from = 2, .nonce = 1, .fee = 20}})[0], MempoolFault::pool_full},
                          {ids({{.from = 3, .fee = 25}})[0], MempoolFault::pool_full}}));
}

TEST_F(SmallPool, NobodyDisplacesWhatHeBuildsOn)
{
    ASSERT_EQ(add({.from = 1, .nonce = 0, .fee = 10}), good);
    for (std::uint8_t n = 2; n <= 4; ++n) ASSERT_EQ(add({.from = n, .fee = 100}), good);
    EXPECT_EQ(add({.from = 1, .nonce = 1, .fee = 90}), MempoolFault::pool_full);
    ASSERT_EQ(add({.from = 1, .nonce = 1, .fee = 110}), good) << "but others make room for him";
    EXPECT_FALSE(has({.from = 4, .fee = 100})) << "the newest of equals";
    EXPECT_TRUE(has({.from = 1, .nonce = 0, .fee = 10}));
}

TEST_F(SmallPool, WhatIsGappedDisplacesNothing)
{
    for (std::uint8_t n = 1; n <= 4; ++n) ASSERT_EQ(add({.from = n, .fee = 10}), good);
    EXPECT_EQ(add({.from = 5, .nonce = 1, .fee = 900}), MempoolFault::pool_full);
    EXPECT_EQ(add({.from = 5, .nonce = 0, .fee = 900}), good);
}

TEST_F(SmallPool, WhatIsGappedHasATenthOfTheBytes)
{
    const Terms large{.from = 1, .nonce = 1, .padding = 1'800};
    const auto room = 2'000 - size_of(large);
    ASSERT_LT(room, size_of({}));
    ASSERT_EQ(add(large), good);
    EXPECT_EQ(add({.from = 2, .nonce = 1}), MempoolFault::pool_full);
    ASSERT_EQ(add({.from = 1, .nonce = 0}), good) << "that closes the gap";
    EXPECT_EQ(pool.gapped_bytes(), 0u);
    EXPECT_EQ(add({.from = 2, .nonce = 1}), good);
}

TEST_F(SmallPool, AReplacementKeepsToTheBudgetOfBytes)
{
    for (std::uint8_t n = 1; n <= 3; ++n)
        ASSERT_EQ(add({.from = n, .fee = 5'000, .padding = 6'000}), good);
    ASSERT_EQ(add({.from = 4, .fee = 100}), good);
    EXPECT_EQ(add({.from = 4, .fee = 200, .padding = 6'000}), MempoolFault::pool_full);
    EXPECT_TRUE(has({.from = 4, .fee = 100}));
    EXPECT_EQ(add({.from = 4, .fee = 20'000, .padding = 6'000}), good);
    EXPECT_LE(pool.bytes(), 20'000u);
}

TEST_F(SmallPool, EvictsNothingWhenThatIsNotEnough)
{
    ASSERT_EQ(add({.from = 1, .fee = 10}), good);
    ASSERT_EQ(add({.from = 2, .fee = 900'000, .padding = 18'000}), good);
    EXPECT_EQ(add({.from = 3, .fee = 10'000, .padding = 6'000}), MempoolFault::pool_full);
    EXPECT_TRUE(has({.from = 1, .fee = 10}));
}

TEST_F(SmallPool, EvictsSeveralOfOneLane)
{
    for (const std::uint64_t nonce : {0, 1, 2})
        ASSERT_EQ(add({.from = 1, .nonce = nonce, .fee = 50, .padding = 5'000}), good);
    ASSERT_EQ(add({.from = 2, .fee = 10'000, .padding = 12'000}), good);
    EXPECT_EQ(selected().size(), 2u);
    EXPECT_TRUE(has({.from = 1, .nonce = 0, .fee = 50, .padding = 5'000}));
}

class CreditPool : public MempoolTest {
protected:
    CreditPool() : MempoolTest{{}, AssetKind::credit} {}
};

TEST_F(CreditPool, AsksForAdmissionQuotaAndNoFee)
{
    const Terms free{.fee = 0, .amount = 0};
    EXPECT_EQ(add(free), MempoolFault::not_admitted);
    world.admit(1, size_of(free) - 1);
    EXPECT_EQ(add(free), MempoolFault::quota_used_up);
    world.admit(1, size_of(free));
    EXPECT_EQ(add({.fee = 1}), MempoolFault::fee_not_zero);
    EXPECT_EQ(add(free), good);
}

TEST_F(CreditPool, CountsWhatWaitsAgainstTheQuota)
{
    const Terms first{.nonce = 0, .fee = 0, .amount = 0};
    const Terms second{.nonce = 1, .fee = 0, .amount = 0};
    const auto day = now_ms / 86'400'000;
    world.admit(1, 3 * size_of(first) - 1);
    world.use_quota(1, size_of(first), day);
    ASSERT_EQ(add(first), good);
    EXPECT_EQ(add(second), MempoolFault::quota_used_up);
    world.use_quota(1, size_of(first) - 1, day);
    EXPECT_EQ(add(second), good);
}

TEST_F(CreditPool, ABlockDropsWhatIsAboveTheQuotaOrNotAdmittedAnyMore)
{
    const Terms first{.nonce = 0, .fee = 0, .amount = 0};
    const Terms second{.nonce = 1, .fee = 0, .amount = 0};
    world.admit(1, 2 * size_of(first));
    ASSERT_EQ(add(first), good);
    ASSERT_EQ(add(second), good);
    on_block({world.account(1)});
    EXPECT_TRUE(has(second));

    world.use_quota(1, size_of(first), now_ms / 86'400'000);
    on_block({world.account(1)});
    EXPECT_TRUE(has(first));
    EXPECT_EQ(departures(), (Departures{{ids({second})[0], MempoolFault::quota_used_up}}));

    world.admit(1, 2 * size_of(first), market::AccountClass::closed);
    on_block({world.account(1)});
    EXPECT_EQ(departures(), (Departures{{ids({first})[0], MempoolFault::not_admitted}}));
    EXPECT_FALSE(pool.has_pending()) << "nothing that no block can hold counts as work";
}

class SmallCreditPool : public MempoolTest {
protected:
    SmallCreditPool() : MempoolTest{{.bytes = 100'000, .transactions = 3}, AssetKind::credit} {}
};

TEST_F(SmallCreditPool, PutsSystemAccountsBeforeSettlementsAndThoseBeforeTheRest)
{
    using Class = market::AccountClass;
    for (std::uint8_t n = 1; n <= 3; ++n) world.admit(n, 10'000);
    world.admit(4, 10'000, Class::settlement);
    world.admit(5, 10'000, Class::system);
    const auto of = [](std::uint8_t n) { return Terms{.from = n, .fee = 0, .amount = 0}; };
    for (std::uint8_t n = 1; n <= 3; ++n) ASSERT_EQ(add(of(n)), good);
    EXPECT_EQ(add({.from = 1, .nonce = 1, .fee = 0, .amount = 0}), MempoolFault::pool_full);
    EXPECT_EQ(add(of(4)), good);
    EXPECT_EQ(add(of(5)), good);
    EXPECT_EQ(selected(), ids({of(5), of(4), of(1)})) << "the newest of the rest had to go";
}

TEST_F(SmallCreditPool, PutsEvidenceFirstWhoeverSendsIt)
{
    for (std::uint8_t n = 1; n <= 4; ++n) world.admit(n, 10'000);
    for (std::uint8_t n = 1; n <= 3; ++n) ASSERT_EQ(add({.from = n, .fee = 0, .amount = 0}), good);
    const auto evidence =
        market::make_transaction(world.account(4), {0}, {0}, {}, 0, market::ValidatorEvidence{});
    auto checked = market::decode_checked(world.network(), encode_transaction(evidence));
    ASSERT_TRUE(checked);
    const auto id = checked->id;
    ASSERT_TRUE(pool.add(std::move(*checked), world.view(), {now_ms}));
    EXPECT_EQ(selected().front(), id);
}

}  // namespace
}  // namespace node
