#include "ledger/crypto/merkle.hpp"
#include "market/invariants.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// A lease of which 500 seconds were paid: 5,000, of which 1,000 are kept back.
class LeaseSettles : public testing::Test {
protected:
    LeaseSettles() { world.join(); }
    ~LeaseSettles() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    LeaseId paid(const GpuOrder& order)
    {
        const auto id = world.start(order);
        EXPECT_EQ(world.apply("pol", world.claim(id, 500)), Rejection::none);
        return id;
    }
    LeaseId closed()
    {
        const auto id = paid(world.ordering());
        world.checkpoint(id);
        world.close(id);
        return id;
    }
    LeaseId assigned(const GpuOrder& order)
    {
        const auto id = paid(order);
        world.checkpoint(id);
        world.close(id);
        world.assign(id);
        return id;
    }
    Rejection settle(const LeaseId& id, std::string_view who = "dora")
    {
        return world.apply(who, LeaseSettle{id});
    }
    void expect_end(const LeaseId& id, LeaseStatus status, LeaseOutcome outcome)
    {
        const auto lease = world.lease(id);
        EXPECT_EQ(lease.status, status);
        EXPECT_EQ(lease.outcome, outcome);
        EXPECT_EQ(lease.held(), Amount{});
        EXPECT_EQ(lease.ended_ms, world.now_ms());
        EXPECT_FALSE(world.view().has<Verification>(id));
        EXPECT_EQ(settle(id), Rejection::lease_not_closed) << "once";
    }
    LeaseWorld world;
};

TEST_F(LeaseSettles, TheTenantsSecretAndTheClosesBlockDrawSegments)
{
    const auto id = paid(world.ordering());
    world.checkpoint(id);
    const VerifyAssign message{id, LeaseWorld::secret()};
    EXPECT_EQ(world.apply("tia", message), Rejection::lease_not_closed);
    ASSERT_EQ(world.apply("tia", LeaseClose{id, CloseReason::done}), Rejection::none);
    EXPECT_EQ(world.apply("tia", message), Rejection::draw_not_known) << "in the same block";
    world.begin_block();
    EXPECT_EQ(world.apply("pol", message), Rejection::not_a_party);
    EXPECT_EQ(world.apply("tia", VerifyAssign{{}, {}}), Rejection::unknown_lease);
    EXPECT_EQ(world.apply("tia", VerifyAssign{id, {}}), Rejection::secret_not_committed);
    ASSERT_EQ(world.apply("tia", message), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::assigned));
    const auto slots = world.slots(id);
    ASSERT_EQ(slots.size(), LeaseWorld::samples);
    for (const auto& slot : slots) EXPECT_NE(LeaseWorld::name_of(slot.verifier), "");
    EXPECT_EQ(world.apply("tia", message), Rejection::already_assigned);
}

TEST_F(LeaseSettles, NeitherSideIsDrawnToVerifyItself)
{
    for (const auto* name : {"tia", "pol"})
        ASSERT_EQ(world.apply(name, VerifierJoin{LeaseWorld::arch, Amount::micros(900'000)}),
                  Rejection::none);
    world.begin_block();
    const auto id = assigned(world.ordering());
    for (const auto& slot : world.slots(id)) EXPECT_NE(LeaseWorld::name_of(slot.verifier), "");
}

TEST_F(LeaseSettles, AReportIsOfWhoWasAssignedAndMadeOnce)
{
    const auto id = closed();
    EXPECT_EQ(world.apply("v0", VerifyReport{id, 0, {}, {}}), Rejection::segment_not_assigned);
    world.assign(id);
    const auto slot = world.slots(id).front();
    const VerifyReport good{id, slot.segment, LeaseWorld::true_result(slot.segment), {}};
    EXPECT_EQ(world.apply("dora", good), Rejection::segment_not_assigned);
    auto other = good;
    other.segment = LeaseWorld::segments;
    EXPECT_EQ(world.apply_as(slot.verifier, other), Rejection::segment_not_assigned);
    other.lease = {};
    EXPECT_EQ(world.apply_as(slot.verifier, other), Rejection::unknown_lease);
    ASSERT_EQ(world.apply_as(slot.verifier, good), Rejection::none);
    EXPECT_EQ(world.apply_as(slot.verifier, good), Rejection::already_reported);
}

TEST_F(LeaseSettles, CommitmentsAreShownOnlyAfterTheReport)
{
    const auto id = closed();
    const auto reveal = [&](const SegmentOpening& opening, std::string_view who = "pol") {
        return world.apply(who, VerifyReveal{id, {opening}, {}});
    };
    EXPECT_EQ(reveal(world.opening(id, 0)), Rejection::segment_not_assigned);
    world.assign(id);
    const auto segment = world.slots(id).front().segment;
    EXPECT_EQ(reveal(world.opening(id, segment)), Rejection::not_yet_reported)
        << "a verifier could repeat it";
    world.report(id);
    const auto good = world.opening(id, segment);
    EXPECT_EQ(reveal(good, "dora"), Rejection::not_a_party);
    EXPECT_EQ(world.apply("pol", VerifyReveal{id, {}, {}}), Rejection::too_many_entries);
    EXPECT_EQ(world.apply("pol", VerifyReveal{{}, {good}, {}}), Rejection::unknown_lease);
    EXPECT_EQ(world.apply("pol", VerifyReveal{id, std::vector(33, good), {}}),
              Rejection::too_many_entries);
    for (const auto& change : std::vector<std::function<void(SegmentOpening&)>>{
             [](auto& o) { o.result = LeaseWorld::fake_result(o.segment); },
             [](auto& o) { o.checkpoint = 1; }, [](auto& o) { o.path.pop_back(); },
             [](auto& o) { o.path.resize(65); }}) {
        auto bad = good;
        change(bad);
        EXPECT_EQ(reveal(bad), Rejection::opening_not_committed);
    }
    ASSERT_EQ(reveal(good, "tia"), Rejection::none) << "either side may";
    EXPECT_EQ(reveal(good), Rejection::already_opened);
}

TEST_F(LeaseSettles, ACommitmentHasASaltBesideItSoThatARootDoesNotTellIt)
{
    const auto id = paid(world.ordering());
    const auto salt = MarketWorld::hash_of("salt");
    const auto result = LeaseWorld::true_result(0);
    const auto leaf = ledger::merkle_leaf(result.view());
    ASSERT_EQ(world.apply("pol", LeaseCheckpoint{id, 0, 1, leaf, {}}), Rejection::none);
    ASSERT_EQ(world.apply("pol", LeaseCheckpoint{id, 1, 2, ledger::merkle_node(leaf, salt), {}}),
              Rejection::none);
    world.close(id);
    const auto check = [&](const SegmentOpening& opening) {
        const auto good = check_opening(world.view(), id, world.lease(id), opening);
        return good ? Rejection::none : good.error();
    };
    EXPECT_EQ(check({0, 0, result, {}}), Rejection::opening_not_committed) << "a bare root";
    EXPECT_EQ(check({1, 1, result, {}}), Rejection::opening_not_committed);
    EXPECT_EQ(check({1, 1, result, {salt}}), Rejection::none);
    world.assign(id);
    EXPECT_EQ(world.slots(id).size(), 2u);
}

TEST_F(LeaseSettles, WhenAllReportsAgreeTheProviderGetsHoldbackAndBond)
{
    const auto id = assigned(world.ordering());
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    const auto first = world.slots(id).front().verifier;
    const auto verifier = world.balance(first);
    EXPECT_EQ(settle(id, "pol"), Rejection::window_not_over) << "nobody has reported";
    world.report(id);
    EXPECT_EQ(settle(id, "pol"), Rejection::window_not_over) << "nothing is opened";
    world.open_all(id);
    EXPECT_EQ(settle(id), Rejection::window_not_over) << "the provider has time to claim";
    ASSERT_EQ(settle(id, "pol"), Rejection::none) << "and need not take it";
    expect_end(id, LeaseStatus::settled, LeaseOutcome::verified);
    EXPECT_EQ(world.balance("pol"), provider + 10'000 + 970);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000) << "what was not used up";
    EXPECT_GE(world.balance(first), verifier + 48) << "50 less 2";
    EXPECT_EQ(world.verifier(LeaseWorld::name_of(first)).duties, 0u);
}

TEST_F(LeaseSettles, AfterTheWindowOneReportIsEnoughAndSilenceCosts)
{
    const auto id = assigned(world.ordering());
    const auto slots = world.slots(id);
    const auto& slot = slots.front();
    ASSERT_EQ(
        world.apply_as(slot.verifier,
                       VerifyReport{id, slot.segment, LeaseWorld::true_result(slot.segment), {}}),
        Rejection::none);
    world.open_all(id);
    const auto tenant = world.balance("tia");
    world.pass_ms(399'999);
    EXPECT_EQ(settle(id), Rejection::window_not_over);
    world.pass_ms(1);
    const auto burned = world.burned();
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::verified);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 3 * 50) << "with the fees of no reports";
    EXPECT_EQ(world.burned(), burned + 1'000 + 50 + 3 * 50) << "each silent one loses a fee";
}

TEST_F(LeaseSettles, AReportAfterTheWindowIsRefused)
{
    const auto id = assigned(world.ordering());
    const auto slots = world.slots(id);
    const auto report = [&](std::size_t at) {
        const auto segment = slots[at].segment;
        return world.apply_as(slots[at].verifier,
                              VerifyReport{id, segment, LeaseWorld::true_result(segment), {}});
    };
    world.pass_ms(399'999);
    ASSERT_EQ(report(0), Rejection::none);
    world.open_all(id);
    world.pass_s(100);
    EXPECT_EQ(report(1), Rejection::already_closed)
        << "the provider would have no time left to show that segment";
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::verified);
}

TEST_F(LeaseSettles, SilenceCostsNoMoreThanAJurorsHoweverHighTheFee)
{
    auto order = world.ordering();
    order.verify.fee = Amount::micros(1'500);
    const auto id = assigned(order);
    const auto slots = world.slots(id);
    std::map<std::string, std::uint64_t> duties;
    for (const auto& slot : slots) ++duties[LeaseWorld::name_of(slot.verifier)];
    world.pass_s(400);
    ASSERT_EQ(settle(id), Rejection::none);
    for (const auto& [name, count] : duties)
        EXPECT_EQ(world.verifier(name).stake, Amount::micros(LeaseWorld::stake - 1'000 * count));
}

TEST_F(LeaseSettles, TheDrawIsRefusedOnceTheLeaseMayEndWithoutIt)
{
    const auto id = closed();
    world.pass_ms(99'999);
    world.assign(id);
    const auto other = closed();
    world.pass_s(100);
    EXPECT_EQ(world.apply("tia", VerifyAssign{other, LeaseWorld::secret()}),
              Rejection::already_closed);
    ASSERT_EQ(settle(other), Rejection::none);
    expect_end(other, LeaseStatus::settled, LeaseOutcome::silent);
}

TEST_F(LeaseSettles, WhenNobodyReportsHalfOfTheHoldbackIsBurned)
{
    const auto id = assigned(world.ordering());
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    world.pass_s(400);
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::silent);
    EXPECT_EQ(world.balance("pol"), provider + 10'000 + 485);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 200);
}

TEST_F(LeaseSettles, ATenantThatDrawsNothingSavesNothing)
{
    const auto id = closed();
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    world.pass_ms(99'999);
    EXPECT_EQ(settle(id), Rejection::window_not_over);
    EXPECT_EQ(settle(id, "pol"), Rejection::window_not_over);
    world.pass_ms(1);
    const auto burned = world.burned();
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::silent);
    EXPECT_EQ(world.balance("pol"), provider + 10'000 + 485);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000) << "the fees of its reports are burned";
    EXPECT_EQ(world.burned(), burned + 1'000 + 200);
}

TEST_F(LeaseSettles, AJobWithoutACommitmentHasProvenNothing)
{
    const auto id = paid(world.ordering());
    world.close(id);
    EXPECT_EQ(world.apply("tia", VerifyAssign{id, LeaseWorld::secret()}),
              Rejection::nothing_to_verify);
    const auto tenant = world.balance("tia");
    world.pass_s(100);
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::silent);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 200);
}

TEST_F(LeaseSettles, ARawLeaseEndsWithoutVerification)
{
    const auto id = paid(world.ordering(JobKind::raw));
    EXPECT_EQ(settle(id), Rejection::lease_not_closed);
    world.close(id);
    EXPECT_EQ(world.apply("tia", VerifyAssign{id, {}}), Rejection::nothing_to_verify);
    const auto provider = world.balance("pol");
    world.pass_s(100);
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::unverified);
    EXPECT_EQ(world.balance("pol"), provider + 10'000);
}

TEST_F(LeaseSettles, WithoutVerifiersNobodyReports)
{
    auto order = world.ordering();
    order.verify.arch_class = "sm_90";
    auto offered = world.offering();
    offered.profile.arch_class = "sm_90";
    const auto offer = world.offer(offered);
    const auto ordered = world.order(order);
    const auto id = world.accept(ordered, world.bid(world.bidding(ordered, offer)));
    ASSERT_EQ(world.apply("pol", LeaseStart{id, {}, MarketWorld::hash_of("c_0"), {}}),
              Rejection::none);
    world.checkpoint(id);
    world.close(id);
    world.assign(id);
    EXPECT_TRUE(world.slots(id).empty());
    world.pass_s(100);
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::silent);
}

TEST_F(LeaseSettles, AProviderThatDoesNotShowWhatItCommittedToIsSlashed)
{
    const auto id = assigned(world.ordering());
    world.report(id);
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    world.pass_ms(99'999);
    EXPECT_EQ(settle(id), Rejection::window_not_over);
    world.pass_ms(1);
    const auto burned = world.burned();
    ASSERT_EQ(settle(id), Rejection::none);
    expect_end(id, LeaseStatus::slashed, LeaseOutcome::unopened);
    EXPECT_EQ(world.balance("pol"), provider);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 1'000 + 5'000);
    EXPECT_EQ(world.burned(), burned + 5'000 + 4 * 50);
}

/// Decoys are planted in every segment, so that whoever repeats what the tenant shows is caught.
class PlantedSegments : public LeaseSettles {
protected:
    PlantedSegments()
    {
        for (std::uint64_t segment = 0; segment < LeaseWorld::segments; ++segment)
            at.push_back(segment);
        auto order = world.ordering();
        LeaseWorld::plant(order, at);
        id = assigned(order);
        lazy = world.slots(id).front();
    }
    Hash decoy(std::uint64_t segment) const
    {
        return decoy_of(LeaseWorld::planted(at, segment).seed);
    }
    VerifyReveal showing(std::uint64_t segment) const
    {
        return {id, {}, {LeaseWorld::planted(at, segment)}};
    }
    std::vector<std::uint64_t> at;
    LeaseId id;
    VerifySlot lazy;
};

TEST_F(PlantedSegments, AVerifierThatReportsADecoyLosesItsStake)
{
    world.report(id, {{lazy.segment, decoy(lazy.segment)}});
    world.open_all(id);
    world.pass_s(99);
    EXPECT_EQ(settle(id, "pol"), Rejection::window_not_over) << "it may be a decoy";
    ASSERT_EQ(world.apply("tia", showing(lazy.segment)), Rejection::none);
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    ASSERT_EQ(settle(id, "pol"), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::verified);
    const auto caught = world.verifier(LeaseWorld::name_of(lazy.verifier));
    EXPECT_EQ(caught.stake, Amount{});
    EXPECT_EQ(caught.duties, 0u);
    EXPECT_EQ(world.balance("tia"), tenant + 5'000 + 10'000 + 50) << "half of the stake";
    EXPECT_EQ(world.balance("pol"), provider + 10'000 + 970) << "no harm to the provider";
    EXPECT_EQ(candidates(world.view(), world.network(), LeaseWorld::arch, {1'000}, {}).size(),
              LeaseWorld::verifiers - 1);
}

TEST_F(PlantedSegments, AreShownByTheTenantAfterTheReports)
{
    EXPECT_EQ(world.apply("tia", showing(lazy.segment)), Rejection::reports_not_over);
    world.report(id);
    EXPECT_EQ(world.apply("pol", showing(lazy.segment)), Rejection::not_a_party);
    auto bad = showing(lazy.segment);
    bad.planted[0].seed.bytes[0] ^= 1;
    EXPECT_EQ(world.apply("tia", bad), Rejection::decoy_not_committed);
    bad = showing(lazy.segment);
    bad.planted[0].segment ^= 1;
    EXPECT_EQ(world.apply("tia", bad), Rejection::decoy_not_committed);
    bad = showing(lazy.segment);
    bad.planted[0].path.resize(65);
    EXPECT_EQ(world.apply("tia", bad), Rejection::decoy_not_committed);
    bad.planted.resize(65);
    EXPECT_EQ(world.apply("tia", bad), Rejection::too_many_entries);
    EXPECT_EQ(world.apply("tia", showing(lazy.segment)), Rejection::none);
}

TEST_F(PlantedSegments, HonestReportsNeedNoDecoysShown)
{
    world.report(id);
    world.open_all(id);
    ASSERT_EQ(settle(id, "pol"), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::verified);
}

TEST_F(PlantedSegments, ADecoyThatIsNotShownInTimeIsAReportLikeAnother)
{
    world.report(id, {{lazy.segment, decoy(lazy.segment)}});
    world.open_all(id);
    world.pass_s(100);
    ASSERT_EQ(settle(id), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::disputed);
}

TEST_F(PlantedSegments, WhenOnlyDecoysWereReportedNothingIsVerified)
{
    std::map<std::uint64_t, Hash> decoys;
    VerifyReveal reveal{id, {}, {}};
    for (const auto& slot : world.slots(id)) {
        decoys[slot.segment] = decoy(slot.segment);
        reveal.planted.push_back(LeaseWorld::planted(at, slot.segment));
    }
    world.report(id, decoys);
    world.open_all(id);
    ASSERT_EQ(world.apply("tia", reveal), Rejection::none);
    ASSERT_EQ(settle(id, "pol"), Rejection::none);
    expect_end(id, LeaseStatus::settled, LeaseOutcome::silent);
}

}  // namespace
}  // namespace market
