#include "market/invariants.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// A report that differs, and what a jury makes of it. 500 seconds were paid: 5,000, of which
/// 1,000 are kept back; the bond is 10,000.
class LeaseDisputes : public testing::Test {
protected:
    LeaseDisputes() { world.join(); }
    ~LeaseDisputes() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    /// The provider faked these segments of a job.
    void prepare(const std::set<std::uint64_t>& faked, bool deterministic = true)
    {
        auto offered = world.offering();
        offered.profile.deterministic = deterministic;
        offered.profile.tolerance = {deterministic ? 0u : 100u};
        const auto offer = world.offer(offered);
        const auto order = world.order(world.ordering());
        auto bid = world.bidding(order, offer);
        if (!deterministic) bid.bond = Amount::micros(20'000);
        id = world.accept(order, world.bid(bid));
        ASSERT_EQ(world.apply("pol", LeaseStart{id, {}, MarketWorld::hash_of("c_0"), {}}),
                  Rejection::none);
        ASSERT_EQ(world.apply("pol", world.claim(id, 500)), Rejection::none);
        world.checkpoint(id, LeaseWorld::segments, faked);
        world.close(id);
        world.assign(id);
    }
    static std::set<std::uint64_t> everything()
    {
        std::set<std::uint64_t> all;
        for (std::uint64_t segment = 0; segment < LeaseWorld::segments; ++segment)
            all.insert(segment);
        return all;
    }
    /// The first slot's verifier lies, or all tell the truth about a liar.
    void dispute(bool verifier_lies)
    {
        prepare(verifier_lies ? std::set<std::uint64_t>{} : everything());
        slot = world.slots(id).front();
        std::map<std::uint64_t, Hash> lies;
        if (verifier_lies) lies[slot.segment] = MarketWorld::hash_of("a lie");
        world.report(id, lies);
        world.open_all(id);
        ASSERT_EQ(settle(), Rejection::none);
        ASSERT_EQ(world.lease(id).status, LeaseStatus::disputed);
        world.begin_block();
    }
    Rejection settle() { return world.apply("pol", LeaseSettle{id}); }
    Hash truth() const { return LeaseWorld::true_result(slot.segment); }
    std::string challenger() const { return LeaseWorld::name_of(slot.verifier); }

    LeaseWorld world;
    LeaseId id;
    VerifySlot slot;
};

TEST_F(LeaseDisputes, AMismatchCallsAJuryThatIsDrawnByTheNextBlocksParent)
{
    dispute(true);
    const auto called = world.dispute(id);
    EXPECT_EQ(called.segment, slot.segment);
    EXPECT_EQ(called.committed, truth());
    EXPECT_EQ(called.challenger, slot.verifier);
    EXPECT_FALSE(called.drawn);
    const auto jury = world.jury(id);
    EXPECT_EQ(jury.size(), 5u);
    for (const auto& juror : jury) {
        EXPECT_NE(juror, slot.verifier) << "who reported is no juror";
        EXPECT_GE(world.verifier(LeaseWorld::name_of(juror)).duties, 1u);
    }
}

TEST_F(LeaseDisputes, TheFirstCommitDrawsTheJury)
{
    prepare({});
    slot = world.slots(id).front();
    world.report(id, {{slot.segment, MarketWorld::hash_of("a lie")}});
    world.open_all(id);
    const auto commit = [&](const Address& who) {
        return world.apply_as(who, JuryCommit{id, slot.segment, {}});
    };
    EXPECT_EQ(commit(slot.verifier), Rejection::lease_not_disputed);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(commit(slot.verifier), Rejection::draw_not_known) << "in the same block";
    world.begin_block();
    EXPECT_EQ(commit(slot.verifier), Rejection::not_a_juror);
    EXPECT_FALSE(world.dispute(id).drawn) << "a refusal changes nothing";
    std::size_t seated = 0;
    for (std::size_t i = 0; i < LeaseWorld::verifiers; ++i)
        seated += commit(MarketWorld::address_of("v" + std::to_string(i))) == Rejection::none;
    EXPECT_EQ(seated, 5u);
    EXPECT_EQ(world.apply("v0", JuryCommit{{}, 0, {}}), Rejection::unknown_lease);
    EXPECT_EQ(world.apply("v0", JuryCommit{id, slot.segment + 1, {}}), Rejection::unknown_segment);
}

TEST_F(LeaseDisputes, ASettlementSeatsTheJuryWhichThenHasAllOfItsTime)
{
    dispute(true);
    world.pass_s(70);
    ASSERT_EQ(settle(), Rejection::none);
    const auto called = world.dispute(id);
    ASSERT_TRUE(called.drawn);
    ASSERT_EQ(called.jurors.size(), 5u);
    EXPECT_EQ(called.opened_ms, world.now_ms());
    EXPECT_TRUE(world.emitted(EventKind::assigned)) << "everybody sees who sits";
    EXPECT_EQ(settle(), Rejection::window_not_over) << "once";
    world.pass_ms(49'999);
    const auto salt = MarketWorld::hash_of("salt");
    for (const auto& juror : called.jurors) {
        const auto said = jury_commitment(id, slot.segment, juror.account, truth(), salt);
        ASSERT_EQ(world.apply_as(juror.account, JuryCommit{id, slot.segment, said}),
                  Rejection::none);
    }
    world.pass_ms(50'000);
    for (const auto& juror : called.jurors)
        ASSERT_EQ(world.apply_as(juror.account, JuryReveal{id, slot.segment, truth(), salt}),
                  Rejection::none);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.slots(id).front().verdict, SlotVerdict::wrong);
}

TEST_F(LeaseDisputes, JurorsCommitBeforeAnyReveals)
{
    dispute(true);
    const auto juror = world.jury(id).front();
    const auto salt = MarketWorld::hash_of("salt");
    const JuryReveal reveal{id, slot.segment, truth(), salt};
    const JuryCommit commit{id, slot.segment,
                            jury_commitment(id, slot.segment, juror, truth(), salt)};
    EXPECT_EQ(world.apply_as(juror, reveal), Rejection::commits_not_over);
    EXPECT_EQ(world.apply_as(slot.verifier, reveal), Rejection::not_a_juror);
    ASSERT_EQ(world.apply_as(juror, commit), Rejection::none);
    EXPECT_EQ(world.apply_as(juror, commit), Rejection::already_committed);
    EXPECT_EQ(world.apply_as(juror, reveal), Rejection::commits_not_over);
    world.pass_s(50);
    const auto second = world.jury(id).at(1);
    EXPECT_EQ(world.apply_as(second, commit), Rejection::commits_over);
    EXPECT_EQ(world.apply_as(second, reveal), Rejection::not_what_was_committed);
    auto other = reveal;
    other.result = MarketWorld::hash_of("another");
    EXPECT_EQ(world.apply_as(juror, other), Rejection::not_what_was_committed);
    ASSERT_EQ(world.apply_as(juror, reveal), Rejection::none);
    EXPECT_EQ(world.apply_as(juror, reveal), Rejection::already_revealed);
}

TEST_F(LeaseDisputes, AJurorCannotRepeatAnothersCommitment)
{
    dispute(true);
    const auto jury = world.jury(id);
    const auto salt = MarketWorld::hash_of("salt");
    const auto said = jury_commitment(id, slot.segment, jury[0], truth(), salt);
    for (const auto& juror : jury)
        ASSERT_EQ(world.apply_as(juror, JuryCommit{id, slot.segment, said}), Rejection::none);
    EXPECT_EQ(world.apply_as(jury[0], JuryReveal{id, slot.segment, truth(), salt}), Rejection::none)
        << "all have committed";
    EXPECT_EQ(world.apply_as(jury[1], JuryReveal{id, slot.segment, truth(), salt}),
              Rejection::not_what_was_committed);
}

TEST_F(LeaseDisputes, AVerifierThatLiedPaysProviderAndJury)
{
    dispute(true);
    world.vote(id, truth());
    const auto provider = world.balance("pol");
    const auto burned = world.burned();
    const auto juror = world.dispute(id).jurors.front().account;
    const auto juror_had = world.balance(juror);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::verifying);
    EXPECT_EQ(world.verifier(challenger()).stake, Amount::micros(19'000));
    EXPECT_EQ(world.balance("pol"), provider + 250);
    EXPECT_EQ(world.balance(juror), juror_had + 50);
    EXPECT_EQ(world.burned(), burned + 500);
    EXPECT_EQ(world.slots(id).front().verdict, SlotVerdict::wrong);
    const auto liar = world.balance(slot.verifier);
    const auto slots = world.slots(id);
    const auto assigned = std::count_if(slots.begin(), slots.end(), [&](const auto& each) {
        return each.verifier == slot.verifier;
    });
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::verified);
    EXPECT_EQ(world.balance(slot.verifier), liar + 48 * static_cast<std::uint64_t>(assigned - 1))
        << "no fee for the lie";
}

TEST_F(LeaseDisputes, AProviderThatFakedLosesItsBondAndTheHoldback)
{
    dispute(false);
    world.vote(id, truth());
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    const auto verifier = world.balance(slot.verifier);
    const auto burned = world.burned();
    ASSERT_EQ(settle(), Rejection::none);
    const auto lease = world.lease(id);
    EXPECT_EQ(lease.status, LeaseStatus::slashed);
    EXPECT_EQ(lease.outcome, LeaseOutcome::faked);
    EXPECT_EQ(lease.held(), Amount{});
    EXPECT_EQ(world.balance("pol"), provider);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 1'000 + 2'500);
    EXPECT_GE(world.balance(slot.verifier), verifier + 1'250 + 48) << "reward and fee";
    EXPECT_EQ(world.burned(), burned + 5'000 + 4 * 50);
    EXPECT_EQ(settle(), Rejection::lease_not_closed);
}

TEST_F(LeaseDisputes, JurorsInTheMinorityPay)
{
    dispute(false);
    const auto lie = MarketWorld::hash_of("a lie");
    world.vote(id, {truth(), truth(), truth(), truth(), lie});
    const auto last = LeaseWorld::name_of(world.dispute(id).jurors.back().account);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::faked);
    EXPECT_EQ(world.verifier(last).stake, Amount::micros(19'000));
}

TEST_F(LeaseDisputes, AJuryThatDoesNotAgreeCostsBothSides)
{
    dispute(true);
    const auto lie = MarketWorld::hash_of("a lie");
    world.vote(id, {truth(), truth(), truth(), lie, lie});
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    const auto burned = world.burned();
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::settled);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::undecided);
    EXPECT_EQ(world.balance("pol"), provider + 5'000);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 500);
    EXPECT_EQ(world.burned(), burned + 5'000 + 500 + 4 * 50);
}

TEST_F(LeaseDisputes, TwoOfAJuryAreTooFewAndSilenceCosts)
{
    dispute(true);
    world.vote(id, {truth(), truth()});
    EXPECT_EQ(settle(), Rejection::window_not_over);
    world.pass_ms(49'999);
    EXPECT_EQ(settle(), Rejection::window_not_over);
    const auto silent = LeaseWorld::name_of(world.dispute(id).jurors.back().account);
    world.pass_ms(1);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::undecided);
    EXPECT_EQ(world.verifier(silent).stake, Amount::micros(19'000));
}

TEST(SmallNetworks, DecideNothingWhereNoJuryCanSit)
{
    LeaseWorld world;
    world.join(3);
    const auto id = world.assigned(world.ordering());
    const auto slot = world.slots(id).front();
    world.report(id, {{slot.segment, MarketWorld::hash_of("a lie")}});
    world.open_all(id);
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    ASSERT_EQ(world.lease(id).status, LeaseStatus::disputed);
    world.begin_block();
    EXPECT_EQ(world.jury(id).size(), 2u);
    world.vote(id, LeaseWorld::true_result(slot.segment));
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::verifying);
    EXPECT_EQ(world.slots(id).front().verdict, SlotVerdict::undecided);
    const auto provider = world.balance("pol");
    ASSERT_EQ(world.apply("pol", LeaseSettle{id}), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::verified) << "by the other reports";
    EXPECT_EQ(world.balance("pol"), provider + 10'000) << "with its whole bond";
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

TEST_F(LeaseDisputes, AJuryThatOnlyASettlementSeatedPaysForItsSilenceToo)
{
    dispute(true);
    world.pass_s(100);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::disputed) << "it only sits down";
    world.pass_s(100);
    ASSERT_EQ(settle(), Rejection::none);
    std::size_t punished = 0;
    for (std::size_t i = 0; i < LeaseWorld::verifiers; ++i)
        punished += world.verifier("v" + std::to_string(i)).stake == Amount::micros(19'000);
    EXPECT_EQ(punished, 5u);
}

TEST_F(LeaseDisputes, WhereMachinesDifferAMajorityAgainstIsEnoughAndHalfIsLost)
{
    prepare(everything(), false);
    slot = world.slots(id).front();
    world.report(id);
    world.open_all(id);
    ASSERT_EQ(settle(), Rejection::none);
    world.begin_block();
    std::vector<Hash> each;
    for (int i = 0; i < 5; ++i) each.push_back(MarketWorld::hash_of("near " + std::to_string(i)));
    world.vote(id, each);
    const auto provider = world.balance("pol");
    const auto tenant = world.balance("tia");
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::faked);
    EXPECT_EQ(world.balance("pol"), provider + 10'000);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 1'000 + 2'500);
}

TEST_F(LeaseDisputes, WhereMachinesAgreeTheJuryHasToAgreeToo)
{
    dispute(false);
    std::vector<Hash> each;
    for (int i = 0; i < 5; ++i) each.push_back(MarketWorld::hash_of("near " + std::to_string(i)));
    world.vote(id, each);
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::undecided);
}

TEST_F(LeaseDisputes, AnInputThatNobodyCanHaveIsTheProvidersFault)
{
    prepare({});
    slot = world.slots(id).front();
    world.report(id, {{slot.segment, Hash{}}});
    world.open_all(id);
    ASSERT_EQ(settle(), Rejection::none);
    world.begin_block();
    world.vote(id, Hash{});
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::faked);
}

TEST_F(LeaseDisputes, TheTenantMayDoubtAnySegmentOnceWithABond)
{
    prepare({});
    DisputeOpen message{id, world.opening(id, 7), Amount::micros(1'000)};
    EXPECT_EQ(world.apply("pol", message), Rejection::not_a_party);
    message.bond = Amount::micros(999);
    EXPECT_EQ(world.apply("tia", message), Rejection::bond_too_small);
    message.bond = Amount::micros(1'000);
    message.opening.result = LeaseWorld::fake_result(7);
    EXPECT_EQ(world.apply("tia", message), Rejection::opening_not_committed);
    message.opening = world.opening(id, 7);
    message.opening.segment = LeaseWorld::segments;
    EXPECT_EQ(world.apply("tia", message), Rejection::unknown_segment);
    message.opening = world.opening(id, 7);
    message.lease = {};
    EXPECT_EQ(world.apply("tia", message), Rejection::unknown_lease);
    message.lease = id;
    ASSERT_EQ(world.apply("tia", message), Rejection::none);
    EXPECT_EQ(world.lease(id).challenge, Amount::micros(1'000));
    EXPECT_EQ(world.apply("tia", message), Rejection::jury_is_called);

    world.begin_block();
    slot.segment = 7;
    world.vote(id, truth());
    const auto provider = world.balance("pol");
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.balance("pol"), provider + 250) << "a quarter; a quarter is the jury's";
    EXPECT_EQ(world.lease(id).status, LeaseStatus::verifying);
    EXPECT_EQ(world.apply("tia", message), Rejection::jury_is_called) << "once";
}

TEST_F(LeaseDisputes, ATenantsJuryThatDoesNotAgreeCostsItTheChallenge)
{
    prepare({});
    ASSERT_EQ(world.apply("tia", DisputeOpen{id, world.opening(id, 7), Amount::micros(1'003)}),
              Rejection::none);
    world.begin_block();
    slot.segment = 7;
    const auto lie = MarketWorld::hash_of("a lie");
    world.vote(id, {truth(), truth(), lie, lie});
    world.pass_s(50);
    const auto jurors = world.dispute(id).jurors;
    std::vector<std::uint64_t> had;
    for (const auto& juror : jurors) had.push_back(world.balance(juror.account));
    const auto tenant = world.balance("tia");
    const auto burned = world.burned();
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::undecided);
    // 501 among four who revealed; one does not divide, and 502 are burned.
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(world.balance(jurors[i].account), had[i] + (i < 4 ? 125 : 0)) << i;
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 500 + 200) << "escrow, holdback, fees";
    EXPECT_EQ(world.burned(), burned + 5'000 + 500 + 503 + 1'000) << "and who was silent";
}

TEST_F(LeaseDisputes, AVerifierThatApprovedAFakeLosesItsStake)
{
    prepare(everything());
    slot = world.slots(id).front();
    std::map<std::uint64_t, Hash> approvals;
    for (const auto& each : world.slots(id))
        approvals[each.segment] = LeaseWorld::fake_result(each.segment);
    world.report(id, approvals);
    ASSERT_EQ(
        world.apply("tia", DisputeOpen{id, world.opening(id, slot.segment), Amount::micros(1'000)}),
        Rejection::none);
    EXPECT_EQ(world.apply("tia", DisputeOpen{}), Rejection::unknown_lease);
    world.begin_block();
    world.vote(id, truth());
    const auto tenant = world.balance("tia");
    ASSERT_EQ(settle(), Rejection::none);
    EXPECT_EQ(world.lease(id).outcome, LeaseOutcome::faked);
    EXPECT_EQ(world.verifier(challenger()).stake, Amount{});
    // Escrow, holdback, bond of the challenge, an eighth and a quarter of the bond, half a stake.
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 1'000 + 1'000 + 1'250 + 2'500 + 10'000 + 50);
}

TEST_F(LeaseDisputes, ReportsAndOpeningsGoOnMeanwhile)
{
    prepare({});
    ASSERT_EQ(world.apply("tia", DisputeOpen{id, world.opening(id, 7), Amount::micros(1'000)}),
              Rejection::none);
    world.report(id);
    world.open_all(id);
    EXPECT_EQ(settle(), Rejection::draw_not_known);
}

}  // namespace
}  // namespace market
