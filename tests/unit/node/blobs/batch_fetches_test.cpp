#include "node/blobs/fetch/batch_fetches.hpp"

#include "ledger/codec/json.hpp"
#include "node/blobs/wanted_roots.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using transfer::ProviderFault;
using transfer::WebCall;
using transfer::WebReply;

/// Fetches from providers that are functions, named by their addresses.
struct BatchFetchesTest : testing::Test {
    using Spoil = std::function<void(const WebCall&, WebReply&)>;

    Result<transfer::WebGet> open(const std::string& url)
    {
        const auto found = spoils.find(url);
        if (found == spoils.end()) return invalid("this is no address");
        return transfer::WebGet{
            [this, spoil = found->second](const WebCall& call) -> Result<WebReply, ProviderFault> {
                auto reply = batch.answer(call);
                if (spoil) spoil(call, reply);
                if (call.stop.stop_requested()) return ProviderFault::stalled;
                return reply;
            }};
    }
    transfer::FetchStatus finished()
    {
        for (int i = 0; i < 10'000; ++i) {
            const auto status = fetches.status(batch.root());
            if (status && status->state != "running") return *status;
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        ADD_FAILURE() << "the fetch does not end";
        return {};
    }
    FetchOrder from(std::vector<std::string> urls) const
    {
        return {std::move(urls), batch.manifest.point, batch.manifest.chunks, batch.manifest.bytes};
    }

    SystemClock clock;
    SealedBatch batch = seal_batch(1, 40);
    MemoryBatches store{clock, {}};
    BatchCounts counts;
    std::vector<Reach> reaches;  ///< that clients were opened with
    std::map<std::string, Spoil> spoils{{"a", {}}, {"b", {}}, {"c", {}}};
    BatchFetches fetches{store,
                         clock,
                         counts,
                         [this](const std::string& url, Reach reach) {
                             reaches.push_back(reach);
                             return open(url);
                         },
                         {1, 4, 2, 0}};
};

TEST_F(BatchFetchesTest, BringABatchIntoTheStoreAndHoldIt)
{
    ASSERT_TRUE(fetches.start(batch.root(), from({"a", "b"})));
    const auto status = finished();
    EXPECT_EQ(status.state, "done") << status.error;
    EXPECT_EQ(status.bytes, batch.sealed.size());
    EXPECT_TRUE(store.info(batch.root())->is_complete());
    EXPECT_EQ(store.info(batch.root())->holders, std::vector<std::string>{operator_holder});
    EXPECT_EQ(counts.fetched_bytes, batch.sealed.size());
}

TEST_F(BatchFetchesTest, NameTheProviderThatLied)
{
    spoils["a"] = [](const WebCall& call, WebReply& reply) {
        if (call.target.find("/table/") != std::string::npos) reply.body[0] ^= 1;
    };
    spoils["b"] = [](const WebCall& call, WebReply&) {
        // The liar has its turn first.
        if (call.target.find("?from=") != std::string::npos)
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
    };
    ASSERT_TRUE(fetches.start(batch.root(), from({"a", "b"})));
    const auto status = finished();
    EXPECT_EQ(status.state, "done") << status.error;
    EXPECT_NE(status.providers.at(0).fault, "");
    EXPECT_EQ(status.providers.at(1).fault, "");
}

TEST_F(BatchFetchesTest, TakeNoManifestOfOtherNumbersThanTheOperators)
{
    auto order = from({"a"});
    order.bytes -= 1;
    ASSERT_TRUE(fetches.start(batch.root(), order));
    const auto status = finished();
    EXPECT_EQ(status.state, "failed");
    EXPECT_FALSE(store.info(batch.root()));
}

TEST_F(BatchFetchesTest, HoldABatchByTheNameOfWhoOrderedItAndAskWhereTheyMay)
{
    auto order = from({"a"});
    order.holder = "mirror-5-2";
    order.reach = Reach::public_alone;
    ASSERT_TRUE(fetches.start(batch.root(), order));
    EXPECT_EQ(finished().state, "done");
    EXPECT_EQ(store.info(batch.root())->holders, std::vector<std::string>{"mirror-5-2"});
    EXPECT_EQ(std::ranges::count(reaches, Reach::anywhere), 0);
    EXPECT_FALSE(reaches.empty());
}

TEST_F(BatchFetchesTest, TakeNothingLargerThanTheOrderAllows)
{
    auto order = from({"a"});
    order.most_bytes = batch.manifest.bytes - 1;
    ASSERT_TRUE(fetches.start(batch.root(), order));
    EXPECT_EQ(finished().error, "the batch is larger than what is free for it");
    EXPECT_FALSE(store.info(batch.root()));
    order.most_bytes += 1;
    ASSERT_TRUE(fetches.start(batch.root(), order));
    EXPECT_EQ(finished().state, "done");
}

TEST_F(BatchFetchesTest, BringAgainWhatWasLost)
{
    ASSERT_TRUE(fetches.start(batch.root(), from({"a"})));
    ASSERT_EQ(finished().state, "done");
    store.damage(batch.root(), 7);
    ASSERT_TRUE(store.scrub(batch.root(), 0, 100));
    ASSERT_FALSE(store.info(batch.root())->is_complete());
    fetches.start_again(batch.root());
    EXPECT_EQ(finished().state, "done");
    EXPECT_TRUE(store.info(batch.root())->is_complete());
    EXPECT_EQ(fetches.status(batch.root())->bytes, sealing::sealed_chunk_bytes) << "no more";
}

TEST_F(BatchFetchesTest, AreFewAtATimeAndStopWhenTold)
{
    spoils["c"] = [](const WebCall& call, WebReply&) {
        while (!call.stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
    };
    ASSERT_TRUE(fetches.start(batch.root(), from({"c"})));
    const auto same = fetches.start(batch.root(), from({"a"}));
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().kind, ErrorKind::unavailable);
    const auto other = fetches.start(seal_batch(2, 1).root(), from({"a"}));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::full);
    EXPECT_EQ(fetches.running(), 1u);
    fetches.stop();
    EXPECT_EQ(fetches.running(), 0u);
    EXPECT_EQ(fetches.status(batch.root())->state, "stopped");
    EXPECT_FALSE(fetches.start(batch.root(), from({"a"})));
}

TEST_F(BatchFetchesTest, RefuseOrdersThatMakeNoSense)
{
    for (const auto& urls : std::vector<std::vector<std::string>>{
             {}, {"a", "a"}, {"nobody"}, {"a", "b", "c", "a2", "a3"}})
        EXPECT_FALSE(fetches.start(batch.root(), from(urls)));
    EXPECT_FALSE(fetches.status(batch.root()));
}

}  // namespace
}  // namespace node
