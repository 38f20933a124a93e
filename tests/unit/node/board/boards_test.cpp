#include "node/board/boards.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using market::GpuOrderId;

/// Notes of made-up senders; nothing here looks at signatures.
struct BoardsTest : testing::Test {
    static GpuOrderId order_of(std::uint8_t n)
    {
        GpuOrderId id;
        id.bytes.fill(n);
        return id;
    }
    static ledger::Address person(std::uint8_t n)
    {
        ledger::Address made;
        made.bytes.fill(n);
        return made;
    }
    static SignedNote note(std::uint64_t sent_ms, std::uint8_t order = 1, std::uint8_t from = 1,
                           const std::string& topic = "state", const std::string& body = "{}")
    {
        return {{order_of(order), topic, sent_ms, body}, person(from), {}};
    }
    /// Numbers of what a reader of order 1 gets.
    std::vector<std::uint64_t> read(std::uint64_t after = 0, std::uint8_t order = 1)
    {
        std::vector<std::uint64_t> numbers;
        for (const auto& each : boards->read(order_of(order), after).notes)
            numbers.push_back(each->number);
        return numbers;
    }
    void open(const BoardLimits& limits)
    {
        BoardId id;
        id.bytes.fill(7);
        boards.emplace(id, limits);
    }
    /// Room for so many small notes.
    static BoardLimits room_for(std::uint64_t notes, std::uint64_t boards_that_fit = 1)
    {
        BoardLimits limits;
        limits.senders_that_fit = 1;
        limits.bytes = notes * note_bytes(note(1).note);
        limits.boards_that_fit = boards_that_fit;
        return limits;
    }

    std::optional<Boards> boards{std::in_place, BoardId{}};
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(BoardsTest, CountNotesUpOverAnOrder)
{
    EXPECT_EQ(boards->put(note(5))->number, 1u);
    EXPECT_EQ(boards->put(note(5, 1, 2))->number, 2u);
    EXPECT_EQ(boards->put(note(5, 1, 1, "batch"))->number, 3u);
    EXPECT_EQ(boards->put(note(5, 2))->number, 1u) << "another order";
    EXPECT_EQ(read(), (Numbers{1, 2, 3}));
    EXPECT_EQ(read(1), (Numbers{2, 3}));
    EXPECT_EQ(read(3), Numbers{});
    EXPECT_EQ(read(0, 3), Numbers{});
    const auto page = boards->read(order_of(1), 2);
    EXPECT_EQ(page.last, 3u);
    EXPECT_EQ(page.notes.at(0)->posted.note, note(5, 1, 1, "batch").note);
    EXPECT_EQ(page.notes.at(0)->posted.from, person(1));
}

TEST_F(BoardsTest, TakeTheSameNoteOnce)
{
    ASSERT_TRUE(boards->put(note(5)));
    ASSERT_TRUE(boards->put(note(6)));
    for (const std::uint64_t sent : {5u, 6u}) {
        const auto again = boards->put(note(sent));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->number, sent - 4);
        EXPECT_FALSE(again->is_new);
    }
    EXPECT_EQ(read(), (Numbers{1, 2}));
    EXPECT_EQ(boards->usage().notes, 2u);
}

TEST_F(BoardsTest, RefuseWhatWasNotSentAfterTheLastOfItsTopic)
{
    ASSERT_TRUE(boards->put(note(5)));
    EXPECT_EQ(boards->put(note(5, 1, 1, "state", "[]")).error(), NoteRefusal::out_of_order);
    EXPECT_EQ(boards->put(note(4)).error(), NoteRefusal::out_of_order);
    EXPECT_TRUE(boards->put(note(4, 1, 1, "voucher"))) << "of another topic";
    EXPECT_TRUE(boards->put(note(4, 1, 2))) << "of another sender";
    EXPECT_TRUE(boards->put(note(4, 2))) << "of another order";
}

TEST_F(BoardsTest, KeepTheNewestNotesOfASenderAndTopic)
{
    ASSERT_TRUE(boards->put(note(1, 1, 2)));
    for (std::uint64_t sent = 1; sent <= 66; ++sent) ASSERT_TRUE(boards->put(note(sent)));
    EXPECT_EQ(boards->usage().notes, 65u);
    EXPECT_EQ(boards->usage().bytes, 65 * note_bytes(note(1).note));
    const auto first = read();
    EXPECT_EQ(first.size(), 64u) << "a page";
    EXPECT_EQ(first.at(0), 1u) << "the other sender's";
    EXPECT_EQ(first.at(1), 4u) << "the third of 66";
    EXPECT_EQ(read(first.back()), Numbers{67});
    EXPECT_EQ(boards->put(note(2)).error(), NoteRefusal::out_of_order) << "forgotten, and old";
}

TEST_F(BoardsTest, BoundTheTopicsOfASender)
{
    for (int topic = 0; topic < 16; ++topic)
        ASSERT_TRUE(boards->put(note(1, 1, 1, "t" + std::to_string(topic))));
    EXPECT_EQ(boards->put(note(1, 1, 1, "one-more")).error(), NoteRefusal::too_many_topics);
    EXPECT_TRUE(boards->put(note(2, 1, 1, "t0"))) << "it is there";
    EXPECT_TRUE(boards->put(note(1, 1, 2, "one-more"))) << "of another sender";
}

TEST_F(BoardsTest, LetTheBoardsOfOrdersThatAreOverGoWhenThereIsNoRoom)
{
    open(room_for(4));
    ASSERT_TRUE(boards->put(note(1, 1)));
    ASSERT_TRUE(boards->put(note(1, 2)));
    ASSERT_TRUE(boards->put(note(1, 3)));
    ASSERT_TRUE(boards->put(note(2, 1))) << "now 2 was written longest ago";
    EXPECT_EQ(boards->put(note(1, 4)).error(), NoteRefusal::full);
    EXPECT_EQ(read(0, 4), Numbers{});
    boards->mark_over(order_of(1));
    boards->mark_over(order_of(2));
    boards->mark_over(order_of(9));
    EXPECT_EQ(boards->open({}, 9), (std::vector{order_of(3)}));
    EXPECT_EQ(read(0, 2), Numbers{1}) << "they stay while there is room";
    ASSERT_TRUE(boards->put(note(1, 4)));
    EXPECT_EQ(read(0, 2), Numbers{});
    EXPECT_EQ(read(0, 1), (Numbers{1, 2}));
    ASSERT_TRUE(boards->put(note(2, 4)));
    EXPECT_EQ(read(0, 1), Numbers{});
    ASSERT_TRUE(boards->put(note(3, 4))) << "two notes went";
    EXPECT_EQ(boards->put(note(4, 4)).error(), NoteRefusal::full) << "nothing is over any more";
    EXPECT_EQ(boards->usage().notes, 4u);
    EXPECT_EQ(read(0, 3), Numbers{1});
}

TEST_F(BoardsTest, GiveOneOrderAPartOfTheRoom)
{
    open(room_for(8, 4));
    ASSERT_TRUE(boards->put(note(1)));
    ASSERT_TRUE(boards->put(note(2)));
    EXPECT_EQ(boards->put(note(3)).error(), NoteRefusal::full);
    EXPECT_TRUE(boards->put(note(1, 2)));
}

TEST_F(BoardsTest, GiveOneSenderAPartOfABoard)
{
    auto limits = room_for(8, 2);
    limits.senders_that_fit = 2;
    open(limits);
    ASSERT_TRUE(boards->put(note(1, 1, 1)));
    ASSERT_TRUE(boards->put(note(2, 1, 1)));
    EXPECT_EQ(boards->put(note(3, 1, 1)).error(), NoteRefusal::full);
    EXPECT_TRUE(boards->put(note(1, 1, 2))) << "others have theirs";
}

TEST_F(BoardsTest, AskWhatElseIsInTheWayLast)
{
    int asked = 0;
    const Boards::Admit refuse = [&]() -> std::optional<NoteRefusal> {
        ++asked;
        return NoteRefusal::full;
    };
    EXPECT_EQ(boards->put(note(5), refuse).error(), NoteRefusal::full);
    EXPECT_EQ(read(), Numbers{});
    ASSERT_TRUE(boards->put(note(5)));
    EXPECT_EQ(boards->put(note(4), refuse).error(), NoteRefusal::out_of_order);
    EXPECT_TRUE(boards->put(note(5), refuse)) << "it is up";
    EXPECT_EQ(asked, 1);
}

TEST_F(BoardsTest, TellWhoWaitsOnce)
{
    int told = 0;
    const Boards::Tell tell = [&](bool) { ++told; };
    const auto wait = boards->wait(order_of(1), 0, tell);
    ASSERT_TRUE(wait);
    ASSERT_TRUE(boards->put(note(1, 2)));
    EXPECT_EQ(told, 0) << "another order's";
    EXPECT_EQ(boards->usage().waiting, 1u);
    ASSERT_TRUE(boards->put(note(1)));
    EXPECT_EQ(told, 1);
    ASSERT_TRUE(boards->put(note(2)));
    EXPECT_EQ(told, 1);
    EXPECT_EQ(boards->usage().waiting, 0u);
    ASSERT_TRUE(boards->wait(order_of(1), 1, tell));
    EXPECT_EQ(told, 2) << "there is something to read";
    ASSERT_TRUE(boards->wait(order_of(1), 7, tell));
    EXPECT_EQ(told, 3) << "what it knows is not of this board";
}

TEST_F(BoardsTest, ForgetWhoWaitsNoMore)
{
    int told = 0;
    {
        auto wait = boards->wait(order_of(1), 0, [&](bool) { ++told; });
        Boards::Wait moved{std::move(*wait)};
        EXPECT_EQ(boards->usage().waiting, 1u);
    }
    EXPECT_EQ(boards->usage().waiting, 0u);
    ASSERT_TRUE(boards->put(note(1)));
    EXPECT_EQ(told, 0);
}

TEST_F(BoardsTest, BoundHowManyWaitAndEndThem)
{
    BoardLimits limits;
    limits.senders_that_fit = 1;
    limits.waiting = 2;
    open(limits);
    int told = 0;
    const Boards::Tell tell = [&](bool) { ++told; };
    const auto first = boards->wait(order_of(1), 0, tell);
    const auto second = boards->wait(order_of(2), 0, tell);
    EXPECT_FALSE(boards->wait(order_of(3), 0, tell));
    EXPECT_EQ(told, 0);
    boards->end_waits();
    EXPECT_EQ(told, 2);
    EXPECT_TRUE(boards->wait(order_of(1), 0, tell));
    EXPECT_EQ(told, 3) << "nobody waits any more";
}

}  // namespace
}  // namespace node
