#include "ledger/transfer/provider.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/transfer/batch_status.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

using std::chrono::milliseconds;

struct ProviderTest : testing::Test {
    Result<Delivery, ProviderFault> ask(Ask::What what, ChunkRange range, unsigned status,
                                        Bytes body)
    {
        const WebGet get = [&](const WebCall& call) -> Result<WebReply, ProviderFault> {
            target = call.target;
            most = call.most_bytes;
            return WebReply{status, body};
        };
        return ask_over(get, batch.summary(), {1, 0, what, range, 0}, milliseconds{9}, {});
    }

    SealedBatch batch = seal_batch(1, 3);
    std::string target;
    std::size_t most = 0;
};

TEST_F(ProviderTest, IsAskedForNoMoreThanWhatIsWanted)
{
    ASSERT_TRUE(ask(Ask::What::chunks, {2, 2}, 200, batch.chunk_part({2, 2})));
    EXPECT_EQ(target, chunks_target(batch.root(), {2, 2}));
    EXPECT_EQ(most, sealing::sealed_chunk_bytes + 116);
    ASSERT_TRUE(ask(Ask::What::leaves, {0, 4}, 200, batch.leaves));
    EXPECT_EQ(most, 256u);
}

TEST_F(ProviderTest, IsToldApartByWhatIsWrongWithIt)
{
    const auto fault = [&](unsigned status, Bytes body) {
        const auto answer = ask(Ask::What::chunks, {0, 1}, status, std::move(body));
        return answer ? std::optional<ProviderFault>{} : answer.error();
    };
    const auto good = batch.chunk_part({0, 1});
    auto longer = good, shorter = good;
    longer.push_back(0);
    shorter.pop_back();
    EXPECT_EQ(fault(200, good), std::nullopt);
    EXPECT_EQ(fault(200, longer), ProviderFault::flooded);
    EXPECT_EQ(fault(200, shorter), ProviderFault::lied);
    EXPECT_EQ(fault(404, {}), ProviderFault::lacking);
    EXPECT_EQ(fault(429, {}), ProviderFault::refused);
    EXPECT_EQ(fault(302, good), ProviderFault::refused);
}

TEST_F(ProviderTest, TellsWhatItHas)
{
    auto status = status_of(batch.summary(), 4);
    ChunkSet have{4};
    have.set({1, 2});
    say_have(status, have, 0);
    const auto text = codec::to_json(status).dump();
    const auto told = ask(Ask::What::status, {0, 1}, 200, {text.begin(), text.end()});
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->has_table);
    EXPECT_EQ(told->has, (std::vector<ChunkRange>{{1, 2}}));
    const auto junk = ask(Ask::What::status, {0, 1}, 200, {1, 2, 3});
    ASSERT_FALSE(junk);
    EXPECT_EQ(junk.error(), ProviderFault::lied);
}

}  // namespace
}  // namespace ledger::transfer
