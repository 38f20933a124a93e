#include "market/invariants.hpp"
#include "tests/support/label_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

class LabelWorks : public testing::Test {
protected:
    ~LabelWorks() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }

    LabelWorld world;
    const LabelOrderId id = world.order();
    static constexpr std::uint64_t seat = LabelWorld::items * LabelWorld::price + LabelWorld::fee;
};

TEST_F(LabelWorks, BeginWithASeatAndABond)
{
    const auto before = world.balance("bob");
    world.take(id, "bob");
    EXPECT_EQ(before - world.balance("bob"), LabelWorld::bond + world.locked("bob"));
    EXPECT_TRUE(world.emitted(EventKind::taken));
    EXPECT_EQ(world.seats(id).free, 1u);
    EXPECT_EQ(world.seats(id).open, 1u);
    EXPECT_EQ(world.work(id, "bob").escrow, Amount::micros(seat));

    EXPECT_EQ(world.apply("bob", LabelWorld::taking(id)), Rejection::already_taken);
    EXPECT_EQ(world.apply("alice", LabelWorld::taking(id)), Rejection::own_order);
    EXPECT_EQ(world.apply("judy", LabelWorld::taking(id)), Rejection::not_invited)
        << "who decides does not label";
    EXPECT_EQ(world.apply("carol", LabelWorld::taking({})), Rejection::unknown_order);
    EXPECT_EQ(world.apply("carol", LabelTake{id, {}}), Rejection::malformed_key)
        << "nothing can be sealed to it";
    EXPECT_EQ(world.apply("poor", LabelWorld::taking(id)), Rejection::insufficient_funds);
    world.take(id, "carol");
    EXPECT_EQ(world.apply("dave", LabelWorld::taking(id)), Rejection::no_seat);
}

TEST_F(LabelWorks, AreForThoseWhoWereInvitedWhileTheOrderIsYoung)
{
    auto message = world.good();
    message.annotators = {MarketWorld::address_of("bob"), MarketWorld::address_of("carol")};
    const auto closed = world.order(message);
    EXPECT_EQ(world.apply("dave", LabelWorld::taking(closed)), Rejection::not_invited);
    world.take(closed, "bob");
    world.pass_s(LabelWorld::open_s);
    EXPECT_EQ(world.apply("carol", LabelWorld::taking(closed)), Rejection::order_expired);
}

TEST_F(LabelWorks, GoOnWhenTheOwnerHandsTheKeysOver)
{
    world.take(id, "bob");
    const auto handing = LabelWorld::handing(id, "bob");
    EXPECT_EQ(world.apply("carol", handing), Rejection::not_the_owner);
    EXPECT_EQ(world.apply("alice", LabelWorld::handing({}, "bob")), Rejection::unknown_order);
    EXPECT_EQ(world.apply("alice", LabelWorld::handing(id, "carol")), Rejection::unknown_work);
    EXPECT_EQ(world.apply("alice", LabelHand{id, handing.annotator, {{}}}),
              Rejection::too_many_entries);
    EXPECT_EQ(world.apply("bob", LabelWorld::submission(id)), Rejection::work_not_handed);
    EXPECT_EQ(world.apply("alice", handing), Rejection::none);
    EXPECT_EQ(world.work(id, "bob").handed_in, world.last_tx());
    EXPECT_TRUE(world.emitted(EventKind::handed));
    EXPECT_EQ(world.apply("alice", handing), Rejection::work_not_taken);
    EXPECT_EQ(world.work(id, "bob").window_end_ms, world.now_ms() + LabelWorld::work_s * 1'000);
}

TEST_F(LabelWorks, EndWithoutLossForTheAnnotatorWhereTheKeysNeverCome)
{
    world.take(id, "bob");
    const auto before = world.balance("bob");
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::window_not_over);
    world.pass_s(LabelWorld::review_s);
    EXPECT_EQ(world.apply("alice", LabelWorld::handing(id, "bob")), Rejection::window_over);
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, LabelWorld::bond);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::unhanded);
    EXPECT_EQ(world.seats(id).free, 2u) << "somebody else may take it";
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::work_ended);
    EXPECT_EQ(world.timeout(id, "carol"), Rejection::unknown_work);
    EXPECT_EQ(world.timeout({}, "bob"), Rejection::unknown_order);
    EXPECT_EQ(world.apply("bob", LabelWorld::taking(id)), Rejection::already_taken);
}

TEST_F(LabelWorks, CanBeGivenBackEarly)
{
    EXPECT_EQ(world.apply("bob", LabelReturn{}), Rejection::unknown_order);
    EXPECT_EQ(world.apply("bob", LabelReturn{id}), Rejection::unknown_work);
    world.take(id, "carol");
    EXPECT_EQ(world.apply("carol", LabelReturn{id}), Rejection::none) << "before the keys came";

    world.begin(id, "bob");
    const auto before = world.balance("bob");
    world.pass_s(LabelWorld::work_s / 4 - 1);
    EXPECT_EQ(world.apply("bob", LabelReturn{id}), Rejection::none);
    EXPECT_EQ(world.balance("bob") - before, LabelWorld::bond);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::returned);
    EXPECT_EQ(world.seats(id).free, 2u);

    world.begin(id, "dave");
    world.pass_s(LabelWorld::work_s / 4);
    EXPECT_EQ(world.apply("dave", LabelReturn{id}), Rejection::window_over);
    EXPECT_EQ(world.apply("dave", LabelWorld::submission(id)), Rejection::none);
    EXPECT_EQ(world.apply("dave", LabelReturn{id}), Rejection::work_not_handed);
}

TEST_F(LabelWorks, CostTheBondWhereTheLabelsNeverCome)
{
    world.begin(id, "bob");
    world.pass_s(LabelWorld::work_s);
    EXPECT_EQ(world.apply("bob", LabelWorld::submission(id)), Rejection::window_over);
    const auto alice = world.balance("alice");
    const auto bob = world.balance("bob");
    EXPECT_EQ(world.timeout(id, "bob"), Rejection::none);
    EXPECT_EQ(world.balance("bob"), bob);
    EXPECT_EQ(world.balance("alice") - alice, LabelWorld::bond / 2) << "the rest is burned";
    EXPECT_TRUE(world.emitted(EventKind::slashed));
    EXPECT_TRUE(world.emitted(EventKind::compensated));
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::lapsed);
    EXPECT_EQ(world.seats(id).free, 2u);
}

TEST_F(LabelWorks, ReturnTheirCostToTheOwnerWhereTheOrderIsClosed)
{
    world.begin(id, "bob");
    EXPECT_EQ(world.apply("alice", LabelOrderClose{id}), Rejection::none);
    const auto before = world.balance("alice");
    EXPECT_EQ(world.apply("bob", LabelReturn{id}), Rejection::none);
    EXPECT_EQ(world.balance("alice") - before, seat);
    EXPECT_EQ(world.seats(id).free, 0u);
}

TEST_F(LabelWorks, AreSubmittedWithinTheirBounds)
{
    world.begin(id, "bob");
    auto message = LabelWorld::submission(id);
    message.labels = 0;
    EXPECT_EQ(world.apply("bob", message), Rejection::labels_out_of_bounds);
    message.labels = LabelWorld::items + 1;
    EXPECT_EQ(world.apply("bob", message), Rejection::labels_out_of_bounds);
    message.labels = LabelWorld::items;
    message.sealed.push_back(0);
    EXPECT_EQ(world.apply("bob", message), Rejection::malformed_batch);
    message.sealed.resize(message.sealed.size() - 2);
    EXPECT_EQ(world.apply("bob", message), Rejection::malformed_batch);
    message.sealed.push_back(0);
    const auto root = message.root;
    message.root = {};
    EXPECT_EQ(world.apply("bob", message), Rejection::malformed_batch);
    message.root = root;
    EXPECT_EQ(world.apply("carol", message), Rejection::unknown_work);
    EXPECT_EQ(world.apply("bob", message), Rejection::none);
    const auto work = world.work(id, "bob");
    EXPECT_EQ(work.status, LabelWorkStatus::submitted);
    EXPECT_EQ(work.labels, LabelWorld::items);
    EXPECT_EQ(work.root, message.root);
    EXPECT_EQ(work.submitted_in, world.last_tx());
    EXPECT_EQ(world.apply("bob", message), Rejection::work_not_handed) << "once";
}

}  // namespace
}  // namespace market
