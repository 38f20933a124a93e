#include "node/core/ledger_service.hpp"

#include "node/core/verify.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <vector>

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

/// A node over a disk that may fail, with an in-memory store that is lost with the process.
struct LedgerServiceTest : testing::Test {
    std::shared_ptr<const market::Network> network = test_network();
    SimDisk disk;
    ManualClock clock;
    SeededRandom random{1};
    std::unique_ptr<BlockStore> store;
    std::unique_ptr<Chain> chain;
    std::unique_ptr<LedgerService> service;

    LedgerServiceTest() { open(); }
    ~LedgerServiceTest() override { close(); }

    static LedgerServiceLimits rare_checkpoints()
    {
        LedgerServiceLimits limits;
        limits.log = {1 << 20, 1 << 20, 1 << 20};
        limits.checkpoint_every = std::chrono::hours{1};
        return limits;
    }
    void open()
    {
        store = make_memory_store();
        chain = *Chain::open(*network, *store);
        auto opened =
            LedgerService::open({*network, *chain, *store, disk, "log", clock, random, test_key(1)},
                                rare_checkpoints());
        ASSERT_TRUE(opened) << opened.error().detail;
        service = std::move(*opened);
        service->start();
    }
    void close()
    {
        service.reset();
        chain.reset();
        store.reset();
    }

    Submitted submit(Bytes encoded)
    {
        std::promise<Submitted> answer;
        service->submit(std::move(encoded), [&](Submitted s) { answer.set_value(std::move(s)); });
        return answer.get_future().get();
    }
    Waited wait(const TxId& id)
    {
        std::promise<Waited> answer;
        service->wait_final(id, [&](auto result) { answer.set_value(std::move(result)); });
        return answer.get_future().get();
    }
    Bytes transfer(std::uint64_t nonce, std::uint64_t micros = 5, Amount fee = Amount::micros(10))
    {
        return signed_transaction(*network, 2, nonce,
                                  Transfer{test_account(3), Amount::micros(micros)}, fee);
    }
};

TEST_F(LedgerServiceTest, AnswersFinalOnlyForWhatIsInABlock)
{
    const auto id = submit(transfer(0));
    ASSERT_TRUE(id);
    const auto final = wait(*id);
    ASSERT_TRUE(final);
    EXPECT_EQ(final->height, Height{1});
    EXPECT_EQ(final->receipt.status, market::Status::applied);
    EXPECT_EQ(service->head()->header.height, Height{1});
}

TEST_F(LedgerServiceTest, TakesAGapOnceItIsFilled)
{
    const auto second = submit(transfer(1));
    ASSERT_TRUE(second);
    const auto first = submit(transfer(0));
    ASSERT_TRUE(first);
    EXPECT_TRUE(wait(*second));
}

TEST_F(LedgerServiceTest, TellsWhoWaitsThatADearerTransactionTookThePlace)
{
    const auto gapped = submit(transfer(1));
    ASSERT_TRUE(gapped);
    std::promise<Waited> answer;
    service->wait_final(*gapped, [&](auto result) { answer.set_value(std::move(result)); });
    const auto dearer = submit(transfer(1, 5, Amount::micros(100)));
    ASSERT_TRUE(dearer);
    const auto waited = answer.get_future().get();
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().departed, MempoolFault::replaced);
    ASSERT_TRUE(submit(transfer(0)));
    EXPECT_TRUE(wait(*dearer));
}

TEST_F(LedgerServiceTest, AnswersARetryOfAFinalTransactionWithItsId)
{
    const auto id = submit(transfer(0));
    ASSERT_TRUE(wait(*id));
    EXPECT_EQ(*submit(transfer(0)), *id);
    EXPECT_EQ(wait(*id)->height, Height{1});
}

TEST_F(LedgerServiceTest, RefusesAForeignSignatureAndAUsedNonce)
{
    auto forged = transfer(0);
    forged.back() ^= 1;
    EXPECT_EQ(submit(forged).error().kind, SubmitError::Kind::malformed);
    ASSERT_TRUE(wait(*submit(transfer(0))));
    const auto used = submit(transfer(0, 6));
    EXPECT_EQ(used.error().kind, SubmitError::Kind::refused);
    EXPECT_EQ(used.error().fault, MempoolFault::nonce_used);
}

TEST_F(LedgerServiceTest, ReplaysItsLogIntoAnEmptyStore)
{
    for (std::uint64_t nonce = 0; nonce < 5; ++nonce) {
        ASSERT_TRUE(wait(*submit(transfer(nonce))));
    }
    const auto head = service->head()->id;
    close();
    open();
    EXPECT_EQ(service->head()->id, head);
    EXPECT_TRUE(wait(*submit(transfer(5))));
}

TEST_F(LedgerServiceTest, KeepsEverythingAnsweredAsFinalThroughALossOfPower)
{
    std::vector<TxId> final;
    for (std::uint64_t nonce = 0; nonce < 8; ++nonce) {
        final.push_back(*submit(transfer(nonce)));
        ASSERT_TRUE(wait(final.back()));
    }
    close();
    disk.crash([] { return false; }, false);
    open();
    for (const auto& id : final) EXPECT_TRUE(service->find_final(id));
}

TEST_F(LedgerServiceTest, StopsTakingWorkWhenTheDiskFailsAndSaysWhy)
{
    ASSERT_TRUE(wait(*submit(transfer(0))));
    disk.fail({.only = SimDisk::Step::sync, .kind = ErrorKind::full});
    ASSERT_TRUE(submit(transfer(1)));
    // The block that could not be synced is never announced; the next submission hears why.
    Submitted next = submit(transfer(2));
    for (int i = 0; i < 1000 && next; ++i) next = submit(transfer(3));
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().kind, SubmitError::Kind::halted);
    EXPECT_FALSE(service->halted().empty());
    EXPECT_EQ(service->head()->header.height, Height{1});
}

TEST_F(LedgerServiceTest, TellsThoseWhoWaitWhenItTakesNoMoreWork)
{
    std::promise<ErrorKind> told;
    service->wait_final(TxId{}, [&](const Waited& final) {
        told.set_value(final ? ErrorKind::invalid : final.error().error.kind);
    });
    service->halt({ErrorKind::full, "the journal is full"});
    auto answer = told.get_future();
    ASSERT_EQ(answer.wait_for(std::chrono::seconds{30}), std::future_status::ready);
    EXPECT_EQ(answer.get(), ErrorKind::unavailable);
    EXPECT_EQ(service->halted(), "the journal is full");
    EXPECT_EQ(submit(transfer(0)).error().kind, SubmitError::Kind::halted);
}

TEST_F(LedgerServiceTest, TellsItsListenersEveryBlockInOrder)
{
    close();
    store = make_memory_store();
    chain = *Chain::open(*network, *store);
    SimDisk empty;
    service = *LedgerService::open(
        {*network, *chain, *store, empty, "log", clock, random, test_key(1)}, rare_checkpoints());
    std::vector<std::uint64_t> heights;
    service->on_block([&](const FinalBlock& b) { heights.push_back(b.head.header.height.value); });
    service->start();
    for (std::uint64_t nonce = 0; nonce < 3; ++nonce) {
        ASSERT_TRUE(wait(*submit(transfer(nonce))));
    }
    service->stop();
    EXPECT_EQ(heights, (std::vector<std::uint64_t>{1, 2, 3}));
    service.reset();
}

TEST_F(LedgerServiceTest, SharesABigBlockAmongItsWorkersAndComesToTheSameRoot)
{
    close();
    store = make_memory_store();
    chain = *Chain::open(*network, *store);
    auto limits = rare_checkpoints();
    limits.work_threads = 2;
    service = *LedgerService::open(
        {*network, *chain, *store, disk, "log", clock, random, test_key(1)}, limits);
    std::size_t most = 0;
    service->on_block([&](const FinalBlock& b) { most = std::max(most, b.tx_ids.size()); });
    // All before it starts, so that they go into one block.
    std::vector<std::future<Submitted>> answers;
    for (std::uint8_t sender = 2; sender <= 5; ++sender) {
        for (std::uint64_t nonce = 0; nonce < 16; ++nonce) {
            auto answer = std::make_shared<std::promise<Submitted>>();
            answers.push_back(answer->get_future());
            const auto to = static_cast<std::uint8_t>(16 * sender + nonce);
            service->submit(signed_transaction(*network, sender, nonce,
                                               Transfer{test_account(to), Amount::micros(5)}),
                            [answer](Submitted s) { answer->set_value(std::move(s)); });
        }
    }
    service->start();
    for (auto& answer : answers) {
        const auto id = answer.get();
        ASSERT_TRUE(id);
        ASSERT_TRUE(wait(*id));
    }
    service->stop();
    EXPECT_EQ(most, answers.size());
    const auto again = verify_chain(*network, *store, [](Height) {});
    EXPECT_TRUE(again) << again.error().detail;
    service.reset();
}

}  // namespace
}  // namespace node
