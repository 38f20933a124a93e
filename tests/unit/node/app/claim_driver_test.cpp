#include "node/app/claim_driver.hpp"

#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <future>

namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

/// The fake ledger behind a lock, as the driver has a thread of its own.
struct LockedLedger : LedgerPort {
    explicit LockedLedger(FakePaymentLedger& ledger) : inner{ledger} {}

    template <class Use>
    auto with(Use use) const
    {
        const std::lock_guard lock{mutex};
        return use();
    }
    Head head() const override
    {
        return with([&] { return inner.head(); });
    }
    std::optional<market::Channel> channel(const market::ChannelId& id) const override
    {
        return with([&] { return inner.channel(id); });
    }
    Amount balance(const ledger::Address& a) const override
    {
        return with([&] { return inner.balance(a); });
    }
    std::optional<market::Split> split(const ledger::Address& a) const override
    {
        return with([&] { return inner.split(a); });
    }
    std::optional<market::Host> host(const ledger::Address& a) const override
    {
        return with([&] { return inner.host(a); });
    }
    std::optional<ledger::Hash> spent_by(const ledger::Address& a,
                                         const ledger::Hash& nonce) const override
    {
        return with([&] { return inner.spent_by(a, nonce); });
    }
    std::optional<ledger::Hash> permit_spent_by(const ledger::Address& a,
                                                const ledger::Hash& nonce) const override
    {
        return with([&] { return inner.permit_spent_by(a, nonce); });
    }
    std::vector<DatedSheet> sheets(const market::ModelId& m, market::Version v) const override
    {
        return with([&] { return inner.sheets(m, v); });
    }
    ledger::Result<ledger::TxId> submit(const market::Message& message, Done done) override
    {
        const std::lock_guard lock{mutex};
        ++asked;
        changed.notify_all();
        return inner.submit(message, std::move(done));
    }
    /// Waits until the driver has asked so often in all.
    bool wait_for(int times)
    {
        std::unique_lock lock{mutex};
        return changed.wait_for(lock, 20s, [&] { return asked >= times; });
    }

    FakePaymentLedger& inner;
    mutable std::mutex mutex;
    std::condition_variable changed;
    int asked = 0;
};

struct ClaimDriverTest : testing::Test {
    ClaimDriverTest()
    {
        world.open_channel(5'000);
        EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
    }
    static ClaimPolicy at_once()
    {
        ClaimPolicy policy;
        policy.cap = Amount::micros(1);
        policy.retry = 1ms;
        return policy;
    }
    PaymentWorld world;
    LockedLedger ledger{world.ledger};
    ClaimKeeper keeper{world.network, world.host, ledger, world.node->book, at_once()};
    SystemClock clock;
    ClaimDriver driver{keeper, ledger, clock};
};

TEST_F(ClaimDriverTest, ClaimsWhatIsOpenAndThenSettlesIt)
{
    driver.start();
    ASSERT_TRUE(ledger.wait_for(1));
    ledger.with([&] {
        EXPECT_TRUE(world.ledger.settle_next());
        EXPECT_EQ(market::name_of(world.ledger.applied.back()), "ChannelClaim");
        world.ledger.head_.time.value += 60'000;  // past the window of disputes
        return 0;
    });
    driver.wake();
    ASSERT_TRUE(ledger.wait_for(2));
    ledger.with([&] {
        EXPECT_TRUE(world.ledger.settle_next());
        EXPECT_EQ(market::name_of(world.ledger.applied.back()), "ChannelFinalize");
        return 0;
    });
    driver.stop();
    EXPECT_TRUE(world.ledger.refused.empty());
}

TEST_F(ClaimDriverTest, TriesAgainWhenTheLedgerTakesNothing)
{
    world.ledger.refuse_submissions = true;
    driver.start();
    ASSERT_TRUE(ledger.wait_for(1));
    ledger.with([&] {
        world.ledger.refuse_submissions = false;
        return 0;
    });
    driver.wake();
    ASSERT_TRUE(ledger.wait_for(2));
    driver.stop();
    EXPECT_EQ(world.ledger.waiting(), 1u);
}

/// Claims only after a long time, unless it is told to finish.
struct PatientClaims : ClaimDriverTest {
    static ClaimPolicy much_later()
    {
        ClaimPolicy policy;
        policy.cap = Amount::max();
        policy.every = 1h;
        return policy;
    }
    ClaimKeeper patient{world.network, world.host, ledger, world.node->book, much_later()};
    ClaimDriver slow{patient, ledger, clock};
};

TEST_F(PatientClaims, ClaimAllThatIsOpenWhenTheyAreToFinish)
{
    slow.start();
    auto finished = std::async(std::launch::async, [&] { return slow.finish(20s); });
    ASSERT_TRUE(ledger.wait_for(1)) << "what the policy would leave for later";
    ledger.with([&] {
        EXPECT_TRUE(world.ledger.settle_next());
        EXPECT_EQ(market::name_of(world.ledger.applied.back()), "ChannelClaim");
        return 0;
    });
    slow.wake();
    EXPECT_TRUE(finished.get());
    EXPECT_TRUE(slow.finish(20s)) << "nothing is left: the window of the claim is open";
    slow.stop();
    EXPECT_EQ(ledger.asked, 1);
}

TEST_F(PatientClaims, GiveUpWhenTheLedgerDoesNotAnswer)
{
    slow.start();
    EXPECT_FALSE(slow.finish(50ms));
    EXPECT_EQ(ledger.asked, 1);
    slow.stop();
    EXPECT_TRUE(slow.finish(50ms)) << "nobody is left to do it";
}

TEST_F(ClaimDriverTest, StopsAtOnceAndTwice)
{
    driver.start();
    driver.stop();
    driver.stop();
    const auto asked = ledger.asked;
    driver.wake();
    EXPECT_EQ(ledger.asked, asked);
}

}  // namespace
}  // namespace node
