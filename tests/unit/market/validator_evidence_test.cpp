#include "tests/unit/market/validators_test.hpp"

namespace market {
namespace {

using ValidatorPunishment = Validators;

TEST_F(ValidatorPunishment, BurnsATwentiethHalfOfItToTheReporterAndBarsTheKey)
{
    const auto proof = first_evidence("ann");
    ASSERT_EQ(world.apply("eve", proof), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::slashed));
    EXPECT_EQ(world.balance("eve"), 100'250u);
    EXPECT_EQ(world.view().get<Supply>({}).burned, Amount::micros(250));
    EXPECT_EQ(record("ann").stake, Amount::micros(9'500));
    EXPECT_EQ(world.apply("eve", proof), Rejection::validator_slashed);
    EXPECT_EQ(world.apply("ann", ValidatorLeave{}), Rejection::validator_slashed);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("ann"), 0u);
    EXPECT_EQ(record("ann").status, ValidatorStatus::slashed);
    EXPECT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::unbonding_not_over);
    world.pass_s(unbonding_s);
    ASSERT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::none);
    EXPECT_EQ(world.balance("ann"), 109'500u);
    EXPECT_EQ(world.apply("ann", join("ann", 1'000)), Rejection::key_used_before);
}

TEST_F(ValidatorPunishment, RewardsNobodyForReportingHimself)
{
    ASSERT_EQ(world.apply("ann", first_evidence("ann")), Rejection::none);
    EXPECT_EQ(world.balance("ann"), 100'000u);
    EXPECT_EQ(world.view().get<Supply>({}).burned, Amount::micros(500));
}

TEST_F(ValidatorPunishment, ReachesStakeThatUnbondsUntilTheTimeIsOver)
{
    const auto early = first_evidence("ann");
    ASSERT_EQ(world.apply("ann", ValidatorLeave{}), Rejection::none);
    const auto sealed_ms = world.now_ms();
    ASSERT_TRUE(end());
    world.pass_ms(sealed_ms + unbonding_s * 1'000 - 1 - world.now_ms());
    ASSERT_EQ(world.apply("eve", early), Rejection::none);
    EXPECT_EQ(record("ann").unbonding,
              (std::vector{Unbonding{Amount::micros(9'500), sealed_ms + unbonding_s * 1'000}}));
    world.pass_ms(1);
    ASSERT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::none);
    EXPECT_EQ(world.apply("eve", first_evidence("bob")), Rejection::evidence_too_old);
}

TEST_F(ValidatorPunishment, IsJudgedByTheSetAndTheAnchorOfItsEpoch)
{
    EXPECT_EQ(world.apply("eve", ValidatorEvidence{}), Rejection::bad_evidence);
    EXPECT_EQ(world.apply("eve", ValidatorEvidence{{1, 2, 3}}), Rejection::bad_evidence);
    EXPECT_EQ(world.apply("eve", evidence("ann", 0, anchor())), Rejection::bad_evidence);
    EXPECT_EQ(world.apply("eve", evidence("ann", 1, anchor())), Rejection::unknown_epoch);
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    ASSERT_TRUE(end());
    const auto opened_by = epochs().anchor;
    ASSERT_FALSE(opened_by.is_zero());
    EXPECT_EQ(world.apply("eve", evidence("dan", 0, world.network().genesis_id)),
              Rejection::bad_evidence);
    EXPECT_EQ(world.apply("eve", evidence("dan", 1, opened_by)), Rejection::none);
    EXPECT_EQ(world.apply("eve", first_evidence("ann")), Rejection::none)
        << "an epoch that is over";
}

TEST_F(ValidatorPunishment, ForgetsEpochsOfNoMoreUse)
{
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    ASSERT_TRUE(end());
    const auto old = first_evidence("bob");
    world.pass_s(unbonding_s);
    ASSERT_EQ(world.apply("eve", join("eve", 1'000)), Rejection::none);
    ASSERT_TRUE(end());
    EXPECT_FALSE(world.view().has<EpochRecord>(0));
    EXPECT_TRUE(world.view().has<EpochRecord>(1));
    EXPECT_EQ(epochs().oldest, 1u);
    EXPECT_EQ(world.apply("dan", old), Rejection::evidence_too_old);
}

TEST_F(ValidatorPunishment, KeepsTheOnlyValidatorsUntilSomebodyElseComes)
{
    world = MarketWorld{document(Admission::stake, {validator("ann", 1'000)})};
    start();
    ASSERT_EQ(world.apply("eve", first_evidence("ann")), Rejection::none);
    EXPECT_FALSE(end());
    EXPECT_EQ(power("ann"), 1'000u);
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    world.pass_s(1);
    for (int i = 0; i < 3; ++i) end();
    EXPECT_EQ(power("ann"), 0u);
    EXPECT_GT(power("dan"), 0u);
}

}  // namespace
}  // namespace market
