#include "market/rules/credit_rules.hpp"

#include "market/rules/data_rules.hpp"
#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class CreditRules : public testing::Test {
protected:
    /// A message with these terms, approved by those named.
    template <class Message, class Terms>
    Message approved(const Terms& terms, std::initializer_list<const char*> by) const
    {
        Message made{terms, {}};
        for (const auto* name : by) made.approvals.push_back(world.sign_struct(name, terms));
        return made;
    }
    CreditIssue issue(std::uint64_t micros, std::string_view ref,
                      std::initializer_list<const char*> by = {"issuer-2"}) const
    {
        return approved<CreditIssue>(
            CreditIssueTerms{carol, Amount::micros(micros), MarketWorld::hash_of(ref)}, by);
    }
    StatementClose close(std::uint32_t period, std::string_view ref) const
    {
        return approved<StatementClose>(
            StatementCloseTerms{carol, period, MarketWorld::hash_of(ref)}, {"issuer-2"});
    }

    MarketWorld world{ledger::AssetKind::credit};
    const Address carol = MarketWorld::address_of("carol");
};

TEST_F(CreditRules, EnoughIssuersIssue)
{
    ASSERT_EQ(world.apply("issuer-1", issue(500, "r1")), Rejection::none);
    EXPECT_EQ(world.balance("carol"), 500u);
    EXPECT_EQ(world.view().get<Supply>({}).issued, Amount::micros(500));
    EXPECT_EQ(world.total_held(), world.supply());
    EXPECT_TRUE(world.emitted(EventKind::issued));
    EXPECT_EQ(world.apply("issuer-1", issue(500, "r1")), Rejection::reference_used);
    EXPECT_EQ(world.apply("issuer-3", issue(1, "r2", {"issuer-1", "issuer-2"})), Rejection::none);
}

TEST_F(CreditRules, CountsEachIssuerOnce)
{
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r", {})), Rejection::too_few_approvals);
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r", {"issuer-1"})), Rejection::duplicate_entry);
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r", {"issuer-2", "issuer-2"})),
              Rejection::duplicate_entry);
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r", {"mallory"})), Rejection::not_an_issuer);
    EXPECT_EQ(world.apply("mallory", issue(5, "r", {"issuer-1", "issuer-2"})),
              Rejection::not_an_issuer);
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r", {"issuer-2", "issuer-3", "issuer-3"})),
              Rejection::too_many_entries);
    auto broken = issue(5, "r");
    broken.approvals[0] = {};
    EXPECT_EQ(world.apply("issuer-1", broken), Rejection::wrong_signature);
}

TEST_F(CreditRules, AnApprovalIsForItsTermsAlone)
{
    auto more = issue(5, "r");
    more.terms.amount = Amount::micros(6);
    EXPECT_EQ(world.apply("issuer-1", more), Rejection::not_an_issuer)
        << "the signature recovers to somebody else";
}

TEST_F(CreditRules, RefusesIssuesToNobodyOfNothingOrPastTheEnd)
{
    EXPECT_EQ(world.apply("issuer-1", issue(0, "r")), Rejection::amount_is_zero);
    const auto sent = [&](const CreditIssueTerms& terms) {
        return world.apply("issuer-1", approved<CreditIssue>(terms, {"issuer-2"}));
    };
    const auto ref = MarketWorld::hash_of("r");
    EXPECT_EQ(sent({{}, Amount::micros(1), ref}), Rejection::recipient_is_zero);
    EXPECT_EQ(sent({carol, Amount::micros(1), {}}), Rejection::reference_is_zero);
    const auto split = MarketWorld::address_of("split");
    world.put(split, Split{});
    EXPECT_EQ(sent({split, Amount::micros(1), ref}), Rejection::not_transferable);
    ASSERT_EQ(sent({carol, Amount::max(), ref}), Rejection::none);
    EXPECT_EQ(world.apply("issuer-1", issue(1, "r2")), Rejection::supply_too_large);
}

TEST_F(CreditRules, OnlyInACreditNetwork)
{
    world = MarketWorld{};
    EXPECT_EQ(world.apply("issuer-1", issue(5, "r")), Rejection::only_in_a_credit_network);
    EXPECT_EQ(world.apply("issuer-1", close(202310, "r")), Rejection::only_in_a_credit_network);
    EXPECT_EQ(world.apply("issuer-1", AccountAdmit{}), Rejection::only_in_a_credit_network);
}

TEST_F(CreditRules, AdmissionChangesTheQuotaAndKeepsTodaysUse)
{
    const auto admit = [&](AccountClass as, std::uint64_t bytes, std::string_view ref) {
        return world.apply(
            "issuer-1",
            approved<AccountAdmit>(AccountAdmitTerms{carol, as, bytes, MarketWorld::hash_of(ref)},
                                   {"issuer-3"}));
    };
    ASSERT_EQ(admit(AccountClass::bulk, 1'000, "a"), Rejection::none);
    auto record = world.view().get<Admitted>(carol);
    EXPECT_EQ(record.account_class, AccountClass::bulk);
    record.day = 19'000;
    record.used_bytes = 600;
    world.put(carol, record);
    EXPECT_EQ(admit(AccountClass::closed, 0, "a"), Rejection::reference_used);
    ASSERT_EQ(admit(AccountClass::closed, 0, "b"), Rejection::none);
    record = world.view().get<Admitted>(carol);
    EXPECT_EQ(record.account_class, AccountClass::closed);
    EXPECT_EQ(record.bytes_per_day, 0u);
    EXPECT_EQ(record.used_bytes, 600u);
    const AccountAdmitTerms nobody{{}, AccountClass::bulk, 1, MarketWorld::hash_of("c")};
    EXPECT_EQ(world.apply("issuer-1", approved<AccountAdmit>(nobody, {"issuer-2"})),
              Rejection::recipient_is_zero);
}

TEST_F(CreditRules, ClosesAStatementOnceItsMonthIsOver)
{
    // The world starts in November 2023.
    world.put({carol, 202310}, Earned{Amount::micros(70), 2, {}, 0});
    world.put({carol, 202311}, Earned{Amount::micros(7), 1, {}, 0});
    EXPECT_EQ(world.apply("issuer-1", close(202309, "r")), Rejection::nothing_earned);
    EXPECT_EQ(world.apply("issuer-1", close(202311, "r")), Rejection::period_not_over);
    EXPECT_EQ(world.apply("issuer-1", close(202312, "r")), Rejection::period_not_over);
    ASSERT_EQ(world.apply("issuer-1", close(202310, "r")), Rejection::none);
    const auto earned = world.view().get<Earned>({carol, 202310});
    EXPECT_EQ(earned.closed_ref, MarketWorld::hash_of("r"));
    EXPECT_EQ(earned.closed_ms, world.now_ms());
    EXPECT_EQ(earned.amount, Amount::micros(70));
    EXPECT_EQ(world.apply("issuer-1", close(202310, "r2")), Rejection::already_closed);
    EXPECT_EQ(world.apply("issuer-1", close(202310, "r")), Rejection::reference_used);
    world.pass_s(31 * 86'400);
    EXPECT_EQ(world.apply("issuer-1", close(202311, "r2")), Rejection::none);
}

class DataClaims : public testing::Test {
protected:
    void set_up(MarketWorld& world, std::uint64_t pot, std::uint64_t shares) const
    {
        world.put(dataset, Dataset{owner, 3, {pot / 3, 0x5555555555555555}, Amount::micros(pot)});
        world.put({dataset, carol}, Contribution{shares, {}});
    }
    const Address owner = MarketWorld::address_of("owner");
    const Address carol = MarketWorld::address_of("carol");
    const DatasetId dataset = dataset_id(owner, "iris");
};

TEST_F(DataClaims, PaysWhatTheSharesEarnedAndKeepsTheRest)
{
    MarketWorld world;
    set_up(world, 100, 2);
    world.put(Only{}, Supply{Amount::micros(100), {}, {}, {}});
    ASSERT_EQ(world.apply("carol", DataClaim{dataset}), Rejection::none);
    EXPECT_EQ(world.balance("carol"), 66u);
    EXPECT_EQ(world.view().get<Dataset>(dataset).pot, Amount::micros(34));
    EXPECT_TRUE(world.emitted(EventKind::drawn));
    EXPECT_EQ(world.total_held(), world.supply());
    EXPECT_EQ(world.apply("carol", DataClaim{dataset}), Rejection::nothing_earned);
}

TEST_F(DataClaims, RefusesThoseWithoutShares)
{
    MarketWorld world;
    EXPECT_EQ(world.apply("carol", DataClaim{dataset}), Rejection::unknown_dataset);
    set_up(world, 100, 0);
    EXPECT_EQ(world.apply("carol", DataClaim{dataset}), Rejection::no_shares);
    EXPECT_EQ(world.apply("owner", DataClaim{dataset}), Rejection::no_shares);
    set_up(world, 100, 2);
    EXPECT_EQ(world.apply("owner", DataClaim{dataset}), Rejection::no_shares);
}

TEST_F(DataClaims, InACreditNetworkGoToTheStatement)
{
    MarketWorld world{ledger::AssetKind::credit};
    set_up(world, 100, 2);
    ASSERT_EQ(world.apply("carol", DataClaim{dataset}), Rejection::none);
    EXPECT_EQ(world.balance("carol"), 0u);
    EXPECT_EQ(world.view().get<Earned>({carol, 202311}).amount, Amount::micros(66));
}

}  // namespace
}  // namespace market
