#include "market/split_table.hpp"

#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace market {
namespace {

/// Registers random versions, each on random earlier ones and data, and checks every table.
class Lineage {
public:
    explicit Lineage(std::uint64_t seed) : random_{seed}
    {
        for (int i = 0; i < 6; ++i) {
            const auto id = ledger::retag<DatasetId>(MarketWorld::hash_of(label("data", i)));
            world_.put(id, Dataset{MarketWorld::address_of("carol"), 1, {}, {}});
            datasets_.push_back(id);
        }
    }

    void add(int index)
    {
        auto version = random_version(index);
        const auto owner = MarketWorld::address_of(label("owner", static_cast<int>(pick(9))));
        const auto made = flatten(world_.view(), owner, version);
        if (!made) {
            // The only limits that random versions of this kind may meet.
            ASSERT_TRUE(made.error() == Rejection::lineage_too_deep ||
                        made.error() == Rejection::split_too_large);
            return;
        }
        check(version, owner, *made);
        VersionRecord record;
        record.version = version;
        record.owner = owner;
        record.shares = made->shares;
        record.depth = made->depth;
        world_.put({version.model, version.ver}, record);
        versions_.push_back({version.model, version.ver});
    }

    std::size_t size() const { return versions_.size(); }
    std::uint32_t deepest() const { return deepest_; }

private:
    static std::string label(const char* what, int i) { return what + std::to_string(i); }
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }

    ModelVersion random_version(int index)
    {
        ModelVersion version;
        version.model = ledger::retag<ModelId>(MarketWorld::hash_of(label("model", index)));
        version.ver = {1};
        const auto parents = versions_.empty() ? 0 : pick(4);
        std::uint64_t left_bps = SplitLimits::royalties_bps;
        for (std::uint64_t i = 0; i < parents; ++i) {
            const auto& parent = versions_[pick(versions_.size())];
            if (std::any_of(version.parents.begin(), version.parents.end(),
                            [&](const Parent& other) { return other.model == parent.model; }))
                continue;
            const auto royalty = pick(left_bps + 1);
            left_bps -= royalty;
            version.parents.push_back(
                {parent.model, parent.ver, {static_cast<std::uint32_t>(royalty)}});
        }
        if (pick(2) == 0) return version;
        version.data_ppm = {static_cast<std::uint32_t>(1 + pick(1'000'000))};
        const auto first = pick(3);
        for (auto i = first; i < first + 1 + pick(3); ++i)
            version.datasets.push_back(
                {datasets_[i], static_cast<std::uint32_t>(1 + pick(0xffffffff))});
        return version;
    }

    /// What a beneficiary gets at least, by its part in each parent's table.
    std::uint64_t inherited(const ModelVersion& version, const Beneficiary& who) const
    {
        std::uint64_t sum = 0;
        for (const auto& parent : version.parents) {
            const auto record = world_.view().get<VersionRecord>({parent.model, parent.ver});
            for (const auto& share : record.shares)
                if (share.to == who)
                    sum += parent.royalty_bps.value * 100ull * share.ppm.value / 1'000'000;
        }
        return sum;
    }

    void check(const ModelVersion& version, const Address& owner, const Flattened& made)
    {
        std::map<Beneficiary, std::uint64_t> table;
        for (const auto& share : made.shares) table[share.to] = share.ppm.value;
        ASSERT_EQ(table.size(), made.shares.size()) << "a beneficiary stands twice";
        ASSERT_TRUE(std::is_sorted(made.shares.begin(), made.shares.end(),
                                   [](const auto& a, const auto& b) { return a.to < b.to; }));
        std::uint64_t sum = 0;
        for (const auto& [to, ppm] : table) sum += ppm;
        ASSERT_EQ(sum, 1'000'000u);
        ASSERT_LE(made.shares.size(), SplitLimits::entries);
        ASSERT_TRUE(table.contains(account_beneficiary(owner)));

        std::uint32_t depth = 1;
        for (const auto& parent : version.parents) {
            const auto record = world_.view().get<VersionRecord>({parent.model, parent.ver});
            depth = std::max(depth, record.depth + 1);
            for (const auto& share : record.shares)
                ASSERT_GE(table[share.to], inherited(version, share.to)) << "a part was lost";
        }
        ASSERT_EQ(made.depth, depth);
        ASSERT_LE(depth, SplitLimits::depth);
        deepest_ = std::max(deepest_, depth);
    }

    std::mt19937_64 random_;
    MarketWorld world_;
    std::vector<DatasetId> datasets_;
    std::vector<VersionKey> versions_;
    std::uint32_t deepest_ = 0;
};

TEST(SplitTableProperty, TablesOfRandomLineagesSumToTheWholeAndLoseNobody)
{
    std::size_t made = 0;
    std::uint32_t deepest = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Lineage lineage{seed};
        for (int i = 0; i < 60; ++i) lineage.add(i);
        if (HasFatalFailure()) return;
        made += lineage.size();
        deepest = std::max(deepest, lineage.deepest());
    }
    EXPECT_GT(made, 600u);
    EXPECT_EQ(deepest, SplitLimits::depth) << "the random lineages were too shallow to tell";
}

}  // namespace
}  // namespace market
