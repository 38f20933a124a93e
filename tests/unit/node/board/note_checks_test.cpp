#include "node/board/note_checks.hpp"

#include "market/rules/lease_rules.hpp"
#include "tests/support/lease_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using market::MarketWorld;

/// "tia" has an order; "dora" has nothing to do with it.
struct NoteChecks : testing::Test {
    NoteChecks()
    {
        note.order = world.order(world.ordering());
        note.topic = "state";
        note.sent_ms = world.now_ms();
        note.body = "not even JSON";
    }
    ledger::Result<SignedNote, NoteRefusal> check(const market::LeaseNote& by, const char* who)
    {
        const auto signature = world.sign(who, market::note_digest(world.network(), by));
        return check_note(world.network(), world.view(), by, signature, {world.now_ms()});
    }
    NoteRefusal refusal(const market::LeaseNote& by) { return check(by, "tia").error(); }

    market::LeaseWorld world;
    market::LeaseNote note;
};

TEST_F(NoteChecks, SayWhoseNoteItIs)
{
    const auto good = check(note, "tia");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->from, MarketWorld::address_of("tia"));
    EXPECT_EQ(good->note, note);
    EXPECT_EQ(check(note, "dora").error(), NoteRefusal::not_a_party);
}

TEST_F(NoteChecks, TakeNoNotesOfAnOrderThatIsNotThereOrOver)
{
    auto other = note;
    other.order.bytes.fill(1);
    EXPECT_EQ(refusal(other), NoteRefusal::not_found);
    const auto id = ledger::retag<ledger::Hash>(note.order);
    ASSERT_EQ(world.apply("tia", market::GpuCancel{market::GpuEntry::order, id}),
              market::Rejection::none);
    EXPECT_EQ(refusal(note), NoteRefusal::order_over);
}

TEST_F(NoteChecks, BoundTopicAndBody)
{
    auto good = note;
    good.topic = std::string(32, 'a');
    good.body = std::string(16 * 1024, ' ');
    EXPECT_TRUE(check(good, "tia"));
    for (const auto& topic :
         {std::string{}, std::string{"State"}, std::string{"a b"}, std::string(33, 'a')}) {
        auto other = note;
        other.topic = topic;
        EXPECT_EQ(refusal(other), NoteRefusal::invalid) << topic;
    }
    good.body += ' ';
    EXPECT_EQ(refusal(good), NoteRefusal::body_too_large);
}

TEST_F(NoteChecks, BoundHowFarTheSendersClockIsFromTheNodes)
{
    constexpr std::uint64_t most = 600'000;
    auto at = note;
    for (const auto sent : {world.now_ms() - most, world.now_ms() + most}) {
        at.sent_ms = sent;
        EXPECT_TRUE(check(at, "tia"));
    }
    for (const auto sent : {world.now_ms() - most - 1, world.now_ms() + most + 1, std::uint64_t{0},
                            ~std::uint64_t{0}}) {
        at.sent_ms = sent;
        EXPECT_EQ(refusal(at), NoteRefusal::wrong_time) << sent;
    }
}

TEST_F(NoteChecks, RefuseASignatureOfNobodyOrOfAnotherNote)
{
    const auto check_with = [&](const ledger::Signature& signature) {
        return check_note(world.network(), world.view(), note, signature, {world.now_ms()}).error();
    };
    EXPECT_EQ(check_with({}), NoteRefusal::wrong_signature);
    auto other = note;
    other.body += '.';
    EXPECT_EQ(check_with(world.sign("tia", market::note_digest(world.network(), other))),
              NoteRefusal::not_a_party)
        << "it is somebody's, but not a party's";
}

}  // namespace
}  // namespace node
