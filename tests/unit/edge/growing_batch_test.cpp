#include "edge/queue/growing_batch.hpp"

#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/sealing/items.hpp"
#include "ledger/sealing/opener.hpp"
#include "tests/support/edge_world.hpp"

#include <gtest/gtest.h>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using namespace ledger::sealing;

/// What the disk would have after each growth, and the leaves' key hashes.
struct Disk {
    Bytes sealed;
    std::vector<ledger::Hash> key_hashes;

    void take(const Growth& grown)
    {
        sealed.resize(grown.from);
        ledger::append(sealed, grown.sealed);
        key_hashes.insert(key_hashes.end(), grown.key_hashes.begin(), grown.key_hashes.end());
    }

    /// The text, opened as a buyer would.
    ledger::Result<Bytes> open(const ledger::SecretKey& key, const ledger::Hash& dataset) const
    {
        Bytes table;
        ledger::MerkleBuilder tree;
        BatchSummary summary{public_key(key), {}, key_hashes.size(), sealed.size()};
        const auto chunk = [&](std::uint64_t i) {
            return ByteView{sealed}.subspan(i * sealed_chunk_bytes, sealed_size(summary, i));
        };
        for (std::uint64_t i = 0; i < summary.chunks; ++i) {
            const Leaf leaf{key_hashes[i], ledger::sha256(chunk(i))};
            tree.append(leaf_hash(i, leaf));
            LeafTable::append(table, leaf);
        }
        summary.root = tree.root();
        const auto leaves = LeafTable::check(table, summary);
        if (!leaves) return leaves.error();
        const auto opener = Opener::make(key, dataset, summary, *leaves);
        if (!opener) return opener.error();
        Bytes text;
        for (std::uint64_t i = 0; i < summary.chunks; ++i) {
            const auto plain = opener->open(i, chunk(i));
            if (!plain) return ledger::invalid(std::string{describe(plain.error())});
            ledger::append(text, *plain);
        }
        return text;
    }
};

class GrowingBatchTest : public testing::Test {
protected:
    void add(std::size_t size)
    {
        const auto name = "i" + std::to_string(items_++);
        auto text = item_header(name, size);
        ledger::append(text, some_bytes(items_, size));
        batch_.write(text);
        ledger::append(text_, text);
    }
    void begin()
    {
        batch_.write(items_begin());
        text_ = items_begin();
    }

    ledger::SeededRandom random_{7};
    ledger::SecretKey key_ = ledger::SecretKey::generate(random_);
    ledger::Hash dataset_ = random_.next<ledger::Hash>();
    GrowingBatch batch_{key_, dataset_};
    Bytes text_;
    std::uint64_t items_ = 0;
    Disk disk_;
};

TEST_F(GrowingBatchTest, IsAWholeBatchWheneverItIsLookedAt)
{
    begin();
    // Ends one byte before a chunk's end, at it, one behind it, and several chunks further.
    for (const std::size_t size : {0, 1, 1000, 31703, 1, 1, 32755, 32756, 32757, 100'000, 5}) {
        add(size);
        disk_.take(batch_.grow());
        EXPECT_EQ(disk_.sealed.size(), batch_.sealed_bytes());
        const auto text = disk_.open(key_, dataset_);
        ASSERT_TRUE(text) << text.error().detail;
        auto whole = text_;
        ledger::append(whole, items_end());
        EXPECT_EQ(*text, whole);
    }
}

TEST_F(GrowingBatchTest, EndsAtEveryPlaceAroundTheEndOfAChunk)
{
    for (std::size_t size = 32'740; size < 32'770; ++size) {
        GrowingBatch batch{key_, dataset_};
        Disk disk;
        batch.write(items_begin());
        Bytes text = items_begin();
        for (int i = 0; i < 2; ++i) {
            auto item = item_header("n" + std::to_string(i), i == 0 ? size : 3);
            ledger::append(item, some_bytes(size, i == 0 ? size : 3));
            batch.write(item);
            ledger::append(text, item);
            disk.take(batch.grow());
        }
        ledger::append(text, items_end());
        const auto opened = disk.open(key_, dataset_);
        ASSERT_TRUE(opened) << size << ": " << opened.error().detail;
        EXPECT_EQ(*opened, text) << size;
    }
}

TEST_F(GrowingBatchTest, ShowsNothingByWhatItReplacesButThatMoreCame)
{
    begin();
    add(500);
    disk_.take(batch_.grow());
    for (const std::size_t size : {0, 700, 31'500, 40'000, 1}) {
        const auto before = disk_.sealed;
        add(size);
        disk_.take(batch_.grow());
        // All but the sealed end of the items and the tag stays as it was, and that end became the
        // sealed beginning of an item: the two plaintexts are 0 and 1.
        const auto end = before.size() - 1 - tag_bytes;
        EXPECT_TRUE(std::equal(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(end),
                               disk_.sealed.begin()));
        EXPECT_EQ(before[end] ^ disk_.sealed[end], items_end()[0] ^ item_header("a", 0)[0]);
    }
}

TEST_F(GrowingBatchTest, GivesOutOnlyWhatIsNew)
{
    begin();
    add(20'000);
    disk_.take(batch_.grow());
    add(100);
    const auto grown = batch_.grow();
    EXPECT_EQ(grown.from, disk_.sealed.size() - 1 - tag_bytes);
    EXPECT_EQ(grown.sealed.size(), item_header("i1", 100).size() + 100 + 1 + tag_bytes);
    EXPECT_TRUE(grown.key_hashes.empty());
}

}  // namespace
}  // namespace edge
