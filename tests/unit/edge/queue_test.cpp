#include "edge/queue/queue_status.hpp"
#include "tests/unit/edge/queue_fixture.hpp"

namespace edge {
namespace {

TEST_F(EdgeQueueTest, KeepsWhatWasSyncedWhenThePowerGoesAndNothingElse)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->sync());
    add("b", "two");
    ASSERT_TRUE(queue_->sync());
    add("c", "three");
    lose_power();
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a", text("one")}, {"b", text("two")}}}));
}

TEST_F(EdgeQueueTest, HasNothingInTheClearOnTheDisk)
{
    open();
    const std::string canary = "a canary that sings in plaintext";
    add("canary-name", canary + std::string(40'000, 'x') + canary);
    ASSERT_TRUE(queue_->add_row(as_bytes(canary)));
    ASSERT_TRUE(queue_->sync());
    add("second", canary);
    ASSERT_TRUE(queue_->cut());
    for (const auto& name : *disk_.list("q")) {
        const auto bytes = disk_.contents("q/" + name);
        EXPECT_EQ(ledger::as_text(bytes).find("canary"), std::string_view::npos) << name;
    }
    EXPECT_EQ(batches().at(0).at("second"), text(canary));
}

TEST_F(EdgeQueueTest, CutsByLength)
{
    open();
    for (int i = 0; i < 5; ++i) {
        add("i" + std::to_string(i), std::string(60'000, 'x'));
        ASSERT_TRUE(queue_->sync());
    }
    EXPECT_EQ(batches().size(), 1U) << "of 200,000 bytes";
    EXPECT_EQ(queue_->stats().open_items, 1U);
}

TEST_F(EdgeQueueTest, CutsByAgeAndWhenTheClockIsSetBack)
{
    open();
    add("a", "1");
    ASSERT_TRUE(queue_->sync());
    world_.now += world_.options.cut_seconds - 1;
    EXPECT_FALSE(queue_->is_due());
    world_.now += 1;
    EXPECT_TRUE(queue_->is_due());
    ASSERT_TRUE(queue_->sync());
    EXPECT_EQ(batches().size(), 1U);
    add("a", "2");
    world_.now -= 100;
    ASSERT_TRUE(queue_->sync());
    EXPECT_EQ(batches().size(), 2U);
}

TEST_F(EdgeQueueTest, TakesAnItemWithAnIdOnceAlsoAfterItsBatchWasSent)
{
    open();
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::added);
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::known);
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::known);
    ASSERT_TRUE(queue_->mark_sent(1));
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::known);
    lose_power();
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::known);
    ASSERT_TRUE(queue_->forget_all_but({id_of(2)}));
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::added);
}

TEST_F(EdgeQueueTest, ForgetsTheIdOfAnItemThatWasNotSynced)
{
    open();
    ASSERT_TRUE(queue_->add("a", as_bytes("1"), id_of(1)));
    disk_.fail({.only = SimDisk::Step::sync});
    EXPECT_FALSE(queue_->sync());
    EXPECT_EQ(*queue_->add("a", as_bytes("1"), id_of(1)), Queue::Added::added);
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a", text("1")}}}));
}

TEST_F(EdgeQueueTest, DrawsAnotherKeyAfterAFailedWrite)
{
    open();
    add("a", "1");
    ASSERT_TRUE(queue_->sync());
    add("b", "2");
    disk_.fail({.only = SimDisk::Step::write, .partial_bytes = 60});
    EXPECT_EQ(queue_->sync().error().kind, ErrorKind::io);
    add("c", "3");
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a", text("1")}}, {{"c", text("3")}}}));
    EXPECT_NE(queue_->read(1)->contribution.summary.point,
              queue_->read(2)->contribution.summary.point);
}

TEST_F(EdgeQueueTest, NeverSyncsOverWhatWasLostWhileMoreWasAdded)
{
    world_.options.budget_bytes = std::uint64_t{64} << 20;
    open();
    add("a", "1");
    disk_.fail({.only = SimDisk::Step::sync});
    ASSERT_FALSE(queue_->add("much", some_bytes(1, std::size_t{5} << 20), {}));
    EXPECT_FALSE(queue_->sync()) << "or who asks would take the first item for safe";
    add("b", "2");
    ASSERT_TRUE(queue_->cut()) << "it was told once";
    EXPECT_EQ(batches(), (std::vector<Items>{{{"b", text("2")}}}));
}

TEST_F(EdgeQueueTest, RefusesNamesThatABatchCannotHaveTwice)
{
    open();
    add("a/b", "1");
    for (const auto* name : {"a/b", "a", "a/b/c", "rows", "rows/1", "", "/a", "../a", "a//b"})
        EXPECT_FALSE(queue_->add(name, {}, {})) << name;
    EXPECT_EQ(queue_->add("a/b", {}, {}).error().kind, ErrorKind::denied);
    ASSERT_TRUE(queue_->cut());
    add("a/b", "2");
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a/b", text("1")}}, {{"a/b", text("2")}}}));
}

TEST_F(EdgeQueueTest, JoinsTheRowsBetweenTwoSyncs)
{
    world_.options.shares = SharesRule::rows;
    open();
    ASSERT_TRUE(queue_->add_row(as_bytes("1,2")));
    ASSERT_TRUE(queue_->add_row(as_bytes("3,4")));
    ASSERT_TRUE(queue_->sync());
    ASSERT_TRUE(queue_->add_row(as_bytes("5,6")));
    EXPECT_FALSE(queue_->add_row(as_bytes("7\n8")));
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(batches(), (std::vector<Items>{{{"rows/000001", text("1,2\n3,4\n")},
                                              {"rows/000002", text("5,6\n")}}}));
    EXPECT_EQ(queue_->read(1)->contribution.shares, 3U);
}

TEST_F(EdgeQueueTest, CountsSharesInBytesOfText)
{
    open();
    add("a", "12345");
    ASSERT_TRUE(queue_->add_row(as_bytes("123")));
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(queue_->read(1)->contribution.shares, 9U);
}

TEST_F(EdgeQueueTest, RefusesWhenTheBudgetIsUsedUpAndTakesMoreWhenBatchesWereSent)
{
    world_.options.budget_bytes = 300'000;
    world_.options.cut_bytes = 100'000;
    open();
    int taken = 0;
    while (const auto added = queue_->add("i" + std::to_string(taken), some_bytes(1, 50'000), {})) {
        ASSERT_TRUE(queue_->sync());
        ++taken;
        ASSERT_LT(taken, 10);
    }
    EXPECT_EQ(taken, 5);
    EXPECT_EQ(queue_->add("more", some_bytes(1, 50'000), {}).error().kind, ErrorKind::full);
    EXPECT_EQ(queue_->add_row(Bytes(60'000)).error().kind, ErrorKind::full);
    EXPECT_LE(queue_->stats().file_bytes, 300'000U);
    ASSERT_TRUE(queue_->mark_sent(1));
    EXPECT_TRUE(queue_->add("more", some_bytes(1, 50'000), {}));
}

TEST_F(EdgeQueueTest, DropsTheOldestBatchWhenToldToAndCountsIt)
{
    world_.options.budget_bytes = 300'000;
    world_.options.cut_bytes = 100'000;
    world_.options.when_full = WhenFull::drop_oldest;
    open();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(queue_->add("i" + std::to_string(i), some_bytes(1, 50'000), id_of(i)));
        ASSERT_TRUE(queue_->sync());
        EXPECT_LE(queue_->stats().file_bytes, 300'000U);
    }
    const auto stats = queue_->stats();
    EXPECT_GT(stats.counts.dropped_batches, 5U);
    EXPECT_EQ(stats.counts.dropped_items + stats.batch_items + stats.open_items, 20U);
    EXPECT_EQ(*queue_->next_unsent(0), stats.counts.dropped_batches + 1) << "the oldest went first";
    // What was dropped is not taken again: it would push out what is newer.
    EXPECT_EQ(*queue_->add("i0", some_bytes(1, 50'000), id_of(0)), Queue::Added::known);
    lose_power();
    EXPECT_EQ(queue_->stats().counts.dropped_items, stats.counts.dropped_items);
}

TEST_F(EdgeQueueTest, NeverGivesANumberTwice)
{
    open();
    add("a", "1");
    ASSERT_TRUE(queue_->cut());
    ASSERT_TRUE(queue_->mark_sent(1));
    lose_power();
    add("a", "2");
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(*queue_->next_unsent(0), 2U);
    // Also when the folder has lost the counter's name.
    queue_.reset();
    ASSERT_TRUE(disk_.remove("q/next-00000000000000000003"));
    open();
    EXPECT_EQ(queue_->stats().next_batch, 3U);
}

TEST_F(EdgeQueueTest, DropsNoBatchThatIsOpenForReading)
{
    world_.options.when_full = WhenFull::drop_oldest;
    world_.options.budget_bytes = 100'000;
    world_.options.cut_bytes = 50'000;
    open();
    for (const auto* name : {"a", "b"}) {
        ASSERT_TRUE(queue_->add(name, some_bytes(1, 40'000), {}));
        ASSERT_TRUE(queue_->cut());
    }
    std::optional<StoredBatch> batch = std::move(*queue_->read(1));
    ASSERT_TRUE(queue_->add("c", some_bytes(2, 40'000), {}));
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(*queue_->next_unsent(0), 1U);
    EXPECT_EQ(*queue_->next_unsent(1), 3U) << "the younger one made room";
    EXPECT_TRUE(open_items(*batch, world_));
    EXPECT_EQ(queue_->add("d", some_bytes(3, 90'000), {}).error().kind, ErrorKind::full);
    batch.reset();
    EXPECT_TRUE(queue_->add("d", some_bytes(3, 90'000), {}));
    EXPECT_FALSE(queue_->next_unsent(0));
}

TEST_F(EdgeQueueTest, BeginsAtTheNumberGiven)
{
    world_.options.first_batch = 500;
    open();
    add("a", "1");
    ASSERT_TRUE(queue_->cut());
    EXPECT_EQ(*queue_->next_unsent(0), 500U);
}

TEST_F(EdgeQueueTest, BelongsToOneDeviceDatasetAndNetwork)
{
    open();
    queue_.reset();
    world_.options.dataset.bytes[0] ^= 1;
    EXPECT_EQ(world_.open(disk_).error().kind, ErrorKind::denied);
    world_.options.dataset.bytes[0] ^= 1;
    world_.options.network.bytes[0] ^= 1;
    EXPECT_EQ(world_.open(disk_).error().kind, ErrorKind::denied);
    world_.options.network.bytes[0] ^= 1;
    world_.device = ledger::SecretKey::generate(world_.random);
    EXPECT_EQ(world_.open(disk_).error().kind, ErrorKind::denied);
}

TEST_F(EdgeQueueTest, RefusesOptionsThatMakeNoSense)
{
    const auto refused = [&](auto change) {
        auto world = EdgeWorld{3};
        change(world.options);
        SimDisk disk;
        const auto opened = world.open(disk);
        return !opened && opened.error().kind == ErrorKind::invalid;
    };
    EXPECT_TRUE(refused([](QueueOptions& o) { o.masters.clear(); }));
    EXPECT_TRUE(refused([](QueueOptions& o) { o.masters.push_back(o.masters[0]); }));
    EXPECT_TRUE(refused([](QueueOptions& o) { o.budget_bytes = 1000; }));
    EXPECT_TRUE(refused([](QueueOptions& o) { o.cut_bytes = o.budget_bytes; }));
    EXPECT_TRUE(refused([](QueueOptions& o) { o.cut_seconds = 0; }));
    EXPECT_TRUE(refused([](QueueOptions& o) { o.first_batch = 0; }));
}

TEST_F(EdgeQueueTest, SealsToEveryMaster)
{
    const auto second = ledger::X25519Key::generate(world_.random);
    world_.options.masters.push_back(x25519_public_key(second));
    open();
    add("a", "1");
    ASSERT_TRUE(queue_->cut());
    const auto batch = queue_->read(1);
    const auto& said = batch->contribution;
    ASSERT_EQ(said.wraps.size(), 2U);
    const auto first = ledger::sealing::unwrap(said.wraps[0], said.dataset, world_.master);
    const auto other = ledger::sealing::unwrap(said.wraps[1], said.dataset, second);
    ASSERT_TRUE(first && other);
    EXPECT_EQ(public_key(*first), said.summary.point);
    EXPECT_EQ(public_key(*other), said.summary.point);
}

TEST_F(EdgeQueueTest, SendsWithoutMastersAndTakesNothingThen)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->sync());
    queue_.reset();
    auto opened = Queue::open_to_send(disk_, "q", world_.device, world_.random, [] { return 0; });
    ASSERT_TRUE(opened) << opened.error().detail;
    queue_ = std::move(*opened);
    EXPECT_EQ(batches(), (std::vector<Items>{{{"a", text("one")}}}));
    EXPECT_EQ(queue_->add("b", {}, {}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(Queue::open_to_send(disk_, "other", world_.device, world_.random, [] { return 0; })
                  .error()
                  .kind,
              ErrorKind::not_found);
}

TEST_F(EdgeQueueTest, IsLookedAtWithoutAKey)
{
    open();
    add("a", "one");
    ASSERT_TRUE(queue_->cut());
    add("b", "two");
    ASSERT_TRUE(queue_->sync());
    const auto status = look_at_queue(disk_, "q");
    ASSERT_TRUE(status) << status.error().detail;
    EXPECT_EQ(status->batches, 1U);
    EXPECT_EQ(status->batch_items, 1U);
    EXPECT_EQ(status->open_items, 1U);
    EXPECT_EQ(status->next_batch, 3U);
    EXPECT_EQ(status->file_bytes, queue_->stats().file_bytes);
    EXPECT_EQ(status->identity.device, public_key(world_.device));
    EXPECT_EQ(look_at_queue(disk_, "other").error().kind, ErrorKind::not_found);
}

TEST_F(EdgeQueueTest, HoldsAMonthOfBatchesAndSendsThemInOrder)
{
    open();
    for (int i = 0; i < 100; ++i) {
        add("reading", std::to_string(i));
        world_.now += 7 * 3600;
        ASSERT_TRUE(queue_->sync());
        if (i % 10 == 0) lose_power();
    }
    const auto all = batches();
    ASSERT_EQ(all.size(), 100U);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(all[static_cast<std::size_t>(i)].at("reading"), text(std::to_string(i)));
    std::uint64_t number = 0;
    while (const auto next = queue_->next_unsent(number)) {
        number = *next;
        ASSERT_TRUE(queue_->mark_sent(number));
        EXPECT_EQ(queue_->mark_sent(number).error().kind, ErrorKind::not_found);
    }
    EXPECT_EQ(queue_->stats().counts.sent, 100U);
    EXPECT_EQ(queue_->stats().file_bytes, 0U);
}

}  // namespace
}  // namespace edge
