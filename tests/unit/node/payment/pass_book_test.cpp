#include "node/payment/pass_book.hpp"

#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

struct PassBookTest : testing::Test {
    static market::ModelId model_of(std::uint8_t first)
    {
        market::ModelId model;
        model.bytes[0] = first;
        return model;
    }
    Pass pass_of(std::uint64_t calls, std::uint8_t number = 1) const
    {
        PassId id;
        id.bytes[0] = number;
        return {id, model, calls, until.value};
    }
    /// Uses up one call; what was told to be left, or nothing when it was refused.
    std::optional<std::uint64_t> use(PassBook& book, const Pass& pass)
    {
        auto held = book.hold(pass, model, now);
        auto* hold = std::get_if<PassBook::Hold>(&held);
        if (!hold) return {};
        std::optional<std::uint64_t> left;
        book.spend(std::move(*hold), now, [&](ledger::Result<std::uint64_t> result) {
            if (result) left = *result;
        });
        return left;
    }
    PassBook::Refusal refused(const Pass& pass, const market::ModelId& for_model,
                              ledger::TimeMs when)
    {
        auto held = book.hold(pass, for_model, when);
        EXPECT_TRUE(std::holds_alternative<PassBook::Refusal>(held));
        const auto* why = std::get_if<PassBook::Refusal>(&held);
        return why ? *why : PassBook::Refusal{-1};
    }
    std::size_t on_disk() const
    {
        std::size_t records = 0;
        EXPECT_TRUE(
            journal.scan({payment_table::passes, {}, {}},
                         [&](ledger::ByteView, ledger::ByteView) { return ++records != 0; }));
        return records;
    }

    const market::ModelId model = model_of(7);
    const ledger::TimeMs now{1'000'000};
    const ledger::TimeMs until{2'000'000};
    ledger::SeededRandom random{1};
    ledger::SecretKey key = ledger::SecretKey::generate(random);
    FakeJournal journal;
    PassBook book{key, journal};
};

TEST_F(PassBookTest, KnowsItsOwnPassesAgain)
{
    const auto token = book.issue(pass_of(20));
    EXPECT_TRUE(PassBook::is_pass(token));
    EXPECT_EQ(book.read(token), pass_of(20));
    EXPECT_LE(token.size(), 256u);
    EXPECT_EQ(on_disk(), 0u) << "selling one writes nothing";
}

TEST_F(PassBookTest, KnowsNoPassThatWasChangedOrMadeByAnother)
{
    const auto token = book.issue(pass_of(20));
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(book.read(changed), std::nullopt) << i;
    }
    for (std::size_t length = 0; length < token.size(); ++length)
        EXPECT_EQ(book.read(token.substr(0, length)), std::nullopt) << length;
    EXPECT_EQ(book.read(token + "AAAA"), std::nullopt);
    EXPECT_EQ(book.read(std::string(100'000, 'A')), std::nullopt);
    const PassBook other{ledger::SecretKey::generate(random), journal};
    EXPECT_EQ(other.read(token), std::nullopt);
}

TEST_F(PassBookTest, CountsDownAndIsThenUsedUp)
{
    const auto pass = pass_of(3);
    EXPECT_EQ(use(book, pass), 2u);
    EXPECT_EQ(use(book, pass), 1u);
    EXPECT_EQ(use(book, pass), 0u);
    EXPECT_EQ(use(book, pass), std::nullopt);
    EXPECT_EQ(refused(pass, model, now), PassBook::Refusal::used_up);
    EXPECT_EQ(book.left(pass), 0u);
    EXPECT_EQ(use(book, pass_of(3, 2)), 2u) << "another pass has calls of its own";
}

TEST_F(PassBookTest, LetsNoMoreCallsRunAtOnceThanAreLeft)
{
    const auto pass = pass_of(2);
    {
        auto first = book.hold(pass, model, now);
        auto second = book.hold(pass, model, now);
        EXPECT_TRUE(std::holds_alternative<PassBook::Hold>(second));
        EXPECT_EQ(refused(pass, model, now), PassBook::Refusal::used_up);
    }
    EXPECT_EQ(book.left(pass), 2u) << "neither call was answered";
    EXPECT_EQ(book.counted(), 0u);
    EXPECT_EQ(use(book, pass), 1u);
}

TEST_F(PassBookTest, IsForOneModelAndUntilItsEnd)
{
    const auto pass = pass_of(2);
    EXPECT_EQ(refused(pass, model_of(8), now), PassBook::Refusal::other_model);
    EXPECT_EQ(refused(pass, model, until), PassBook::Refusal::ended);
    EXPECT_TRUE(std::holds_alternative<PassBook::Hold>(
        book.hold(pass, model, ledger::TimeMs{until.value - 1})));
}

TEST_F(PassBookTest, RemembersWhatWasUsedBeyondACrash)
{
    const auto pass = pass_of(3);
    use(book, pass);
    use(book, pass);
    PassBook again{key, journal};
    ASSERT_TRUE(again.rebuild());
    EXPECT_EQ(again.left(pass), 1u);
    EXPECT_EQ(use(again, pass), 0u);
    EXPECT_EQ(use(again, pass), std::nullopt);
}

TEST_F(PassBookTest, CountsNothingThatCouldNotBeWritten)
{
    const auto pass = pass_of(3);
    journal.failing = true;
    EXPECT_EQ(use(book, pass), std::nullopt);
    EXPECT_EQ(book.left(pass), 3u);
    journal.failing = false;
    EXPECT_EQ(use(book, pass), 2u);
}

TEST_F(PassBookTest, ForgetsPassesAWhileAfterTheirEnd)
{
    for (std::uint8_t number = 1; number <= 4; ++number) use(book, pass_of(9, number));
    EXPECT_EQ(on_disk(), 4u);
    auto late = pass_of(9, 5);
    const ledger::TimeMs much_later{until.value + 3'600'000};
    late.until_ms = much_later.value + 1'000;
    auto held = book.hold(late, model, much_later);
    book.spend(std::move(std::get<PassBook::Hold>(held)), much_later, [](auto) {});
    EXPECT_EQ(on_disk(), 1u);
    EXPECT_EQ(book.counted(), 1u);
}

TEST_F(PassBookTest, RefusesADamagedRecord)
{
    journal.commit({{std::string{payment_table::passes}, ledger::Bytes(16), ledger::Bytes{1}}},
                   [](auto) {});
    PassBook again{key, journal};
    const auto read = again.rebuild();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ledger::ErrorKind::corrupt);
}

}  // namespace
}  // namespace node
