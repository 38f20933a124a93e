#include "tests/unit/node/inbox/inbox_fixture.hpp"

namespace node {
namespace {

TEST_F(InboxTest, DatasetsShareTheRoom)
{
    market::DatasetRegister made;
    made.name = "other";
    made.owner_ppm = {1'000'000};
    send(2, made);
    const auto other = market::dataset_id(test_account(2), "other");
    inbox.emplace(journal, std::set{dataset, other}, InboxLimits{2, 2});
    ASSERT_TRUE(inbox->rebuild());
    const auto put = [&](const market::DatasetId& of, std::uint64_t number) {
        WaitingBatch batch;
        batch.contribution.dataset = of;
        batch.contribution.batch = number;
        batch.contribution.root = random.next<Hash>();
        std::optional<Result<void>> said;
        inbox->put(batch, [&](Result<void> done) { said = std::move(done); });
        return *said;
    };
    EXPECT_TRUE(put(dataset, 1));
    EXPECT_EQ(put(dataset, 2).error().kind, ErrorKind::full);
    EXPECT_TRUE(put(other, 1));
}

TEST_F(InboxTest, ADatasetThatIsNamedNoLongerTakesNoRoomAndComesBack)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    const auto other = market::dataset_id(test_account(2), "other");
    inbox.emplace(journal, std::set{other});
    ASSERT_TRUE(inbox->rebuild());
    EXPECT_EQ(inbox->size(), 0u);
    EXPECT_FALSE(inbox->wants(batch.summary.root));
    open();
    EXPECT_EQ(items().size(), 1u);
}

/// A journal that answers when it is told to.
struct SlowJournal final : FakeJournal {
    void commit(JournalBatch batch, Done done) override
    {
        waiting.push_back([this, batch = std::move(batch), done](bool works) mutable {
            failing = !works;
            FakeJournal::commit(std::move(batch), done);
            failing = false;
        });
    }
    void answer(bool works = true)
    {
        auto next = std::move(waiting.front());
        waiting.erase(waiting.begin());
        next(works);
    }
    std::vector<std::function<void(bool)>> waiting;
};

TEST_F(InboxTest, NobodyIsToldOfWhatIsNotDurableNorCanChangeWhatIsBeingWritten)
{
    SlowJournal slow;
    std::optional<Inbox> box{std::in_place, slow, std::set{dataset}};
    WaitingBatch batch;
    batch.contribution.dataset = dataset;
    batch.contribution.batch = 1;
    const auto key = key_of(batch.contribution);
    std::vector<std::optional<ErrorKind>> said;
    const auto note = [&](const Result<void>& done) {
        said.push_back(done ? std::nullopt : std::optional{done.error().kind});
    };
    box->put(batch, note);
    EXPECT_FALSE(box->find(key));
    EXPECT_TRUE(box->list(dataset, {}, 10).empty());
    box->put(batch, note);
    box->remove(key, note);
    EXPECT_EQ(said, (std::vector<std::optional<ErrorKind>>{ErrorKind::unavailable,
                                                           ErrorKind::unavailable}));
    slow.answer();
    EXPECT_TRUE(box->find(key));
    box->remove(key, note);
    EXPECT_TRUE(box->find(key)) << "until that is durable";
    slow.answer(false);
    EXPECT_TRUE(box->find(key));
    box->remove(key, note);
    box.reset();
    slow.answer();  // the journal calls back late
    EXPECT_EQ(said.back(), std::nullopt);
}

TEST_F(InboxTest, WhatWaitsSurvivesARestart)
{
    const auto batch = batch_named("one");
    ASSERT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
    const auto before = items();
    open();
    EXPECT_EQ(items(), before);
    EXPECT_TRUE(inbox->wants(batch.summary.root));
}

TEST_F(InboxTest, WhatTheDiskDoesNotTakeIsNotThere)
{
    journal.failing = true;
    const auto batch = batch_named("one");
    EXPECT_GE(bring(statement(batch, 1), manifest(batch)).status, 500u);
    EXPECT_TRUE(items().empty());
    journal.failing = false;
    EXPECT_EQ(bring(statement(batch, 1), manifest(batch)).status, 201u);
}

}  // namespace
}  // namespace node
