#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "tests/support/label_world.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace market {
namespace {

class LabelOrders : public testing::Test {
protected:
    ~LabelOrders() override
    {
        EXPECT_TRUE(broken_invariants(world.view(), world.network()).empty());
        EXPECT_EQ(world.total_held(), world.supply());
    }
    Rejection ordering(const std::function<void(LabelOrder&)>& change)
    {
        auto message = world.good();
        change(message);
        return world.apply("alice", message);
    }

    LabelWorld world;
    static constexpr std::uint64_t seat = LabelWorld::items * LabelWorld::price + LabelWorld::fee;
};

TEST_F(LabelOrders, LockWhatAllLabelsAndAppealsCanCost)
{
    const auto before = world.balance("alice");
    const auto locked = world.locked("alice");
    const auto id = world.order_alone(world.good());
    EXPECT_EQ(before - world.balance("alice"), 2 * seat + world.locked("alice") - locked);
    EXPECT_EQ(world.seats(id).escrow, Amount::micros(2 * seat));
    EXPECT_EQ(world.seats(id).free, 2u);
    EXPECT_TRUE(world.emitted(EventKind::ordered));
    const auto ordered = world.view().get<LabelOrdered>(id);
    EXPECT_EQ(ordered.owner, MarketWorld::address_of("alice"));
    EXPECT_EQ(ordered.ordered, world.good());
    EXPECT_EQ(world.locked("alice") - locked,
              entry_bytes(id, ordered) + entry_bytes(id, world.view().get<LabelTerms>(id)) +
                  entry_bytes(id, world.seats(id)));
}

TEST_F(LabelOrders, AreOfBatchesOfTheSendersOwnDataset)
{
    EXPECT_EQ(world.apply("carol", world.good()), Rejection::not_the_owner);
    EXPECT_EQ(ordering([](auto& m) { m.dataset = DataWorld::dataset("nobody's"); }),
              Rejection::unknown_dataset);
    EXPECT_EQ(ordering([](auto& m) { m.batches.clear(); }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.batches.assign(65, m.batches[0]); }),
              Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.batches[1] = m.batches[0]; }), Rejection::duplicate_entry);
    EXPECT_EQ(ordering([](auto& m) { m.batches[1].batch = 9; }), Rejection::unknown_batch);
}

TEST_F(LabelOrders, PickAsManyFilesAsTheyHaveItems)
{
    EXPECT_EQ(ordering([](auto& m) { m.items = 0; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.items = LabelLimits::items + 1; }),
              Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.picks = {0xff, 0x03}; }), Rejection::none);
    EXPECT_EQ(ordering([](auto& m) { m.picks = {0xff, 0x07}; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.picks = {0xff, 0x03, 0x00}; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.picks.assign(LabelLimits::picks + 1, 0); }),
              Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.items_root = {}; }), Rejection::malformed_order);
}

TEST_F(LabelOrders, AskAQuestionThatHasAnswers)
{
    EXPECT_EQ(ordering([](auto& m) { m.classes = {"cat"}; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.classes.assign(257, "cat"); }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.classes = {"cat", "cat"}; }), Rejection::duplicate_entry);
    EXPECT_EQ(ordering([](auto& m) { m.classes[0] = ""; }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.classes[0] = "c\n"; }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.classes[0].assign(65, 'c'); }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.question.assign(1'025, 'q'); }), Rejection::malformed_text);
    EXPECT_EQ(ordering([](auto& m) { m.question.clear(); }), Rejection::none);
}

TEST_F(LabelOrders, HaveGoldOrNone)
{
    EXPECT_EQ(ordering([](auto& m) { m.gold = 11; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.gold_errors = 3; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.gold = 0; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.gold_root = {}; }), Rejection::malformed_order);
    const auto errors = [&](std::uint32_t count) {
        return ordering([&](auto& m) {
            m.items = m.gold = 100;
            m.gold_errors = count;
        });
    };
    EXPECT_EQ(errors(15), Rejection::none);
    EXPECT_EQ(errors(16), Rejection::malformed_order) << "more than a review shows";
    EXPECT_EQ(ordering([](auto& m) {
                  m.gold = 0;
                  m.gold_errors = 0;
              }),
              Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) {
                  m.gold = 0;
                  m.gold_errors = 0;
                  m.gold_root = {};
              }),
              Rejection::none);
}

TEST_F(LabelOrders, AreForPeopleWhoAreNotTheOwner)
{
    const auto name = [](const char* who) { return MarketWorld::address_of(who); };
    EXPECT_EQ(ordering([](auto& m) { m.seats = 0; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([](auto& m) { m.seats = 17; }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([&](auto& m) { m.arbiter = name("alice"); }), Rejection::malformed_order);
    EXPECT_EQ(ordering([](auto& m) { m.arbiter = {}; }), Rejection::malformed_order);
    EXPECT_EQ(ordering([&](auto& m) { m.annotators = {name("bob")}; }), Rejection::malformed_order)
        << "fewer than there are seats";
    EXPECT_EQ(ordering([&](auto& m) {
                  m.annotators = {name("bob"), name("judy")};
              }),
              Rejection::duplicate_entry);
    EXPECT_EQ(ordering([&](auto& m) {
                  m.annotators = {name("bob"), name("alice")};
              }),
              Rejection::duplicate_entry);
    EXPECT_EQ(ordering([&](auto& m) { m.annotators.resize(65); }), Rejection::too_many_entries);
    EXPECT_EQ(ordering([&](auto& m) {
                  m.annotators = {name("bob"), name("carol")};
              }),
              Rejection::none);
    EXPECT_EQ(ordering([](auto& m) { m.arbiter_wraps.pop_back(); }), Rejection::too_many_entries);
    for (const auto small : {std::uint8_t{0}, std::uint8_t{1}}) {
        ledger::X25519PublicKey key;
        key.bytes[0] = small;
        EXPECT_EQ(ordering([&](auto& m) { m.owner_x25519 = key; }), Rejection::malformed_key);
        EXPECT_EQ(ordering([&](auto& m) { m.arbiter_x25519 = key; }), Rejection::malformed_key);
    }
}

TEST_F(LabelOrders, HaveWindowsThatTheNetworkAllows)
{
    const auto of = [&](std::uint64_t LabelOrder::*window, std::uint64_t seconds) {
        return ordering([&](auto& m) { m.*window = seconds; });
    };
    EXPECT_EQ(of(&LabelOrder::open_s, 0), Rejection::window_out_of_bounds);
    EXPECT_EQ(of(&LabelOrder::open_s, LabelLimits::longest_window_s + 1),
              Rejection::window_out_of_bounds);
    for (const auto& [window, least] : {std::pair{&LabelOrder::work_s, DataWorld::t_rel_s},
                                        std::pair{&LabelOrder::review_s, DataWorld::t_disp_s},
                                        std::pair{&LabelOrder::appeal_s, DataWorld::t_disp_s},
                                        std::pair{&LabelOrder::decide_s, DataWorld::t_disp_s}}) {
        EXPECT_EQ(of(window, least - 1), Rejection::window_out_of_bounds);
        EXPECT_EQ(of(window, least), Rejection::none);
        EXPECT_EQ(of(window, LabelLimits::longest_window_s), Rejection::none);
        EXPECT_EQ(of(window, LabelLimits::longest_window_s + 1), Rejection::window_out_of_bounds);
    }
    auto message = world.good();
    message.appeal_s = 0;
    const auto id = world.order(message);
    EXPECT_EQ(world.view().get<LabelTerms>(id).appeal_ms, DataWorld::t_disp_s * 1'000)
        << "the network's in place of 0";
}

TEST_F(LabelOrders, HaveAPriceThatCanBePaid)
{
    EXPECT_EQ(ordering([](auto& m) { m.price = {}; }), Rejection::amount_is_zero);
    EXPECT_EQ(ordering([](auto& m) { m.price = Amount::micros(1'000'000); }),
              Rejection::insufficient_funds);
    EXPECT_EQ(ordering([](auto& m) { m.price = Amount::max(); }), Rejection::insufficient_funds);
    EXPECT_EQ(ordering([](auto& m) { m.arbiter_fee = Amount::micros(200); }), Rejection::none);
    EXPECT_EQ(ordering([](auto& m) { m.arbiter_fee = Amount::micros(201); }),
              Rejection::fee_too_large)
        << "nobody could appeal";
    EXPECT_EQ(ordering([](auto& m) {
                  m.bond = {};
                  m.arbiter_fee = {};
              }),
              Rejection::none);
}

TEST_F(LabelOrders, WaitForTheirArbiter)
{
    const auto id = world.order_alone(world.good());
    EXPECT_EQ(world.apply("bob", LabelWorld::taking(id)), Rejection::arbiter_not_agreed);
    EXPECT_EQ(world.apply("bob", LabelAgree{id}), Rejection::not_the_arbiter);
    EXPECT_EQ(world.apply("judy", LabelAgree{}), Rejection::unknown_order);
    EXPECT_EQ(world.apply("judy", LabelAgree{id}), Rejection::none);
    EXPECT_TRUE(world.emitted(EventKind::agreed));
    EXPECT_EQ(world.apply("judy", LabelAgree{id}), Rejection::already_agreed);
    EXPECT_EQ(world.apply("bob", LabelWorld::taking(id)), Rejection::none);
    const auto other = world.order_alone(world.good());
    EXPECT_EQ(world.apply("alice", LabelOrderClose{other}), Rejection::none);
    EXPECT_EQ(world.apply("judy", LabelAgree{other}), Rejection::order_closed);
}

TEST_F(LabelOrders, TheLargestFitATransaction)
{
    auto message = world.good();
    message.batches.resize(LabelLimits::batches, message.batches[0]);
    message.arbiter_wraps.resize(LabelLimits::batches);
    message.picks.resize(LabelLimits::picks, 1);
    message.classes.assign(LabelLimits::classes, std::string(LabelLimits::class_name, 'c'));
    message.question.assign(LabelLimits::question, 'q');
    message.annotators.resize(LabelLimits::annotators);
    EXPECT_LT(encode_message(message).size() + 500, ledger::TransactionLimits::bytes);
    LabelReview review;
    review.errors.resize(LabelLimits::errors);
    for (auto& error : review.errors) error.path = error.gold_path = std::vector<Hash>(13);
    EXPECT_LT(encode_message(review).size() + 500, ledger::TransactionLimits::bytes);
    LabelSubmit submit;
    submit.sealed.resize(32 + 3 * LabelLimits::items + 16);
    EXPECT_LT(encode_message(submit).size() + 500, ledger::TransactionLimits::bytes);
    EXPECT_LE(submit.sealed.size(), 32'784u);
}

TEST_F(LabelOrders, CostTheCheckingOfTheirKeysAndPaths)
{
    const auto fee = [&](const Message& message) {
        return least_fee(world.network(), message).micros();
    };
    const auto least = fee(LabelOrderClose{});
    EXPECT_EQ(fee(world.good()), 3 * least);
    EXPECT_EQ(fee(LabelTake{}), 2 * least);
    LabelReview review;
    EXPECT_EQ(fee(review), least);
    review.errors.resize(16);
    for (auto& error : review.errors) error.path = error.gold_path = std::vector<Hash>(13);
    EXPECT_EQ(fee(review), 2 * least);
}

TEST_F(LabelOrders, AreClosedByTheOwnerAtAnyTimeAndByAnyoneOnceTheyAreOld)
{
    const auto id = world.order();
    world.take(id, "bob");
    EXPECT_EQ(world.apply("carol", LabelOrderClose{id}), Rejection::window_not_over);
    EXPECT_EQ(world.apply("carol", LabelOrderClose{}), Rejection::unknown_order);
    const auto before = world.balance("alice");
    EXPECT_EQ(world.apply("alice", LabelOrderClose{id}), Rejection::none);
    EXPECT_EQ(world.balance("alice") - before, seat) << "of the seat that nobody took";
    EXPECT_EQ(world.apply("alice", LabelOrderClose{id}), Rejection::order_closed);
    EXPECT_EQ(world.apply("carol", LabelWorld::taking(id)), Rejection::order_closed);
    EXPECT_EQ(world.work(id, "bob").status, LabelWorkStatus::taken) << "goes on";

    const auto old = world.order();
    world.pass_s(LabelWorld::open_s);
    EXPECT_EQ(world.apply("carol", LabelOrderClose{old}), Rejection::none);
}

}  // namespace
}  // namespace market
