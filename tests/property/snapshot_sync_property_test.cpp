#include "tests/support/snapshot_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

/// A provider that lies, stalls, loses answers or cuts them, each now and then.
Manner odd_manner(std::uint32_t seed)
{
    auto random = std::make_shared<std::mt19937>(seed);
    const auto badness = (*random)() % 4;
    return [random, badness](MessageKind asked, Bytes answer) -> std::optional<Bytes> {
        if (badness == 0 || (*random)() % 4 != 0) return answer;
        switch ((*random)() % 5) {
            case 0:
                return {};
            case 1:
                answer[(*random)() % answer.size()] ^=
                    static_cast<std::uint8_t>(1 + (*random)() % 255);
                return answer;
            case 2:
                answer.resize((*random)() % answer.size());
                return answer;
            case 3:
                if (asked != message::get_snapshot_chunk) return answer;
                return encode(SnapshotChunkReply{decode_chunk_reply(answer)->id,
                                                 decode_chunk_reply(answer)->index,
                                                 ChunkReplyKind::busy,
                                                 {}});
            default:
                return {};
        }
    };
}

TEST(SnapshotSyncProperty, ReachesAWholeSnapshotAsLongAsOneHonestPeerStays)
{
    const SnapshotWorld old{{.entries = 400}};
    const SnapshotWorld newer{{.entries = 500, .height = 9}};
    const SnapshotWorld forged{{.entries = 300, .height = 90, .first_key = 90}};
    MemoryLibrary honest;
    honest.add(old);
    honest.add(newer);
    MemoryLibrary lies;
    lies.add(forged);
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random{seed};
        SnapshotNetwork network{old.epoch};
        network.join(1, honest, 5 + random() % 2'000);
        const auto others = 2 + random() % 6;
        for (std::uint8_t n = 2; n < 2 + others; ++n)
            network.join(n, random() % 4 == 0 ? lies : honest, random() % 8'000,
                         odd_manner(seed * 100 + n));
        for (int step = 0; step < 400 && !network.sync.complete(); ++step) {
            network.run(1'000 + random() % 2'000);
            const auto who = static_cast<std::uint8_t>(2 + random() % others);
            if (random() % 4 == 0) network.leave(who);
            if (random() % 4 == 0 && !network.was_dropped(who))
                network.join(who, honest, random() % 4'000, odd_manner(seed * 200 + who));
        }
        ASSERT_TRUE(network.sync.complete());
        ASSERT_FALSE(network.was_dropped(1));
        const auto& content = network.sync.chosen()->content;
        ASSERT_NE(content.height, Height{90});
        ASSERT_EQ(network.kept[snapshot_id(content)].size(), content.ends.size());
        ASSERT_LE(network.most_at_once, SnapshotSyncLimits{}.window);
    }
}

}  // namespace
}  // namespace node
