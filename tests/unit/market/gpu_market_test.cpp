#include "market/invariants.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

/// From an offer and an order to a lease that waits for its start.
class GpuMarket : public testing::Test {
protected:
    ~GpuMarket() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    template <class Change>
    Rejection offering(Change change)
    {
        auto made = world.offering();
        change(made);
        return world.apply("pol", made);
    }
    template <class Change>
    Rejection ordering(Change change, JobKind kind = JobKind::train)
    {
        auto made = world.ordering(kind);
        change(made);
        return world.apply("tia", made);
    }
    template <class Change>
    Rejection bidding(Change change)
    {
        auto made = world.bidding(order, offer);
        change(made);
        return world.apply("pol", made);
    }
    void prepare()
    {
        offer = world.offer();
        order = world.order(world.ordering());
    }
    /// Another provider's bid under an offer of its own.
    Rejection bid_of(const std::string& name, std::uint64_t rate)
    {
        world.fund(name, 100'000);
        EXPECT_EQ(world.apply(name, world.offering()), Rejection::none);
        const auto its_offer = ledger::retag<GpuOfferId>(world.last_tx());
        return world.apply(name, world.bidding(order, its_offer, rate));
    }
    GpuOrderRecord ordered() const { return world.view().get<GpuOrderRecord>(order); }
    static Hash plain(const auto& id) { return ledger::retag<Hash>(id); }

    LeaseWorld world;
    GpuOfferId offer;
    GpuOrderId order;
};

TEST_F(GpuMarket, AnOfferSaysWhatAMachineCanDo)
{
    offer = world.offer();
    const auto record = world.view().get<GpuOfferRecord>(offer);
    EXPECT_EQ(record.offered, world.offering());
    EXPECT_EQ(record.provider, MarketWorld::address_of("pol"));
    EXPECT_EQ(record.status, GpuOfferStatus::listed);
    EXPECT_TRUE(world.emitted(EventKind::offered));
    EXPECT_EQ(world.locked("pol"), entry_bytes(offer, record));
}

TEST_F(GpuMarket, AnOfferIsWellFormed)
{
    EXPECT_EQ(offering([](auto& m) { m.device.model = "a\nb"; }), Rejection::malformed_text);
    EXPECT_EQ(offering([](auto& m) { m.device.region = std::string(65, 'a'); }),
              Rejection::malformed_text);
    EXPECT_EQ(offering([](auto& m) { m.device.model = ""; }), Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.device.count = 0; }), Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.device.memory_mib = 0; }), Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.profile.arch_class = "SM 90"; }),
              Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.profile.tolerance = {1}; }), Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.profile.deterministic = false; }),
              Rejection::malformed_profile);
    EXPECT_EQ(offering([](auto& m) { m.rate = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(offering([](auto& m) { m.min_s = 9; }), Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([](auto& m) { m.max_s = m.min_s - 1; }), Rejection::window_out_of_bounds);
    EXPECT_EQ(offering([&](auto& m) { m.expires = world.now_s(); }),
              Rejection::expiry_out_of_bounds);
    EXPECT_EQ(offering([&](auto& m) { m.expires = world.now_s() + LeaseLimits::longest_s + 1; }),
              Rejection::expiry_out_of_bounds);
}

TEST_F(GpuMarket, AnOrderLocksItsEscrowAndTheFeesOfItsReports)
{
    const auto before = world.balance("tia");
    order = world.order(world.ordering());
    EXPECT_EQ(world.balance("tia"), before - 10'000 - 4 * 50 - world.locked("tia"));
    EXPECT_EQ(ordered().held(), Amount::micros(10'200));
    EXPECT_EQ(ordered().ordered.verify.window_s, 400u) << "the network's in place of 0";
    EXPECT_TRUE(world.emitted(EventKind::ordered));
}

TEST_F(GpuMarket, AnOrderOfAJobCanBeVerified)
{
    EXPECT_EQ(ordering([](auto& m) { m.need.model = "\x01"; }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.job.graph = {}; }), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.job.segment_steps = 0; }), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.job.total_steps = 0; }), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.beacon_commit = {}; }), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.verify.samples = 3; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.verify.samples = 33; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.verify.planted = 65; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.verify.planted = 1; }), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.verify.arch_class = ""; }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.verify.fee = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(ordering([](auto& m) { m.verify.window_s = 399; }), Rejection::window_out_of_bounds);
    EXPECT_EQ(ordering([](auto& m) { m.verify.window_s = LeaseLimits::longest_s + 1; }),
              Rejection::window_out_of_bounds);
    EXPECT_EQ(ordering([](auto& m) { m.board = "ftp://node.example"; }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.board = "https://node.example" + std::string(240, 'x'); }),
              Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.max_rate = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(ordering([](auto& m) { m.escrow = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(ordering([](auto& m) { m.reclaim_s = LeaseLimits::longest_s + 1; }),
              Rejection::window_out_of_bounds);
    EXPECT_EQ(ordering([](auto& m) { m.expires = 0; }), Rejection::expiry_out_of_bounds);
    EXPECT_EQ(ordering([](auto& m) { m.escrow = Amount::max(); }), Rejection::insufficient_funds);
    EXPECT_EQ(ordering([](auto& m) { m.verify.fee = Amount::max(); }),
              Rejection::insufficient_funds);
    EXPECT_EQ(ordering([](auto& m) { m.escrow = Amount::micros(2'000'000); }),
              Rejection::insufficient_funds);
    EXPECT_EQ(ordering([](auto&) {}), Rejection::none);
}

TEST_F(GpuMarket, ARawOrderHasNothingToVerify)
{
    EXPECT_EQ(ordering([](auto& m) { m.verify.samples = 4; }, JobKind::raw),
              Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.job.seed = 1; }, JobKind::raw), Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.beacon_commit.bytes[0] = 1; }, JobKind::raw),
              Rejection::malformed_job);
    EXPECT_EQ(ordering([](auto& m) { m.verify.bond = Amount::micros(5); }, JobKind::raw),
              Rejection::none);
}

TEST_F(GpuMarket, ABidLocksDepositAndBond)
{
    prepare();
    const auto before = world.balance("pol") + world.locked("pol");
    const auto id = world.bid(world.bidding(order, offer));
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), before - 10'360);
    EXPECT_EQ(ordered().bids, 1u);
    EXPECT_TRUE((world.view().has<GpuBidRecord>({order, id})));
    EXPECT_TRUE(world.emitted(EventKind::bid));
}

TEST_F(GpuMarket, ABidIsMadeUnderAnOfferThatMeetsTheOrder)
{
    prepare();
    EXPECT_EQ(bidding([](auto& m) { m.order = {}; }), Rejection::unknown_order);
    EXPECT_EQ(bidding([](auto& m) { m.offer = {}; }), Rejection::unknown_offer);
    EXPECT_EQ(world.apply("dora", world.bidding(order, offer)), Rejection::not_the_owner);
    ASSERT_EQ(world.apply("tia", world.offering()), Rejection::none);
    EXPECT_EQ(world.apply("tia", world.bidding(order, ledger::retag<GpuOfferId>(world.last_tx()))),
              Rejection::own_order);
    const auto with = [&](auto change) {
        auto made = world.offering();
        change(made);
        const auto other = world.offer(made);
        return world.apply("pol", world.bidding(order, other));
    };
    EXPECT_EQ(with([](auto& m) { m.device.memory_mib = 79'999; }), Rejection::need_not_met);
    EXPECT_EQ(with([](auto& m) { m.profile.arch_class = "sm_90"; }), Rejection::need_not_met);
    auto picky = world.ordering();
    picky.need = {"H200", 0, 1, 60'000, 4'800'000, "eu", true};
    order = world.order(picky);
    EXPECT_EQ(with([](auto& m) { m.device.model = "H100"; }), Rejection::need_not_met);
    EXPECT_EQ(with([](auto& m) { m.device.region = "us"; }), Rejection::need_not_met);
    EXPECT_EQ(with([](auto& m) { m.profile.gflops = 59'999; }), Rejection::need_not_met);
    EXPECT_EQ(with([](auto& m) { m.profile.bandwidth_mbs = 1; }), Rejection::need_not_met);
    EXPECT_EQ(with([](auto& m) {
                  m.profile.deterministic = false;
                  m.profile.tolerance = {10};
              }),
              Rejection::need_not_met);
    EXPECT_EQ(with([](auto&) {}), Rejection::none);
}

TEST_F(GpuMarket, ABidsTermsFitTheOrders)
{
    prepare();
    EXPECT_EQ(bidding([](auto& m) { m.rate = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(bidding([](auto& m) { m.rate = Amount::micros(13); }),
              Rejection::rate_above_the_maximum);
    EXPECT_EQ(bidding([&](auto& m) { m.start_by = world.now_s(); }), Rejection::start_not_ahead);
    EXPECT_EQ(bidding([&](auto& m) { m.start_by = ~0ull; }), Rejection::start_not_ahead);
    EXPECT_EQ(bidding([](auto& m) { m.reclaim_s = 59; }), Rejection::reclaim_too_short);
    EXPECT_EQ(bidding([](auto& m) { m.deposit = Amount::micros(359); }),
              Rejection::deposit_too_small)
        << "30 seconds at the most that the order pays, not at the bid's own rate";
    EXPECT_EQ(bidding([](auto& m) { m.deposit = Amount::micros(721); }),
              Rejection::above_what_is_permitted)
        << "a deposit is no way to pay";
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(9'999); }), Rejection::bond_too_small);
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::max(); }), Rejection::insufficient_funds);
    auto short_order = world.ordering();
    short_order.escrow = Amount::micros(599);
    order = world.order(short_order);
    EXPECT_EQ(bidding([](auto&) {}), Rejection::escrow_too_small);
}

TEST_F(GpuMarket, ABondCoversTheMostThatAJobCanPayAndWhatOrderAndOfferAsk)
{
    auto offered = world.offering();
    offered.max_s = 500;
    offer = world.offer(offered);
    auto wanted = world.ordering();
    order = world.order(wanted);
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(4'999); }), Rejection::bond_too_small)
        << "500 seconds at 10";
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(5'000); }), Rejection::none);
    wanted.verify.bond = Amount::micros(6'000);
    order = world.order(wanted);
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(5'999); }), Rejection::bond_too_small);
    order = world.order(world.ordering(JobKind::raw));
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(99); }), Rejection::bond_too_small);
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(100); }), Rejection::none)
        << "of a raw lease nothing is verified";
}

TEST_F(GpuMarket, WhereTwoRunsDifferTheHalfOfABondThatIsAtStakeIsAboveThePay)
{
    auto offered = world.offering();
    offered.profile.deterministic = false;
    offered.profile.tolerance = {10};
    offer = world.offer(offered);
    order = world.order(world.ordering());
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(19'999); }), Rejection::bond_too_small)
        << "1,000 seconds at 10, twice";
    EXPECT_EQ(bidding([](auto& m) { m.bond = Amount::micros(20'000); }), Rejection::none);
}

TEST_F(GpuMarket, ADearerBidGivesWayWhereTooManyWait)
{
    prepare();
    for (std::uint32_t i = 0; i < LeaseLimits::bids; ++i)
        ASSERT_EQ(bid_of("w" + std::to_string(i), i == 7 ? 11 : 10), Rejection::none);
    EXPECT_EQ(bid_of("late and dear", 11), Rejection::too_many_bids);
    EXPECT_EQ(bid_of("late and cheap", 10), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::unbonded));
    EXPECT_EQ(ordered().bids, LeaseLimits::bids);
    EXPECT_EQ(bid_of("later", 10), Rejection::too_many_bids);
}

TEST_F(GpuMarket, AProviderHasOneBidForAnOrder)
{
    prepare();
    const auto id = world.bid(world.bidding(order, offer));
    EXPECT_EQ(world.apply("pol", world.bidding(order, offer, 9)), Rejection::too_many_bids);
    const auto other = world.offer();
    EXPECT_EQ(world.apply("pol", world.bidding(order, other, 9)), Rejection::too_many_bids)
        << "nor with another machine";
    ASSERT_EQ(world.apply("pol", GpuCancel{GpuEntry::bid, plain(id)}), Rejection::none);
    EXPECT_EQ(world.apply("pol", world.bidding(order, other, 9)), Rejection::none);
}

TEST_F(GpuMarket, ATenantSendsABidAwayWithItsMoney)
{
    prepare();
    const auto provider = world.balance("pol") + world.locked("pol");
    const auto tenant = world.balance("tia");
    const auto bid = world.bid(world.bidding(order, offer));
    EXPECT_EQ(world.apply("dora", GpuCancel{GpuEntry::bid, plain(bid)}), Rejection::not_the_owner);
    ASSERT_EQ(world.apply("tia", GpuCancel{GpuEntry::bid, plain(bid)}), Rejection::none);
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), provider);
    EXPECT_EQ(world.balance("tia"), tenant);
    EXPECT_EQ(ordered().bids, 0u);
}

TEST_F(GpuMarket, AcceptingMakesALeaseAndReturnsTheOtherBids)
{
    prepare();
    const auto before = world.balance("pol") + world.locked("pol");
    const auto taken = world.bid(world.bidding(order, offer, 9));
    ASSERT_EQ(bid_of("dora", 10), Rejection::none);
    EXPECT_EQ(world.apply("pol", LeaseAccept{order, taken}), Rejection::not_a_party);
    EXPECT_EQ(world.apply("tia", LeaseAccept{{}, taken}), Rejection::unknown_order);
    EXPECT_EQ(world.apply("tia", LeaseAccept{order, {}}), Rejection::unknown_bid);
    const auto id = world.accept(order, taken);
    const auto lease = world.lease(id);
    EXPECT_EQ(lease.status, LeaseStatus::matched);
    EXPECT_EQ(lease.rate, Amount::micros(9));
    EXPECT_EQ(lease.most_s, 1'111u);
    EXPECT_EQ(lease.held(), Amount::micros(10'000 + 200 + 10'000 + 360));
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), before - 10'360);
    EXPECT_EQ(ordered().status, GpuOrderStatus::matched);
    EXPECT_EQ(ordered().held(), Amount{});
    EXPECT_EQ(world.apply("tia", LeaseAccept{order, taken}), Rejection::order_closed);
    EXPECT_EQ(bidding([](auto&) {}), Rejection::order_closed);
}

TEST_F(GpuMarket, ABidThatCanNoLongerStartIsNotAccepted)
{
    prepare();
    const auto id = world.bid(world.bidding(order, offer));
    world.pass_s(571);
    EXPECT_EQ(world.apply("tia", LeaseAccept{order, id}), Rejection::start_not_ahead)
        << "29 seconds are no time to start in";
    world.pass_s(3'029);
    EXPECT_EQ(world.apply("tia", LeaseAccept{order, id}), Rejection::order_expired);
    EXPECT_EQ(bidding([](auto&) {}), Rejection::order_expired);
    world.pass_s(86'400);
    order = world.order(world.ordering());
    EXPECT_EQ(bidding([](auto&) {}), Rejection::offer_expired);
}

TEST_F(GpuMarket, ABidIsAcceptedAsLongAsItsProviderHasTheStarvationTimeToStart)
{
    prepare();
    const auto id = world.bid(world.bidding(order, offer));
    world.pass_s(570);
    EXPECT_EQ(world.apply("tia", LeaseAccept{order, id}), Rejection::none);
}

TEST_F(GpuMarket, WhatIsUnmatchedIsTakenBackByItsSender)
{
    prepare();
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol") + world.locked("pol");
    const auto bid = world.bid(world.bidding(order, offer));
    const auto cancel = [&](std::string_view who, GpuEntry entry, const Hash& id) {
        return world.apply(who, GpuCancel{entry, id});
    };
    EXPECT_EQ(cancel("pol", GpuEntry::bid, {}), Rejection::unknown_bid);
    EXPECT_EQ(cancel("pol", GpuEntry::order, {}), Rejection::unknown_order);
    EXPECT_EQ(cancel("pol", GpuEntry::offer, {}), Rejection::unknown_offer);
    EXPECT_EQ(cancel("pol", GpuEntry::lease, {}), Rejection::not_to_be_ended);
    EXPECT_EQ(cancel("pol", GpuEntry::order, plain(order)), Rejection::not_the_owner);
    EXPECT_EQ(cancel("tia", GpuEntry::offer, plain(offer)), Rejection::not_the_owner);

    ASSERT_EQ(cancel("pol", GpuEntry::bid, plain(bid)), Rejection::none);
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), provider);
    EXPECT_EQ(ordered().bids, 0u);
    EXPECT_EQ(cancel("pol", GpuEntry::bid, plain(bid)), Rejection::unknown_bid);
    world.bid(world.bidding(order, offer));
    ASSERT_EQ(cancel("tia", GpuEntry::order, plain(order)), Rejection::none);
    EXPECT_EQ(world.balance("tia"), tenant + 10'200);
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), provider) << "bids return with it";
    EXPECT_EQ(cancel("tia", GpuEntry::order, plain(order)), Rejection::order_closed);
    ASSERT_EQ(cancel("pol", GpuEntry::offer, plain(offer)), Rejection::none);
    EXPECT_EQ(cancel("pol", GpuEntry::offer, plain(offer)), Rejection::offer_closed);
    order = world.order(world.ordering());
    EXPECT_EQ(bidding([](auto&) {}), Rejection::offer_closed);
}

TEST_F(GpuMarket, AnybodyEndsWhatExpired)
{
    prepare();
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol") + world.locked("pol");
    world.bid(world.bidding(order, offer));
    const auto end = [&](GpuEntry entry, const Hash& id) {
        return world.apply("dora", LeaseTimeout{entry, id});
    };
    EXPECT_EQ(end(GpuEntry::bid, {}), Rejection::not_to_be_ended);
    EXPECT_EQ(end(GpuEntry::order, {}), Rejection::unknown_order);
    EXPECT_EQ(end(GpuEntry::offer, {}), Rejection::unknown_offer);
    EXPECT_EQ(end(GpuEntry::lease, {}), Rejection::unknown_lease);
    world.pass_s(3'599);
    EXPECT_EQ(end(GpuEntry::order, plain(order)), Rejection::window_not_over);
    world.pass_s(1);
    ASSERT_EQ(end(GpuEntry::order, plain(order)), Rejection::none);
    EXPECT_EQ(ordered().status, GpuOrderStatus::expired);
    EXPECT_EQ(world.balance("tia"), tenant + 10'200);
    EXPECT_EQ(world.balance("pol") + world.locked("pol"), provider);
    EXPECT_EQ(end(GpuEntry::order, plain(order)), Rejection::order_closed);
    EXPECT_EQ(end(GpuEntry::offer, plain(offer)), Rejection::window_not_over);
    world.pass_s(86'400);
    ASSERT_EQ(end(GpuEntry::offer, plain(offer)), Rejection::none);
    EXPECT_EQ(end(GpuEntry::offer, plain(offer)), Rejection::offer_closed);
}

TEST_F(GpuMarket, ALeaseThatIsNotStartedCostsTheProviderItsDeposit)
{
    prepare();
    const auto id = world.accept(order, world.bid(world.bidding(order, offer)));
    const auto tenant = world.balance("tia");
    const auto provider = world.balance("pol");
    const LeaseTimeout timeout{GpuEntry::lease, plain(id)};
    world.pass_ms(600'000 - world.now_ms() % 1'000 - 1);
    EXPECT_EQ(world.apply("dora", timeout), Rejection::window_not_over);
    world.pass_ms(1);
    ASSERT_EQ(world.apply("dora", timeout), Rejection::none);
    EXPECT_EQ(world.lease(id).status, LeaseStatus::expired);
    EXPECT_EQ(world.balance("tia"), tenant + 10'200 + 360);
    EXPECT_EQ(world.balance("pol"), provider + 10'000) << "the bond returns";
    EXPECT_EQ(world.apply("dora", timeout), Rejection::lease_not_matched);
    EXPECT_EQ(world.apply("pol", LeaseStart{id, {}, MarketWorld::hash_of("c_0"), {}}),
              Rejection::lease_not_matched);
}

}  // namespace
}  // namespace market
