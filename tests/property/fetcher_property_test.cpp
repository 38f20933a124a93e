#include "tests/support/fetch_network.hpp"

#include <gtest/gtest.h>

namespace ledger::transfer {
namespace {

using Kind = ProviderManner::Kind;

sealing::BatchSummary batch_of(std::uint64_t chunks)
{
    sealing::BatchSummary batch;
    batch.chunks = chunks;
    batch.bytes = (chunks - 1) * sealing::sealed_chunk_bytes + 100;
    return batch;
}

/// One honest provider among up to five of any manner.
std::vector<ProviderManner> any_providers(std::mt19937& random)
{
    std::vector<ProviderManner> providers(1 + random() % 6);
    for (auto& provider : providers) {
        provider.kind = static_cast<Kind>(random() % 8);
        provider.bytes_per_second = 500'000 + random() % 50'000'000;
        provider.delay_ms = random() % 500;
        provider.from_ms = random() % 3'000;
        provider.every_nth = 1 + random() % 5;
    }
    providers[random() % providers.size()].kind = Kind::honest;
    return providers;
}

TEST(FetcherProperty, GetsEveryBatchThatOneHonestProviderHas)
{
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        const auto batch = batch_of(1 + random() % 2'000);
        const auto providers = any_providers(random);
        FetchNetwork network{batch, providers, seed};
        network.run(3'600'000);
        ASSERT_EQ(network.wrong(), "");
        ASSERT_EQ(network.fetcher().state(), Fetcher::State::done) << network.fetcher().why();
        for (std::size_t i = 0; i < providers.size(); ++i) {
            const bool is_good =
                providers[i].kind == Kind::honest || providers[i].kind == Kind::lacks;
            ASSERT_FALSE(is_good && network.fetcher().dropped(i)) << "provider " << i << " is good";
        }
    }
}

TEST(FetcherProperty, EndsWithAReasonWhereNobodyIsHonest)
{
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        const auto batch = batch_of(500 + random() % 500);
        std::vector<ProviderManner> providers(1 + random() % 4);
        const std::array<Kind, 5> kinds{Kind::stalls, Kind::lies, Kind::floods, Kind::vanishes,
                                        Kind::lies_about_table};
        for (auto& provider : providers) {
            provider.kind = kinds[random() % kinds.size()];
            provider.bytes_per_second = 200'000;
            provider.from_ms = 1'500;
        }
        FetchNetwork network{batch, providers, seed};
        network.run(3'600'000);
        ASSERT_EQ(network.wrong(), "");
        // One that stalls answers now and then: it may be enough.
        if (network.fetcher().state() == Fetcher::State::done) continue;
        ASSERT_EQ(network.fetcher().state(), Fetcher::State::failed);
        ASSERT_FALSE(network.fetcher().why().empty());
    }
}

TEST(FetcherProperty, PutsABatchTogetherFromThoseWhoHaveAPartEach)
{
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        const auto batch = batch_of(1 + random() % 1'000);
        ProviderManner every, third;
        every.kind = third.kind = Kind::lacks;
        third.every_nth = 3;
        FetchNetwork network{batch, {third, every, third}, seed};
        network.run(600'000);
        ASSERT_EQ(network.wrong(), "");
        ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
        ASSERT_EQ(network.chunks_asked(), batch.chunks) << "nothing is asked for in vain";
    }
}

TEST(FetcherProperty, GoesOnFromWhatIsHere)
{
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        const auto batch = batch_of(500);
        ChunkSet have{500};
        for (int i = 0; i < 250; ++i) have.set(random() % 500);
        const auto missing = 500 - have.count();
        FetchNetwork network{batch, {{}, {}}, seed, {}, have};
        network.run(600'000);
        ASSERT_EQ(network.fetcher().state(), Fetcher::State::done);
        ASSERT_EQ(network.chunks_asked(), missing);
    }
}

}  // namespace
}  // namespace ledger::transfer
