#include "tests/support/snapshot_life.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace node {
namespace {

using namespace ledger;

/// A provider of what proves nothing, or of nothing: none of its snapshots can ever be chosen.
Manner useless_manner(std::uint32_t seed)
{
    auto random = std::make_shared<std::mt19937>(seed);
    const auto kind = (*random)() % 4;
    return [random, kind](MessageKind, Bytes answer) -> std::optional<Bytes> {
        const auto reply = decode_snapshot_reply(answer);
        if (!reply || !std::holds_alternative<SnapshotManifestReply>(*reply)) {
            if (kind == 0 && (*random)() % 2 == 0) return {};
            return answer;
        }
        switch (kind) {
            case 0:
                return {};
            case 1:
                answer[(*random)() % answer.size()] ^= 1;
                return answer;
            case 2:
                answer.resize((*random)() % answer.size());
                return answer;
            default:
                return encode(SnapshotReply{SnapshotManifestReply{
                    std::get<SnapshotManifestReply>(*reply).id, std::nullopt}});
        }
    };
}

struct SnapshotFetchProperty : testing::Test {
    SnapshotFetchProperty()
    {
        honest.add(old);
        honest.add(newer);
        lies.add(forged);
    }
    /// It began with one of the snapshots as a whole, and nothing of the way there is left.
    void expect_one_whole_state(const SnapshotLife& life) const
    {
        ASSERT_TRUE(life.fetch().outcome());
        ASSERT_TRUE(*life.fetch().outcome()) << life.fetch().outcome()->error().detail;
        ASSERT_TRUE(life.state);
        ASSERT_TRUE(life.state == listing(old.store->state()) ||
                    life.state == listing(newer.store->state()))
            << "parts of two states";
        ASSERT_TRUE(life.files().empty());
    }
    const SnapshotWorld old{{.entries = 250}};
    const SnapshotWorld newer{{.entries = 350, .height = 9}};
    const SnapshotWorld forged{{.entries = 200, .height = 90, .first_key = 90}};
    MemoryLibrary honest;
    MemoryLibrary lies;
};

TEST_F(SnapshotFetchProperty, GoesOnWithBlocksAfterAMinuteAndNotSoonerAmongUselessPeers)
{
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        SnapshotLife life{old};
        life.start();
        ASSERT_FALSE(life.run(random() % 90'000));
        const auto began = life.now_ms;
        life.join(1, lies, random() % 3'000);
        std::uint8_t next = 2;
        while (!life.fetch().outcome()) {
            if (random() % 2 == 0 && next < 12)
                life.join(next, random() % 3 == 0 ? lies : honest, random() % 6'000,
                          useless_manner(seed * 100 + next));
            if (random() % 4 == 0) life.leave(static_cast<std::uint8_t>(1 + random() % next));
            ++next;
            life.run(1'000 + random() % 5'000);
        }
        ASSERT_TRUE(life.has_ended_with_blocks());
        ASSERT_TRUE(life.files().empty());
        ASSERT_TRUE(life.asked.empty());
        ASSERT_GE(life.now_ms - began, SnapshotFetch::patience_ms);
        ASSERT_LE(life.now_ms - began, SnapshotFetch::patience_ms + 200);
    }
}

TEST_F(SnapshotFetchProperty, BeginsWithASnapshotThatAGoodPeerShowsInTimeWhateverOthersDo)
{
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        SnapshotLife life{old};
        for (std::uint8_t n = 2; n <= 5; ++n)
            life.join(n, random() % 2 == 0 ? lies : honest, random() % 4'000,
                      useless_manner(seed * 100 + n));
        life.start();
        ASSERT_FALSE(life.run(random() % 59'000));
        life.join(1, honest, random() % 200);
        ASSERT_TRUE(life.run(400'000));
        expect_one_whole_state(life);
        ASSERT_FALSE(life.banned.contains(SnapshotNetwork::name(1)));
    }
}

TEST_F(SnapshotFetchProperty, EndsWithOneWholeStateWhateverKillsItAndWhateverTheDiskLoses)
{
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        MemoryLibrary old_only;
        old_only.add(old);
        SnapshotLife life{old};
        life.join(1, random() % 2 == 0 ? honest : old_only, random() % 100);
        life.join(2, honest, random() % 400, useless_manner(seed));
        for (std::uint32_t lives = 2 + random() % 8; lives > 0; --lives) {
            life.start();
            const auto until = random() % 25;
            const auto ended = [&] {
                return life.fetch().outcome().has_value() || life.kept().size() >= until;
            };
            life.run_until(ended, random() % 8'000);
            if (life.fetch().outcome()) break;
            life.kill();
            const auto kept = life.kept();
            if (!kept.empty() && random() % 3 == 0) life.damage(kept[random() % kept.size()]);
            // Who has what changes between two processes: so may the snapshot.
            if (random() % 3 == 0) {
                life.leave(1);
                life.join(1, random() % 2 == 0 ? honest : old_only, random() % 100);
            }
        }
        if (life.state) continue;
        life.start();
        ASSERT_TRUE(life.run(400'000));
        expect_one_whole_state(life);
        ASSERT_EQ(life.asked_for_kept, 0u);
        ASSERT_FALSE(life.banned.contains(SnapshotNetwork::name(1)));
    }
}

}  // namespace
}  // namespace node
