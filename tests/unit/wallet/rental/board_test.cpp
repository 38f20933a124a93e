#include "tests/unit/wallet/rental/fake_board.hpp"
#include "wallet/rental/notes.hpp"

#include <gtest/gtest.h>

namespace wallet::rental {
namespace {

struct BoardTest : testing::Test {
    std::vector<Heard> heard(Board& board)
    {
        auto notes = board.hear(0);
        EXPECT_TRUE(notes) << notes.error().message;
        return notes ? *notes : std::vector<Heard>{};
    }

    FakeBoard fake;
    Board tia = fake.enter("tia");
    Board pol = fake.enter("pol");
};

TEST_F(BoardTest, NotesComeOnceFromWhoSignedThem)
{
    ASSERT_TRUE(pol.say(FailedNote{"no memory"}, Board::Lasts::always));
    const auto notes = heard(tia);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(notes[0].from, ledger::address_of(board_key("pol")));
    ASSERT_TRUE(notes[0].as<FailedNote>());
    EXPECT_EQ(notes[0].as<FailedNote>()->reason, "no memory");
    EXPECT_FALSE(notes[0].as<KeyNote>());
    EXPECT_TRUE(heard(tia).empty());
}

TEST_F(BoardTest, WhatTheBoardMakesUpIsNobodysWord)
{
    ASSERT_TRUE(pol.say(FailedNote{"no memory"}, Board::Lasts::no));
    fake.notes[0]["body"] = R"({"reason":"all is well"})";
    for (const auto& note : heard(tia))
        EXPECT_NE(note.from, ledger::address_of(board_key("pol"))) << note.body;
    fake.notes.push_back({{"topic", "failed"}});
    fake.notes.push_back(7);
    fake.notes.push_back({{"topic", 7}, {"sentMs", 1}, {"body", "{}"}, {"signature", "0x"}});
    EXPECT_TRUE(heard(tia).empty());
}

TEST_F(BoardTest, TimesRiseAlsoWhereTheClockStands)
{
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pol.say("topic", "{}", Board::Lasts::no));
    fake.now_ms = 500;
    ASSERT_TRUE(pol.say("topic", "{}", Board::Lasts::no));
    std::vector<std::uint64_t> times;
    for (const auto& note : fake.notes) times.push_back(note["sentMs"].get<std::uint64_t>());
    EXPECT_EQ(times, (std::vector<std::uint64_t>{1'000, 1'001, 1'002, 1'003}));
}

TEST_F(BoardTest, ABoardThatForgotIsToldAgainWhatLasts)
{
    ASSERT_TRUE(pol.say(FailedNote{"one"}, Board::Lasts::always));
    ASSERT_TRUE(pol.say(FailedNote{"two"}, Board::Lasts::always));
    ASSERT_TRUE(pol.say("beat", "1", Board::Lasts::newest));
    ASSERT_TRUE(pol.say("beat", "2", Board::Lasts::newest));
    ASSERT_TRUE(pol.say("once", "3", Board::Lasts::no));
    ASSERT_EQ(heard(pol).size(), 5u);
    ASSERT_EQ(heard(tia).size(), 5u);
    fake.forget();
    EXPECT_TRUE(heard(pol).empty()) << "it only says what it said before";
    EXPECT_TRUE(heard(tia).empty()) << "and what was heard before counts no more";
    std::vector<std::string> bodies;
    for (const auto& note : heard(tia)) bodies.push_back(note.body);
    EXPECT_EQ(bodies,
              (std::vector<std::string>{"2", R"({"reason":"one"})", R"({"reason":"two"})"}));
}

TEST_F(BoardTest, AnswersThatAreNoneAreRefused)
{
    for (const auto* answer :
         {"7", "{}", R"({"items":[]})", R"({"items":7,"next":1,"board":"0x"})",
          R"({"items":[],"next":"x","board":"0x"})", R"({"items":[],"next":1,"board":1})"}) {
        fake.answer = answer;
        const auto notes = tia.hear(0);
        ASSERT_FALSE(notes) << answer;
        EXPECT_EQ(notes.error().message, "the board's answer cannot be read");
    }
}

}  // namespace
}  // namespace wallet::rental
