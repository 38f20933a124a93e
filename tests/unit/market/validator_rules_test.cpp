#include "market/rules/validator_rules.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/evidence.hpp"
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "market/signing.hpp"
#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

namespace consensus = ledger::consensus;
using ledger::Admission;

constexpr std::uint64_t unit = 10;
constexpr std::uint64_t unbonding_s = 1'000;

ConsensusKey consensus_key(std::string_view name)
{
    return ledger::consensus_key(MarketWorld::key_of(std::string{name} + "-votes"));
}

PublicKey peer_key(std::string_view name)
{
    return ledger::public_key(MarketWorld::key_of(std::string{name} + "-peer"));
}

ledger::Validator validator(std::string_view name, std::uint64_t power)
{
    return {consensus_key(name), peer_key(name), MarketWorld::address_of(name),
            MarketWorld::address_of(name), power};
}

ledger::Genesis document(Admission admission, std::vector<ledger::Validator> set)
{
    auto made = MarketWorld::genesis(admission == Admission::stake ? ledger::AssetKind::coin
                                                                   : ledger::AssetKind::credit);
    made.validators = {admission, std::move(set)};
    made.governors = {2,
                      {MarketWorld::address_of("gina"), MarketWorld::address_of("gus"),
                       MarketWorld::address_of("gwen")}};
    made.params.stake_unit = Amount::micros(unit);
    made.params.unbonding_s = unbonding_s;
    return made;
}

/// Validators "ann", "bob" and "cyd" with a power of 1,000, 1,000 and 2,000.
class Validators : public testing::Test {
protected:
    explicit Validators(Admission admission = Admission::stake)
        : world{document(admission, {validator("ann", 1'000), validator("bob", 1'000),
                                     validator("cyd", 2'000)})}
    {
        start();
    }

    void start()
    {
        const auto& genesis = world.network().genesis;
        world.run({}, [&](State& state, const Context&) -> Verdict {
            write_genesis_validators(state, genesis);
            state.put({}, Supply{ledger::genesis_supply(genesis), {}, {}, {}});
            begin_block(state, world.network().genesis_id);
            return {};
        });
        for (const auto* name : {"ann", "bob", "cyd", "dan", "eve"}) world.fund(name, 100'000);
        world.pass_s(10);
    }

    ~Validators() override
    {
        EXPECT_EQ(broken_invariants(world.view(), world.network()), std::vector<std::string>{});
    }

    ValidatorJoin join(std::string_view name, std::uint64_t power) const
    {
        return {consensus_key(name), peer_key(name), MarketWorld::address_of(name),
                Amount::micros(power * unit), proof(name)};
    }
    SchnorrSignature proof(std::string_view name) const
    {
        return ledger::schnorr_sign(
            MarketWorld::key_of(std::string{name} + "-votes"),
            possession_digest(world.network(), MarketWorld::address_of(name)), {});
    }

    /// Ends a block; the next one's parent is named after the epoch that begins.
    bool end()
    {
        std::optional<ledger::ValidatorSet> next;
        world.run({}, [&](State& state, const Context& context) -> Verdict {
            next = end_block(state, world.network(), {context.now_ms()});
            begin_block(state, anchor());
            return {};
        });
        EXPECT_EQ(next.value_or(validators(world.view())), validators(world.view()));
        world.pass_ms(1'000);
        return next.has_value();
    }
    ledger::BlockId anchor() const
    {
        return ledger::retag<ledger::BlockId>(
            MarketWorld::hash_of("seal" + std::to_string(epochs().epoch)));
    }
    EpochState epochs() const { return world.view().get<EpochState>({}); }
    std::uint64_t power(std::string_view name) const
    {
        for (const auto& member : validators(world.view()))
            if (member.consensus_key == consensus_key(name)) return member.power;
        return 0;
    }
    ValidatorRecord record(std::string_view name) const
    {
        return world.view().get<ValidatorRecord>(consensus_key(name));
    }

    /// Two votes of a member of the set for different blocks in one view of the epoch.
    ValidatorEvidence evidence(std::string_view name, std::uint64_t epoch,
                               const ledger::BlockId& opened_by) const
    {
        const auto set = world.view().get<EpochRecord>(epoch).set;
        consensus::Vote votes[2];
        for (std::uint8_t i = 0; i < 2; ++i) {
            auto& vote = votes[i];
            vote.kind = ledger::VoteKind::notarize;
            vote.epoch = epoch;
            vote.view = 5;
            vote.id.bytes[0] = static_cast<std::uint8_t>(i + 1);
            while (vote.voter < set.size() && set[vote.voter].consensus_key != consensus_key(name))
                ++vote.voter;
            vote.signature = ledger::schnorr_sign(
                MarketWorld::key_of(std::string{name} + "-votes"),
                ledger::vote_digest({world.network().genesis.chain_id, epoch, opened_by, vote.kind,
                                     vote.view, vote.id}),
                {});
        }
        return {ledger::codec::encode(*consensus::contradiction(votes[0], votes[1]))};
    }
    ValidatorEvidence first_evidence(std::string_view name) const
    {
        return evidence(name, 0, world.network().genesis_id);
    }

    MarketWorld world;
};

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
