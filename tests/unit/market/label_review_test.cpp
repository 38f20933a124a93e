#include "market/invariants.hpp"
#include "tests/support/label_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class LabelReviews : public testing::Test {
protected:
    ~LabelReviews() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    /// What is minted of so much: all but the protocol's fee, rounded up.
    std::uint64_t minted(std::uint64_t burned) const
    {
        const auto whole = Amount::micros(burned);
        return (whole - whole.share_up(world.params().delta_bps)).micros();
    }

    LabelWorld world;
    const LabelOrderId id = world.order();
    const Address bob = MarketWorld::address_of("bob");
    static constexpr std::uint64_t all = LabelWorld::items * LabelWorld::price;
};

TEST_F(LabelReviews, OfEveryLabelPayAtOnce)
{
    world.label(id, "bob");
    const auto alice = world.balance("alice");
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 10)), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(all) + LabelWorld::bond);
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::fee) << "nobody appealed";
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::paid);
    EXPECT_EQ(world.work(id, "bob").accepted, 10u);
    EXPECT_EQ(world.seats(id).accepted, 10u);
    EXPECT_TRUE(world.emitted(EventKind::settled));
    EXPECT_TRUE(world.emitted(EventKind::reviewed));
}

TEST_F(LabelReviews, AreTheOwnersAndInTime)
{
    world.label(id, "bob", LabelWorld::sheet(0, 3));
    EXPECT_EQ(world.apply("bob", LabelWorld::review(id, "bob", 7)), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 8)),
              Rejection::labels_out_of_bounds)
        << "only seven have a label";
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "carol", 0)), Rejection::unknown_work);
    world.pass_s(LabelWorld::review_s);
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 0)), Rejection::window_over);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(7 * LabelWorld::price) + LabelWorld::bond)
        << "a silent owner pays for every label";
}

TEST_F(LabelReviews, StandWhereTheAnnotatorDoesNotAppeal)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 6)), Rejection::none);
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 5)),
              Rejection::work_not_submitted);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::window_not_over);
    world.pass_s(LabelWorld::appeal_s);
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::window_over);
    const auto alice = world.balance("alice");
    const auto before = world.balance("bob");
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(6 * LabelWorld::price) + LabelWorld::bond);
    EXPECT_EQ(world.balance("alice") - alice, 4 * LabelWorld::price + LabelWorld::fee);
}

TEST_F(LabelReviews, ThatCallWorkVoidPayNothingAndTakeTheBondUnlessItIsAppealed)
{
    const auto sheet = LabelWorld::sheet(1);
    world.label(id, "bob", sheet);
    const auto alice = world.balance("alice");
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(
                                       id, "bob", {world.error(sheet, 0), world.error(sheet, 2)})),
              Rejection::none);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::reviewed);
    EXPECT_TRUE(world.work(id, "bob").is_void);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::window_not_over);
    world.pass_s(LabelWorld::appeal_s);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob"), before);
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::bond / 2 + all + LabelWorld::fee);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::failed);
    EXPECT_EQ(world.seats(id).free, 1u) << "others know the gold that was shown";
}

TEST_F(LabelReviews, ThatCallWorkVoidNeedNoGold)
{
    world.label(id, "bob");
    auto message = LabelWorld::void_review(id, "bob");
    message.accepted = 1;
    EXPECT_EQ(world.apply("alice", message), Rejection::labels_out_of_bounds);
    message.accepted = 0;
    EXPECT_EQ(world.apply("alice", message), Rejection::none) << "junk shows nothing";
}

TEST_F(LabelReviews, ThatCallWorkVoidWronglyAreOverruled)
{
    // The owner's gold says nothing of what is true: here it is all of another class.
    const auto sheet = LabelWorld::sheet(1);
    world.label(id, "bob", sheet);
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(
                                       id, "bob", {world.error(sheet, 0), world.error(sheet, 1)})),
              Rejection::none);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 10, true, {}}), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(all) + LabelWorld::bond);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::paid);
}

TEST_F(LabelReviews, ThatCallWorkVoidStandWhereTheArbiterSeesItSo)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(id, "bob")), Rejection::none);
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    const auto alice = world.balance("alice");
    const auto judy = world.balance("judy");
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 0, true, {}}),
              Rejection::labels_out_of_bounds)
        << "the owner does not pay for being right";
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 0, false, {}}), Rejection::none);
    EXPECT_EQ(world.balance("bob"), before);
    EXPECT_EQ(world.balance("judy") - judy, minted(LabelWorld::fee));
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::bond / 2 + all + LabelWorld::fee);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::failed);
    EXPECT_FALSE(world.work(id, "bob").decided_in.is_zero());
}

TEST_F(LabelReviews, ShowGoldThatWasCommittedToAndIsWrong)
{
    auto sheet = LabelWorld::sheet(1);
    sheet.rows[8].label = 0;  // as the gold says
    world.label(id, "bob", sheet);
    const auto showing = [&](std::vector<LabelError> errors) {
        return world.apply("alice", LabelWorld::void_review(id, "bob", std::move(errors)));
    };
    const auto first = world.error(sheet, 0);
    const auto second = world.error(sheet, 1);
    EXPECT_EQ(showing({first}), Rejection::gold_not_failed) << "one may be wrong";
    EXPECT_EQ(showing({first, second, world.error(sheet, 2)}), Rejection::gold_not_failed);
    EXPECT_EQ(showing({first, first}), Rejection::duplicate_entry);
    EXPECT_EQ(showing({second, first}), Rejection::duplicate_entry);
    auto not_void = LabelWorld::review(id, "bob", 0);
    not_void.errors = {first, second};
    EXPECT_EQ(world.apply("alice", not_void), Rejection::gold_not_failed);
    EXPECT_EQ(showing({first, world.error(sheet, 2)}), Rejection::label_is_gold);

    const auto changed = [&](auto&& change) {
        auto error = second;
        change(error);
        return showing({first, error});
    };
    EXPECT_EQ(changed([](auto& e) { e.gold_label = 2; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.label = 2; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.confidence = 1; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.salt = {}; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.gold_salt = {}; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.place = 2; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.item = 5; }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.path.pop_back(); }), Rejection::row_not_of_the_root);
    EXPECT_EQ(changed([](auto& e) { e.path.resize(65); }), Rejection::too_many_entries);
    EXPECT_EQ(changed([](auto& e) { e.gold_path.resize(65); }), Rejection::too_many_entries);
    EXPECT_EQ(showing({first, second}), Rejection::none);
}

TEST_F(LabelReviews, CannotFailAnItemThatHasNoLabel)
{
    auto sheet = LabelWorld::sheet(0);
    sheet.rows[0].label = sheet.rows[4].label = no_label;
    world.label(id, "bob", sheet);
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(
                                       id, "bob", {world.error(sheet, 0), world.error(sheet, 1)})),
              Rejection::label_is_gold)
        << "it is just not paid";
}

TEST_F(LabelReviews, OfAnOrderWithoutGoldShowNone)
{
    auto order = world.good();
    order.gold = order.gold_errors = 0;
    order.gold_root = {};
    const auto other = world.order(order);
    const auto sheet = LabelWorld::sheet(1);
    world.label(other, "bob", sheet);
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(other, "bob", {world.error(sheet, 0)})),
              Rejection::gold_not_failed);
}

TEST_F(LabelReviews, ShowNoGoldThatIsNoClass)
{
    auto order = world.good();
    const GoldLabel gold{4, 3, MarketWorld::hash_of("salt")};
    order.gold = 1;
    order.gold_errors = 0;
    order.gold_root = gold_leaf(gold);
    const auto other = world.order(order);
    const auto sheet = LabelWorld::sheet(1);
    world.label(other, "bob", sheet);
    auto error = world.error(sheet, 1);
    error.place = 0;
    error.gold_label = gold.label;
    error.gold_salt = gold.salt;
    error.gold_path.clear();
    EXPECT_EQ(world.apply("alice", LabelWorld::void_review(other, "bob", {error})),
              Rejection::labels_out_of_bounds);
}

TEST_F(LabelReviews, AreDecidedByTheArbiterOnAppeal)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::work_not_reviewed);
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 2)), Rejection::none);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 9, false, {}}),
              Rejection::work_not_appealed);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    EXPECT_EQ(before - world.balance("bob"), LabelWorld::fee);
    EXPECT_TRUE(world.emitted(EventKind::disputed));

    EXPECT_EQ(world.apply("alice", LabelDecide{id, bob, 2, false, {}}), Rejection::not_the_arbiter);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 1, false, {}}),
              Rejection::labels_out_of_bounds);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 11, false, {}}),
              Rejection::labels_out_of_bounds);
    const auto alice = world.balance("alice");
    const auto judy = world.balance("judy");
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 9, true, {}}), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(9 * LabelWorld::price) + LabelWorld::bond)
        << "with its fee back";
    EXPECT_EQ(world.balance("judy") - judy, minted(LabelWorld::fee));
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::price) << "the owner paid the arbiter";
    EXPECT_EQ(world.work(id, "bob").decided_in, world.last_tx());
}

TEST_F(LabelReviews, CostTheAnnotatorTheFeeWhereTheOwnerWasRight)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 2)), Rejection::none);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    const auto alice = world.balance("alice");
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 2, false, {}}), Rejection::none);
    EXPECT_EQ(before + minted(2 * LabelWorld::price) + LabelWorld::bond - world.balance("bob"),
              LabelWorld::fee);
    EXPECT_EQ(world.balance("alice") - alice, 8 * LabelWorld::price + LabelWorld::fee);
}

TEST_F(LabelReviews, ThatCouldNotSeeBetterCostTheOwnerNothing)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 2)), Rejection::none);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    const auto alice = world.balance("alice");
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 10, false, {}}), Rejection::none);
    EXPECT_EQ(before + minted(all) + LabelWorld::bond - world.balance("bob"), LabelWorld::fee);
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::fee) << "its own half is back";
}

TEST_F(LabelReviews, PayEveryLabelWhereTheArbiterIsSilent)
{
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 0)), Rejection::none);
    const auto before = world.balance("bob");
    EXPECT_EQ(world.apply("bob", LabelAppeal{id}), Rejection::none);
    world.pass_s(LabelWorld::decide_s);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, bob, 0, false, {}}), Rejection::window_over);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, minted(all) + LabelWorld::bond);
}

TEST_F(LabelReviews, OfTwoAnnotatorsHaveNothingToDoWithEachOther)
{
    const auto sheet = LabelWorld::sheet(1);
    world.label(id, "bob", sheet);
    world.label(id, "carol");
    EXPECT_EQ(
        world.apply("alice", LabelWorld::void_review(
                                 id, "carol", {world.error(sheet, 0), world.error(sheet, 1)})),
        Rejection::row_not_of_the_root)
        << "bob's rows show nothing of carol's";
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "carol", 10)), Rejection::none);
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 0)), Rejection::none);
    world.pass_s(LabelWorld::appeal_s);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.seats(id).open, 0u);
    EXPECT_TRUE(world.seats(id).escrow.is_zero());
}

TEST(LabelsOfACreditNetwork, AreEarnedOnAStatement)
{
    LabelWorld world{ledger::AssetKind::credit};
    const auto id = world.order();
    world.label(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "bob", 10)), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::earned));
    EXPECT_FALSE(world.emitted(EventKind::minted));
    const auto earned = [&](const char* name) {
        std::uint64_t sum = 0;
        world.view().scan<Earned>({}, [&](const auto& key, const Earned& record) {
            if (key.account == MarketWorld::address_of(name)) sum += record.amount.micros();
            return true;
        });
        return sum;
    };
    constexpr std::uint64_t all = LabelWorld::items * LabelWorld::price;
    EXPECT_EQ(earned("bob"), all - Amount::micros(all).share_up(world.params().delta_bps).micros());

    world.label(id, "carol");
    EXPECT_EQ(world.apply("alice", LabelWorld::review(id, "carol", 1)), Rejection::none);
    EXPECT_EQ(world.apply("carol", LabelAppeal{id}), Rejection::none);
    EXPECT_EQ(world.apply("judy", LabelDecide{id, MarketWorld::address_of("carol"), 1, false, {}}),
              Rejection::none);
    EXPECT_EQ(earned("judy"),
              LabelWorld::fee -
                  Amount::micros(LabelWorld::fee).share_up(world.params().delta_bps).micros());
    EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
}

}  // namespace
}  // namespace market
