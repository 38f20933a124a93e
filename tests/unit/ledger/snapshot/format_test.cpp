#include "ledger/codec/binary.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace ledger {
namespace {

struct SnapshotFormatTest : testing::Test {
    SnapshotWorld world{{}};
    SimDisk disk;
    SnapshotFolder folder{disk, "s/5"};
    SnapshotManifest manifest = world.write(folder);
    consensus::CertificateChecker checker{world.verifier};

    std::string refusal(const std::function<void(SnapshotManifest&)>& change)
    {
        auto changed = manifest;
        change(changed);
        const auto checked = check_manifest(changed, *world.epoch, checker);
        return checked ? "" : checked.error().detail;
    }
    Bytes chunk(std::size_t index) const { return *folder.chunk(index); }
};

TEST_F(SnapshotFormatTest, AManifestProvesItself)
{
    EXPECT_EQ(refusal([](auto&) {}), "");
    ASSERT_GT(manifest.content.ends.size(), 4U);
    EXPECT_EQ(manifest.content.entries, 300U);
    EXPECT_EQ(*decode_manifest(encode_manifest(manifest)), manifest);
}

TEST_F(SnapshotFormatTest, AManifestIsFinalThroughALaterBlock)
{
    const SnapshotWorld later{{.descendants = 3}};
    SnapshotFolder other{disk, "s/6"};
    const auto made = later.write(other);
    ASSERT_EQ(made.finality.path.size(), 4U);
    EXPECT_TRUE(check_manifest(made, *later.epoch, checker));
    auto cut = made;
    cut.finality.path.erase(cut.finality.path.begin() + 1);
    EXPECT_FALSE(check_manifest(cut, *later.epoch, checker));
}

TEST_F(SnapshotFormatTest, AManifestIsRefusedWhateverPartOfItIsAnother)
{
    EXPECT_NE(refusal([](auto& m) { m.content.chain_id.value = 8; }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.height.value = 4; }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.block.bytes[3] ^= 1; }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.state_root.bytes[3] ^= 1; }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.history.back() ^= 1; }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.history = HistoryTree{}.encode(); }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.ends.pop_back(); }), "");
    EXPECT_NE(refusal([](auto& m) { m.content.ends.clear(); }), "");
    EXPECT_NE(refusal([](auto& m) { std::swap(m.content.ends[0], m.content.ends[1]); }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.path.clear(); }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.path.resize(65, m.finality.path[0]); }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.path[0].time_ms.value = 9; }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.path[0].kind = BlockKind::tail; }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.finalized.kind = VoteKind::notarize; }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.finalized.signatures[0].bytes[9] ^= 1; }), "");
    EXPECT_NE(refusal([](auto& m) { m.finality.finalized.bitmap = {0b1101'0000}; }), "");
}

TEST_F(SnapshotFormatTest, AManifestOfOtherValidatorsIsRefused)
{
    const SnapshotWorld strangers{{.first_key = 90}};
    SnapshotFolder other{disk, "s/6"};
    const auto theirs = strangers.write(other);
    EXPECT_FALSE(check_manifest(theirs, *world.epoch, checker));
    EXPECT_TRUE(check_manifest(theirs, *strangers.epoch, checker));
}

TEST_F(SnapshotFormatTest, AManifestKeepsItsBounds)
{
    EXPECT_EQ(decode_manifest(Bytes(SnapshotLimits::manifest_bytes + 1)).error().kind,
              ErrorKind::full);
    EXPECT_EQ(decode_manifest({}).error().kind, ErrorKind::invalid);
    auto many = manifest;
    many.content.ends.clear();
    Hash end;
    for (std::size_t i = 0; i < SnapshotLimits::chunks; ++i)
        many.content.ends.push_back(end = next_key_hash(end));
    many.content.ends.back() = last_key_hash();
    EXPECT_TRUE(decode_manifest(encode_manifest(many)));
    many.content.ends.insert(many.content.ends.begin(), Hash{});
    EXPECT_EQ(decode_manifest(encode_manifest(many)).error().kind, ErrorKind::invalid);
}

TEST_F(SnapshotFormatTest, ItsNameCoversTheContentButNotWhoSignedIt)
{
    auto other = manifest;
    other.finality.finalized = {};
    EXPECT_EQ(snapshot_id(other.content), snapshot_id(manifest.content));
    ++other.content.bytes;
    EXPECT_NE(snapshot_id(other.content), snapshot_id(manifest.content));
}

TEST_F(SnapshotFormatTest, EveryChunkIsCheckedAlone)
{
    std::size_t entries = 0;
    for (auto index = manifest.content.ends.size(); index-- > 0;) {
        const auto checked = check_chunk(manifest.content, index, chunk(index));
        ASSERT_TRUE(checked) << checked.error().detail;
        entries += checked->entries.size();
        ASSERT_EQ(checked->entries.size(), checked->hashes.size());
    }
    EXPECT_EQ(entries, 300U);
}

TEST_F(SnapshotFormatTest, AChunkWithAFlippedByteIsNamedAndRefused)
{
    for (std::size_t index = 0; index < manifest.content.ends.size(); ++index) {
        const auto good = chunk(index);
        for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 41) {
            auto bad = good;
            bad[at] ^= 0x10;
            const auto checked = check_chunk(manifest.content, index, bad);
            ASSERT_FALSE(checked) << index << " at " << at;
            EXPECT_NE(checked.error().detail.find("chunk " + std::to_string(index)),
                      std::string::npos);
        }
    }
}

TEST_F(SnapshotFormatTest, AChunkOfAnotherPlaceOrSnapshotIsRefused)
{
    const SnapshotWorld other{{.seed = 2}};
    SnapshotFolder other_folder{disk, "s/6"};
    const auto theirs = other.write(other_folder);
    EXPECT_FALSE(check_chunk(manifest.content, 1, chunk(0)));
    EXPECT_FALSE(check_chunk(manifest.content, 0, chunk(1)));
    EXPECT_FALSE(check_chunk(manifest.content, 0, *other_folder.chunk(0)));
    EXPECT_FALSE(check_chunk(manifest.content, manifest.content.ends.size(), chunk(0)));
    EXPECT_EQ(check_chunk(manifest.content, 0, Bytes(SnapshotLimits::chunk_bytes + 1)).error().kind,
              ErrorKind::full);
}

TEST_F(SnapshotFormatTest, AChunkThatLeavesOutAnEntryIsRefused)
{
    auto parts = *codec::decode<SnapshotChunk>(chunk(1));
    ASSERT_GT(parts.entries.size(), 2U);
    parts.entries.erase(parts.entries.begin() + 1);
    EXPECT_FALSE(check_chunk(manifest.content, 1, codec::encode(parts)));
}

}  // namespace
}  // namespace ledger
