#include "tests/unit/market/validators_test.hpp"

namespace market {
namespace {

class ValidatorAuthority : public Validators {
protected:
    ValidatorAuthority() : Validators{Admission::authority} {}

    market::ValidatorSet decision(std::vector<ValidatorChange> changes, std::string_view ref) const
    {
        market::ValidatorSet made{{std::move(changes), MarketWorld::hash_of(ref)}, {}};
        made.approvals = {world.sign_struct("gus", made.terms)};
        return made;
    }
    ValidatorChange change(std::string_view name, std::uint64_t power) const
    {
        return {consensus_key(name),           peer_key(name), MarketWorld::address_of(name),
                MarketWorld::address_of(name), power,          proof(name)};
    }
};

TEST_F(ValidatorAuthority, AdmitsChangesAndRemovesWithoutStake)
{
    ASSERT_EQ(world.apply("gina", decision({change("dan", 1'000)}, "1")), Rejection::none);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("dan"), 1'000u);
    EXPECT_TRUE(record("dan").stake.is_zero());
    ASSERT_EQ(world.apply("gina", decision({change("dan", 0), change("ann", 1'100)}, "2")),
              Rejection::none);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("dan"), 0u);
    EXPECT_EQ(power("ann"), 1'100u);
    EXPECT_EQ(record("dan").status, ValidatorStatus::withdrawn);
    EXPECT_EQ(world.apply("gina", decision({change("dan", 1'000)}, "3")),
              Rejection::key_used_before);
}

TEST_F(ValidatorAuthority, RefusesForTheExactReason)
{
    const auto good = decision({change("dan", 1'000)}, "r");
    EXPECT_EQ(world.apply("dan", good), Rejection::not_a_governor);
    auto alone = good;
    alone.approvals.clear();
    EXPECT_EQ(world.apply("gina", alone), Rejection::too_few_approvals);
    auto other = good;
    other.terms.changes[0].power = 1'001;
    EXPECT_EQ(world.apply("gina", other), Rejection::not_a_governor) << "approved other terms";
    const auto refused = [&](std::vector<ValidatorChange> changes) {
        return world.apply("gina", decision(std::move(changes), "x"));
    };
    auto nameless = good;
    nameless.terms.ref = {};
    EXPECT_EQ(world.apply("gina", nameless), Rejection::reference_is_zero);
    EXPECT_EQ(refused({}), Rejection::no_change);
    EXPECT_EQ(refused({change("ann", 1'000)}), Rejection::no_change);
    EXPECT_EQ(refused(std::vector(129, change("dan", 1'000))), Rejection::too_many_entries);
    EXPECT_EQ(refused({change("dan", 1'000), change("dan", 1'001)}), Rejection::duplicate_entry);
    EXPECT_EQ(refused({change("dan", 0)}), Rejection::not_a_validator);
    EXPECT_EQ(refused({change("dan", 999)}), Rejection::power_too_small);
    EXPECT_EQ(refused({change("dan", (1ull << 48) + 1)}), Rejection::power_too_large);
    EXPECT_EQ(refused({change("ann", 0), change("bob", 0), change("cyd", 0)}),
              Rejection::last_validator);
    auto moved = change("ann", 1'200);
    moved.payout = MarketWorld::address_of("eve");
    EXPECT_EQ(refused({moved}), Rejection::already_a_validator);
    auto unproven = change("dan", 1'000);
    unproven.proof = proof("eve");
    EXPECT_EQ(refused({unproven}), Rejection::wrong_signature);
    auto nobody = change("dan", 1'000);
    nobody.account = {};
    EXPECT_EQ(refused({nobody}), Rejection::recipient_is_zero);
    ASSERT_EQ(world.apply("gina", good), Rejection::none);
    EXPECT_EQ(world.apply("gina", good), Rejection::reference_used);
    EXPECT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::validators_by_authority);
    EXPECT_EQ(world.apply("ann", ValidatorPower{}), Rejection::validators_by_authority);
    EXPECT_EQ(world.apply("ann", ValidatorLeave{}), Rejection::validators_by_authority);
    EXPECT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::validators_by_authority);
}

TEST_F(ValidatorAuthority, TakesEvidenceFor30DaysOfBlockTimeAndBarsTheKey)
{
    ASSERT_EQ(world.apply("gina", decision({change("ann", 0)}, "1")), Rejection::none);
    ASSERT_TRUE(end());
    const auto ended_ms = world.view().get<EpochRecord>(0).ended_ms;
    world.pass_ms(ended_ms + 30ull * 86'400'000 - 1 - world.now_ms());
    ASSERT_EQ(world.apply("eve", first_evidence("ann")), Rejection::none);
    EXPECT_EQ(record("ann").status, ValidatorStatus::slashed);
    EXPECT_EQ(world.balance("eve"), 100'000u);
    world.pass_ms(1);
    EXPECT_EQ(world.apply("eve", first_evidence("bob")), Rejection::evidence_too_old);
}

}  // namespace
}  // namespace market
