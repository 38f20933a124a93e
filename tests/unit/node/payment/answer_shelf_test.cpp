#include "node/payment/answer_shelf.hpp"

#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

constexpr ledger::TimeMs now{1000};

CallKey key(std::uint8_t n)
{
    CallKey made;
    made.bytes[0] = n;
    return made;
}

struct Shelf : testing::Test {
    FakeJournal journal;
    AnswerShelf shelf{journal, {10, 25, 4}};

    void store(std::uint8_t n, std::size_t bytes, std::uint64_t until = 2000)
    {
        JournalBatch batch;
        CallRecord record;
        record.until_ms = until;
        record.payment_response = "paid";
        const auto answer = to_stored(Response::json(200, std::string(bytes, 'x')));
        shelf.store(batch, key(n), record, answer, now);
        journal.commit(std::move(batch), [](const auto& done) { ASSERT_TRUE(done); });
        shelf.admit(record);
    }
};

TEST_F(Shelf, GivesBackWhatWasStored)
{
    store(1, 10);
    const auto call = shelf.load(key(1));
    ASSERT_TRUE(call);
    ASSERT_TRUE(call->answer);
    EXPECT_EQ(from_stored(*call->answer).body().view(), "xxxxxxxxxx");
    EXPECT_EQ(call->record.payment_response, "paid");
}

TEST_F(Shelf, KeepsNoAnswerAboveTheLimit)
{
    store(1, 11);
    EXPECT_FALSE(shelf.load(key(1))->answer);
    EXPECT_TRUE(shelf.find(key(1), now));
}

TEST_F(Shelf, ForgetsTheOldestAnswersWhenTheyAreTooManyBytes)
{
    store(1, 10);
    store(2, 10);
    store(3, 10);
    EXPECT_FALSE(shelf.load(key(1))->answer);
    EXPECT_EQ(shelf.load(key(1))->record.payment_response, "paid");
    EXPECT_TRUE(shelf.load(key(2))->answer);
    EXPECT_TRUE(shelf.load(key(3))->answer);
    EXPECT_EQ(shelf.stored_bytes(), 20u);
}

TEST_F(Shelf, ForgetsTheOldestCallsWhenTheyAreTooMany)
{
    for (std::uint8_t n = 1; n <= 5; ++n) store(n, 1);
    EXPECT_FALSE(shelf.find(key(1), now));
    EXPECT_FALSE(shelf.load(key(1)));
    EXPECT_TRUE(shelf.find(key(2), now));
}

TEST_F(Shelf, ForgetsWhatIsOver)
{
    store(1, 1, 1500);
    EXPECT_TRUE(shelf.find(key(1), {1499}));
    EXPECT_FALSE(shelf.find(key(1), {1500}));
}

TEST_F(Shelf, KnowsTheSameAfterARestart)
{
    store(1, 10);
    store(2, 3);
    AnswerShelf again{journal, {10, 25, 4}};
    ASSERT_TRUE(again.rebuild());
    EXPECT_TRUE(again.find(key(2), now));
    EXPECT_EQ(again.stored_bytes(), 13u);
}

TEST_F(Shelf, KeepsTheNewestOfTwoCallsUnderAKey)
{
    store(1, 10);
    store(2, 3);
    store(1, 4);
    EXPECT_EQ(shelf.load(key(1))->answer->body.size(), 4u);
    EXPECT_EQ(shelf.stored_bytes(), 7u);
    AnswerShelf again{journal, {10, 25, 4}};
    ASSERT_TRUE(again.rebuild());
    EXPECT_EQ(again.load(key(1))->answer->body.size(), 4u);
    EXPECT_EQ(again.stored_bytes(), 7u);
}

TEST_F(Shelf, KnowsTheNewestWhereTheJournalHasTwoRowsOfAKey)
{
    store(1, 3);
    const ledger::Bytes first_row{0, 0, 0, 0, 0, 0, 0, 1};
    const auto first = *journal.get(payment_table::calls, first_row);
    ASSERT_TRUE(first);
    store(1, 4);
    // It was being settled while it was forgotten.
    journal.commit({{std::string{payment_table::calls}, first_row, *first}},
                   [](const auto& done) { ASSERT_TRUE(done); });
    AnswerShelf again{journal, {10, 25, 2}};
    ASSERT_TRUE(again.rebuild());
    EXPECT_EQ(again.stored_bytes(), 4u);
    for (std::uint8_t n = 2; n <= 4; ++n) {
        JournalBatch batch;
        CallRecord record;
        record.until_ms = 2000;
        again.store(batch, key(n), record, to_stored(Response::json(200, "x")), now);
        again.admit(record);
    }
    EXPECT_FALSE(again.find(key(1), now));
    EXPECT_TRUE(again.find(key(4), now));
    EXPECT_EQ(again.stored_bytes(), 2u);
}

TEST_F(Shelf, GoesOnCountingAfterARestart)
{
    for (std::uint8_t n = 1; n <= 3; ++n) store(n, 1);
    AnswerShelf again{journal, {10, 25, 4}};
    ASSERT_TRUE(again.rebuild());
    JournalBatch batch;
    CallRecord record;
    record.until_ms = 2000;
    again.store(batch, key(4), record, to_stored(Response::json(200, "x")), now);
    EXPECT_GT(record.order, 3u);
}

TEST_F(Shelf, LetsOneRequestWorkUnderAKey)
{
    EXPECT_TRUE(shelf.begin(key(1)));
    EXPECT_FALSE(shelf.begin(key(1)));
    shelf.end(key(1));
    EXPECT_TRUE(shelf.begin(key(1)));
}

}  // namespace
}  // namespace node
