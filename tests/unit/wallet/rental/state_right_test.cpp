#include "wallet/rental/state_right.hpp"

#include <gtest/gtest.h>

namespace wallet::rental {
namespace {

/// Ann executes segments 3 and 4 again, Bob 7; Cyd may sit in a jury about 4.
struct StateRight : testing::Test {
    static ledger::Address person(std::uint8_t number)
    {
        ledger::Address address;
        address.bytes.fill(number);
        return address;
    }
    StateRight()
    {
        verification.emplace();
        for (const auto& [segment, who] : {std::pair{3, ann}, {4, ann}, {7, bob}}) {
            market::VerifySlot slot;
            slot.segment = static_cast<std::uint64_t>(segment);
            slot.verifier = who;
            verification->slots.push_back(slot);
        }
    }
    bool may(const ledger::Address& who, std::uint64_t segment) const
    {
        return may_have_state(who, segment, verification, dispute);
    }

    const ledger::Address ann = person(1), bob = person(2), cyd = person(3);
    std::optional<market::Verification> verification;
    std::optional<market::LeaseDispute> dispute;
};

TEST_F(StateRight, IsOfWhoIsDrawnForTheSegmentAlone)
{
    EXPECT_TRUE(may(ann, 3));
    EXPECT_TRUE(may(bob, 7));
    EXPECT_FALSE(may(bob, 3));
    EXPECT_FALSE(may(ann, 7));
    EXPECT_FALSE(may(cyd, 3));
    verification.reset();
    EXPECT_FALSE(may(ann, 3)) << "nobody is drawn yet";
}

TEST_F(StateRight, WaitsForTheReportOfTheSegmentThatTheStateIsTheEndOf)
{
    EXPECT_FALSE(may(ann, 4)) << "it would be told what it should find";
    verification->slots[0].reported = true;
    EXPECT_TRUE(may(ann, 4));
    verification->slots[0].verifier = bob;
    verification->slots[0].reported = false;
    EXPECT_TRUE(may(ann, 4)) << "that one is another's to find";
}

TEST_F(StateRight, IsOfJurorsForTheirSegment)
{
    dispute.emplace();
    dispute->segment = 4;
    market::Juror juror;
    juror.account = cyd;
    dispute->jurors.push_back(juror);
    EXPECT_TRUE(may(cyd, 4));
    EXPECT_FALSE(may(cyd, 3));
    EXPECT_FALSE(may(bob, 4));
    EXPECT_TRUE(may(bob, 7)) << "reports are taken meanwhile";
}

}  // namespace
}  // namespace wallet::rental
