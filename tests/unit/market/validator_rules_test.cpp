#include "market/execute.hpp"
#include "tests/unit/market/validators_test.hpp"

namespace market {
namespace {

using ValidatorJoins = Validators;

TEST_F(ValidatorJoins, TakeTheirPlaceAtTheEndOfTheBlock)
{
    ASSERT_EQ(world.apply("dan", join("dan", 1'200)), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::bonded));
    EXPECT_EQ(record("dan").status, ValidatorStatus::joined);
    EXPECT_EQ(power("dan"), 0u);
    EXPECT_EQ(world.balance("dan") + world.locked("dan"), 100'000u - 12'000u);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("dan"), 1'200u);
    EXPECT_EQ(record("dan").status, ValidatorStatus::active);
    EXPECT_EQ(epochs().epoch, 1u);
    EXPECT_EQ(validators(world.view()).back().consensus_key, consensus_key("dan"));
    EXPECT_EQ(world.view().get<EpochRecord>(0).anchor, world.network().genesis_id);
    EXPECT_FALSE(end()) << "nothing waits";
}

TEST_F(ValidatorJoins, AreRefusedForTheirExactReason)
{
    const auto refused = [&](std::string_view sender, auto change) {
        auto message = join(sender, 1'200);
        change(message);
        return world.apply(sender, message);
    };
    const auto nothing = [](auto&) {};
    EXPECT_EQ(refused("ann", nothing), Rejection::already_a_validator);
    EXPECT_EQ(refused("dan", [](auto& m) { m.payout = {}; }), Rejection::recipient_is_zero);
    EXPECT_EQ(refused("dan", [](auto& m) { m.stake = Amount::micros(12'001); }),
              Rejection::stake_not_in_units);
    EXPECT_EQ(refused("dan", [](auto& m) { m.stake = Amount::micros(9'990); }),
              Rejection::power_too_small);
    EXPECT_EQ(refused("dan", [](auto& m) { m.stake = Amount::micros(((1ull << 48) + 1) * unit); }),
              Rejection::power_too_large);
    EXPECT_EQ(refused("dan", [](auto& m) { m.peer_key = {}; }), Rejection::malformed_key);
    EXPECT_EQ(refused("dan",
                      [](auto& m) { m.peer_key = ledger::public_key(MarketWorld::key_of("dan")); }),
              Rejection::keys_not_distinct);
    EXPECT_EQ(
        refused("dan",
                [](auto& m) { m.peer_key = ledger::public_key(MarketWorld::key_of("dan-votes")); }),
        Rejection::keys_not_distinct);
    EXPECT_EQ(refused("dan", [](auto& m) { m.consensus_key = consensus_key("ann"); }),
              Rejection::key_used_before);
    EXPECT_EQ(refused("dan", [](auto& m) { m.peer_key = peer_key("ann"); }),
              Rejection::key_used_before);
    EXPECT_EQ(refused("dan", [&](auto& m) { m.proof = proof("eve"); }), Rejection::wrong_signature);
    EXPECT_EQ(refused("dan", [](auto& m) { m.stake = Amount::micros(200'000); }),
              Rejection::insufficient_funds);
    EXPECT_EQ(refused("dan", [](auto& m) { m.stake = Amount::micros(100'000); }),
              Rejection::insufficient_funds)
        << "the byte deposit is not covered";
}

TEST_F(ValidatorJoins, AreAtMost128AndThoseWhoWaitCount)
{
    std::vector<ledger::Validator> set;
    for (int i = 0; i < 127; ++i) set.push_back(validator("v" + std::to_string(i), 1'000));
    world = MarketWorld{document(Admission::stake, set)};
    start();
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    EXPECT_EQ(world.apply("eve", join("eve", 1'000)), Rejection::too_many_validators);
    ASSERT_TRUE(end());
    EXPECT_EQ(world.apply("eve", join("eve", 1'000)), Rejection::too_many_validators);
}

TEST_F(ValidatorJoins, WaitInOrderForAThirdOfThePowerAndComeInPartsWhenTheyExceedIt)
{
    // W = 4,000: a block takes changes of at most 1,333.
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    ASSERT_EQ(world.apply("eve", join("eve", 3'000)), Rejection::none);
    ASSERT_EQ(world.apply("ann", ValidatorPower{PowerChange::raise, 1}), Rejection::none);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("dan"), 1'000u);
    EXPECT_EQ(power("eve"), 0u);
    EXPECT_EQ(power("ann"), 1'000u) << "no change overtakes another";
    EXPECT_EQ(world.apply("ann", ValidatorPower{PowerChange::raise, 1}), Rejection::change_waiting);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("eve"), 1'666u);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("eve"), 3'000u);
    EXPECT_EQ(power("ann"), 1'001u);
    EXPECT_FALSE(end());
}

TEST_F(ValidatorJoins, KeepAnEpochForAThousandthOfTheUnbondingTime)
{
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    ASSERT_TRUE(end());
    world.pass_ms(1);
    ASSERT_EQ(world.apply("eve", join("eve", 1'000)), Rejection::none);
    auto at = world.view().get<EpochRecord>(1).opened_ms + unbonding_s * 1'000 / 1'024;
    EXPECT_FALSE(change_due(world.view(), world.network(), {at - 1}));
    EXPECT_TRUE(change_due(world.view(), world.network(), {at}));
}

using ValidatorPowers = Validators;

TEST_F(ValidatorPowers, RaiseWithStakeAndLowerIntoUnbonding)
{
    ASSERT_EQ(world.apply("ann", ValidatorPower{PowerChange::raise, 300}), Rejection::none);
    EXPECT_EQ(world.balance("ann"), 97'000u);
    ASSERT_TRUE(end());
    EXPECT_EQ(power("ann"), 1'300u);
    ASSERT_EQ(world.apply("ann", ValidatorPower{PowerChange::lower, 200}), Rejection::none);
    EXPECT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::nothing_unbonding);
    const auto sealed_ms = world.now_ms();
    ASSERT_TRUE(end());
    EXPECT_EQ(power("ann"), 1'100u);
    ASSERT_EQ(record("ann").unbonding.size(), 1u);
    EXPECT_EQ(record("ann").unbonding[0],
              (Unbonding{Amount::micros(2'000), sealed_ms + unbonding_s * 1'000}));
    world.pass_ms(sealed_ms + unbonding_s * 1'000 - 1 - world.now_ms());
    EXPECT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::unbonding_not_over);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("ann", ValidatorWithdraw{}), Rejection::none);
    EXPECT_EQ(world.balance("ann"), 99'000u);
    EXPECT_EQ(record("ann").stake, Amount::micros(11'000));
    EXPECT_EQ(record("ann").status, ValidatorStatus::active);
}

TEST_F(ValidatorPowers, AreRefusedForTheirExactReason)
{
    const auto change = [&](std::string_view who, PowerChange as, std::uint64_t delta) {
        return world.apply(who, ValidatorPower{as, delta});
    };
    EXPECT_EQ(change("dan", PowerChange::raise, 1), Rejection::not_a_validator);
    EXPECT_EQ(change("ann", PowerChange::raise, 0), Rejection::no_change);
    EXPECT_EQ(change("ann", PowerChange::raise, 10'001), Rejection::insufficient_funds);
    EXPECT_EQ(change("ann", PowerChange::raise, 1ull << 48), Rejection::power_too_large);
    EXPECT_EQ(change("ann", PowerChange::lower, 1), Rejection::power_too_small);
    EXPECT_EQ(change("ann", PowerChange::lower, 1'001), Rejection::power_too_small);
    EXPECT_EQ(world.apply("dan", ValidatorLeave{}), Rejection::not_a_validator);
    EXPECT_EQ(world.apply("dan", ValidatorWithdraw{}), Rejection::not_a_validator);
    EXPECT_EQ(world.apply("ann", market::ValidatorSet{}), Rejection::validators_by_stake);
}

TEST_F(ValidatorPowers, LeaveAndWithdrawAndNeverUseTheirKeysAgain)
{
    ASSERT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::none);
    ASSERT_TRUE(end());
    ASSERT_EQ(world.apply("dan", ValidatorLeave{}), Rejection::none);
    EXPECT_EQ(record("dan").status, ValidatorStatus::leaving);
    EXPECT_EQ(world.apply("dan", ValidatorLeave{}), Rejection::change_waiting);
    ASSERT_TRUE(end());
    EXPECT_EQ(record("dan").status, ValidatorStatus::unbonding);
    EXPECT_EQ(power("dan"), 0u);
    EXPECT_EQ(world.apply("dan", ValidatorLeave{}), Rejection::not_a_validator);
    EXPECT_EQ(world.apply("dan", ValidatorWithdraw{}), Rejection::unbonding_not_over);
    world.pass_s(unbonding_s);
    ASSERT_EQ(world.apply("dan", ValidatorWithdraw{}), Rejection::none);
    EXPECT_EQ(record("dan").status, ValidatorStatus::withdrawn);
    EXPECT_EQ(world.apply("dan", ValidatorWithdraw{}), Rejection::not_a_validator);
    EXPECT_EQ(world.apply("dan", join("dan", 1'000)), Rejection::key_used_before);
    auto again = join("new", 1'000);
    again.proof = ledger::schnorr_sign(
        MarketWorld::key_of("new-votes"),
        possession_digest(world.network(), MarketWorld::address_of("dan")), {});
    EXPECT_EQ(world.apply("dan", again), Rejection::none);
}

TEST_F(ValidatorPowers, LeaveNobodyNeverHappens)
{
    for (const auto* name : {"ann", "bob"})
        ASSERT_EQ(world.apply(name, ValidatorLeave{}), Rejection::none);
    EXPECT_EQ(world.apply("cyd", ValidatorLeave{}), Rejection::last_validator);
    for (int i = 0; i < 4; ++i) end();
    EXPECT_EQ(validators(world.view()).size(), 1u);
    EXPECT_EQ(world.apply("cyd", ValidatorLeave{}), Rejection::last_validator);
}

TEST_F(Validators, ABlockSealsWhenTheSetChangesAndJudgesOnlySoMuchEvidence)
{
    const auto now = TimeMs{world.now_ms()};
    BlockExecution execution{world.memory(), world.network(), {{1}, now, {}, anchor()}};
    std::uint64_t nonce = 0;
    const auto add = [&](const Message& message) {
        auto envelope =
            make_transaction(MarketWorld::address_of("dan"), {}, {nonce++}, {}, 0, message);
        const auto id = transaction_id(world.network().transactions, envelope, message);
        envelope.signature = MarketWorld::sign("dan", ledger::retag<Hash>(id));
        const auto checked =
            check_transaction(world.network(), ledger::encode_transaction(envelope));
        ASSERT_TRUE(checked && execution.add(*checked));
    };
    for (int i = 0; i < 9; ++i) add(ValidatorEvidence{});
    add(join("dan", 1'000));
    EXPECT_EQ(execution.receipts()[7].rejection, Rejection::bad_evidence);
    EXPECT_EQ(execution.receipts()[8].rejection, Rejection::too_much_evidence);
    const auto outcome = execution.finish();
    ASSERT_TRUE(outcome.next_set);
    EXPECT_EQ(outcome.next_set->size(), 4u);
    BlockExecution empty{world.memory(), world.network(), {{1}, now, {}, anchor()}};
    EXPECT_FALSE(empty.finish().next_set);
}

}  // namespace
}  // namespace market
