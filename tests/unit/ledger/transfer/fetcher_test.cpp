#include "tests/support/fetch_network.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

using Kind = ProviderManner::Kind;

sealing::BatchSummary batch_of(std::uint64_t chunks)
{
    sealing::BatchSummary batch;
    batch.chunks = chunks;
    batch.bytes = chunks * sealing::sealed_chunk_bytes;
    return batch;
}

ProviderManner of(Kind kind, std::uint64_t bytes_per_second = 10'000'000)
{
    ProviderManner manner;
    manner.kind = kind;
    manner.bytes_per_second = bytes_per_second;
    return manner;
}

/// Asks of one kind among the actions.
std::vector<Ask> asks_for(const Fetcher::Actions& actions, Ask::What what)
{
    std::vector<Ask> found;
    for (const auto& ask : actions.asks)
        if (ask.what == what) found.push_back(ask);
    return found;
}

TEST(Fetcher, AsksWhatThereIsThenTheTableThenChunks)
{
    Fetcher fetcher{batch_of(100), 1, ChunkSet{100}, false};
    const auto first = fetcher.start(0);
    ASSERT_EQ(asks_for(first, Ask::What::status).size(), 1u);
    const auto second = fetcher.on_status(first.asks[0].id, true, {{0, 100}}, {}, 10);
    ASSERT_EQ(second.asks.size(), 1u);
    ASSERT_EQ(second.asks[0].what, Ask::What::leaves);
    EXPECT_EQ(second.asks[0].range, (ChunkRange{0, 100}));
    const auto third = fetcher.on_leaves(second.asks[0].id, true, 20);
    EXPECT_EQ(asks_for(third, Ask::What::chunks).size(), 2u);
    EXPECT_EQ(asks_for(third, Ask::What::chunks)[0].range, (ChunkRange{0, 4}));
    EXPECT_EQ(asks_for(third, Ask::What::chunks)[1].range, (ChunkRange{4, 4}));
}

TEST(Fetcher, GivesMoreToWhoCarriesMore)
{
    FetchNetwork network{
        batch_of(2'000), {of(Kind::honest, 1'000'000), of(Kind::honest, 8'000'000)}, 1};
    network.run(600'000);
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
    EXPECT_GT(network.fetcher().bytes_of(1), 4 * network.fetcher().bytes_of(0));
}

TEST(Fetcher, BlamesTheOneWhoLiedAndNobodyElse)
{
    FetchNetwork network{batch_of(500), {of(Kind::lies), of(Kind::honest), of(Kind::floods)}, 1};
    network.run(600'000);
    EXPECT_EQ(network.wrong(), "");
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
    EXPECT_EQ(network.fetcher().dropped(0), ProviderFault::lied);
    EXPECT_EQ(network.fetcher().dropped(1), std::nullopt);
    EXPECT_EQ(network.fetcher().dropped(2), ProviderFault::flooded);
}

TEST(Fetcher, BlamesTheOneWhoseTableDoesNotHold)
{
    FetchNetwork network{batch_of(40'000), {of(Kind::lies_about_table), of(Kind::honest)}, 1};
    network.run(3'600'000);
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
    EXPECT_EQ(network.fetcher().dropped(0), ProviderFault::lied);
    EXPECT_EQ(network.fetcher().dropped(1), std::nullopt);
}

TEST(Fetcher, AsksOthersForWhatSomebodyDoesNotSendInTime)
{
    FetchNetwork network{batch_of(200), {of(Kind::stalls), of(Kind::honest)}, 3};
    network.run(120'000);
    EXPECT_EQ(network.wrong(), "");
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
    EXPECT_LT(network.now(), 60'000u);
}

TEST(Fetcher, KeepsToItsRate)
{
    FetchLimits limits;
    limits.bytes_per_second = 1'000'000;
    const auto batch = batch_of(300);
    FetchNetwork network{
        batch, {of(Kind::honest, 50'000'000), of(Kind::honest, 50'000'000)}, 1, limits};
    network.run(600'000);
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
    const auto seconds = batch.bytes / limits.bytes_per_second;
    EXPECT_GT(network.now() - 1'000, (seconds - 2) * 1'000);
    EXPECT_LT(network.now() - 1'000, (seconds + 4) * 1'000);
}

TEST(Fetcher, FailsWithoutProviders)
{
    Fetcher none{batch_of(5), 0, ChunkSet{5}, false};
    none.start(0);
    EXPECT_EQ(none.state(), Fetcher::State::failed);
    FetchNetwork network{batch_of(5), {of(Kind::vanishes)}, 1};
    network.run(3'600'000);
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::failed);
    EXPECT_EQ(network.fetcher().why(), "no provider is left");
}

TEST(Fetcher, NamesTheChunkThatNobodyHas)
{
    auto half = of(Kind::lacks);
    half.every_nth = 2;
    FetchNetwork network{batch_of(10), {half, half}, 1};
    network.run(3'600'000);
    ASSERT_EQ(network.fetcher().state(), Fetcher::State::failed);
    EXPECT_EQ(network.fetcher().why(), "no provider has chunk 1");
}

TEST(Fetcher, IsDoneAtOnceWithEverythingHere)
{
    ChunkSet all{5};
    all.set_all();
    Fetcher fetcher{batch_of(5), 1, all, true};
    EXPECT_TRUE(fetcher.start(0).asks.empty());
    EXPECT_EQ(fetcher.state(), Fetcher::State::done);
}

TEST(Fetcher, GivesUpWhatIsUnderWayWhenItFails)
{
    Fetcher fetcher{batch_of(100), 1, ChunkSet{100}, true};
    const auto first = fetcher.start(0);
    const auto second = fetcher.on_status(first.asks[0].id, true, {{0, 100}}, {}, 10);
    ASSERT_EQ(second.asks.size(), 2u);
    const auto last = fetcher.on_fault(second.asks[0].id, ProviderFault::lied, 0, 20);
    EXPECT_EQ(last.cancels, (std::vector<std::uint64_t>{second.asks[1].id}));
    EXPECT_EQ(fetcher.state(), Fetcher::State::failed);
    EXPECT_TRUE(fetcher.on_chunks(second.asks[1].id, 30).asks.empty()) << "too late";
    EXPECT_EQ(fetcher.bytes(), 0u);
}

TEST(Fetcher, ReadsAListOfChunksInPartsAndNotForEver)
{
    Fetcher fetcher{batch_of(100), 1, ChunkSet{100}, true};
    auto told = fetcher.on_status(fetcher.start(0).asks[0].id, true, {{0, 1}}, 50, 10);
    const auto again = asks_for(told, Ask::What::status);
    // What is known to be there is asked for meanwhile; the rest of the list comes when that is.
    ASSERT_EQ(asks_for(told, Ask::What::chunks).size(), 1u);
    ASSERT_TRUE(again.empty());
    told = fetcher.on_chunks(asks_for(told, Ask::What::chunks)[0].id, 20);
    ASSERT_EQ(asks_for(told, Ask::What::status).size(), 1u);
    EXPECT_EQ(asks_for(told, Ask::What::status)[0].range.first, 50u);
    told = fetcher.on_status(asks_for(told, Ask::What::status)[0].id, true, {}, 50, 30);
    EXPECT_TRUE(told.asks.empty()) << "a list that does not get on has ended";
}

}  // namespace
}  // namespace ledger::transfer
