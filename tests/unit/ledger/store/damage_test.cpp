#include "ledger/store/block_store.hpp"

#include "ledger/state/state_tree.hpp"
#include "ledger/store/journal.hpp"
#include "tests/support/store_blocks.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

/// Damaged files of RocksDB: an error or the right data, never wrong data.
namespace ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t blocks = 40;
const StoreOptions options{
    .keep_versions = 20, .cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20};

Bytes read_file(const fs::path& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& path, const Bytes& bytes)
{
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out << as_text(bytes);
}

void copy_folder(const fs::path& from, const fs::path& to)
{
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

Bytes value_at(std::uint64_t height)
{
    return Bytes(20 + height, static_cast<std::uint8_t>(height));
}

StateDiff changes_at(std::uint64_t height)
{
    return {{bytes_of("key" + std::to_string(height % 8)), value_at(height)},
            {bytes_of("tip"), value_at(height)}};
}

/// What `key0`...`key7` hold after `height`.
std::map<std::string, Bytes> expected_state(std::uint64_t height)
{
    std::map<std::string, Bytes> state{{"tip", value_at(height)}};
    for (std::uint64_t h = height < 7 ? 0 : height - 7; h <= height; ++h) {
        state["key" + std::to_string(h % 8)] = value_at(h);
    }
    return state;
}

void append_one(BlockStore& store, std::uint64_t height)
{
    ASSERT_TRUE(store.append(numbered_block(height, changes_at(height))));
    if (height % 8 == 7) {
        ASSERT_TRUE(store.checkpoint(
            {{{bytes_of("node" + std::to_string(height)), value_at(height)}}, {}, {height}, {}},
            height + 1));
    }
}

/// Reads everything; false when an error was met. What is read must be right for the tip claimed.
bool reads_right(const BlockStore& store)
{
    bool whole = true;
    if (!store.tip()) return store.applied_seq() == 0;
    const auto tip = store.tip()->value;
    EXPECT_LT(tip, blocks);
    EXPECT_EQ(store.applied_seq(), tip + 1);
    try {
        std::map<std::string, Bytes> state;
        store.state().scan({}, [&](ByteView key, ByteView value) {
            state[std::string{as_text(key)}] = Bytes(value.begin(), value.end());
            return true;
        });
        EXPECT_EQ(state, expected_state(tip));
        for (const auto& [key, value] : expected_state(tip)) {
            EXPECT_EQ(store.state().get(as_bytes(key)), value);
        }
    } catch (const StateFault&) {
        whole = false;
    }
    const auto expect = [&whole](const auto& found, const auto& right) {
        if (found) {
            EXPECT_EQ(*found, right);
        } else {
            EXPECT_NE(found.error().kind, ErrorKind::not_found) << found.error().detail;
            whole = false;
        }
    };
    for (std::uint64_t height = 0; height <= tip; ++height) {
        expect(store.block({height}), numbered_block(height).block);
        expect(store.height_of(numbered<BlockId>(height, 1)), Height{height});
        expect(store.find_tx(numbered<TxId>(2 * height, 2)), (TxLocation{{height}, 0}));
        if (height + options.keep_versions >= tip) {
            expect(store.state_at(as_bytes("tip"), {height}), std::optional{value_at(height)});
        }
    }
    if (const auto checkpoint = store.last_checkpoint()) {
        const auto height = checkpoint->height.value;
        EXPECT_EQ(height % 8, 7U);
        expect(store.tree_node(as_bytes("node" + std::to_string(height))),
               std::optional{value_at(height)});
    }
    return whole;
}

struct DamageTest : testing::Test {
    TemporaryFolder temporary{TemporaryFolder::Place::memory};
    fs::path whole = temporary.path() / "whole";
    fs::path damaged = temporary.path() / "damaged";

    /// Some blocks in tables on disk, the rest in RocksDB's log.
    void SetUp() override
    {
        for (int part = 0; part < 2; ++part) {
            auto store = open_rocks_store(whole, options);
            ASSERT_TRUE(store) << store.error().detail;
            const auto from = part * blocks / 2;
            for (auto height = from; height < from + blocks / 2; ++height) {
                append_one(**store, height);
            }
            if (part == 1) copy_folder(whole, damaged);  // as after a kill: nothing flushed
        }
        copy_folder(damaged, whole);
    }

    std::vector<fs::path> files(std::string_view part) const
    {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator{whole / "db"}) {
            const auto name = entry.path().filename().string();
            if (name.find(part) != std::string::npos && name.find("LOG") == std::string::npos &&
                entry.file_size() > 0) {
                found.push_back(entry.path());
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    /// Damages one file; the store then serves what is right, or an error.
    void check(const fs::path& file, const Bytes& bytes, const std::string& what)
    {
        SCOPED_TRACE(file.filename().string() + ": " + what);
        copy_folder(whole, damaged);
        write_file(damaged / "db" / file.filename(), bytes);
        const auto store = open_rocks_store(damaged, options);
        if (!store) {
            EXPECT_NE(store.error().detail, "");
            ++refused;
            return;
        }
        const auto tip = (*store)->tip();
        if (!reads_right(**store)) {
            ++refused;
        } else if (!tip || tip->value + 1 < blocks) {
            ++shorter;  // the node's log has the rest
        } else {
            ++unharmed;
        }
    }

    int refused = 0;
    int shorter = 0;
    int unharmed = 0;
};

TEST_F(DamageTest, ReadsRightWithoutDamage)
{
    EXPECT_FALSE(files(".sst").empty());
    EXPECT_FALSE(files(".log").empty());
    const auto store = open_rocks_store(whole, options);
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ((*store)->tip(), Height{blocks - 1});
    EXPECT_TRUE(reads_right(**store));
    EXPECT_TRUE((*store)->verify_files());
}

TEST_F(DamageTest, FlippedBytesAreNeverServed)
{
    std::mt19937_64 random{3};
    for (const auto* part : {".sst", ".log", "MANIFEST", "CURRENT", "OPTIONS"}) {
        for (const auto& file : files(part)) {
            const auto bytes = read_file(file);
            for (int round = 0; round < 8; ++round) {
                // Half of them near the end, where a table keeps its index and footer.
                const auto from = round % 2 == 0 && bytes.size() > 60 ? bytes.size() - 60 : 0;
                const auto offset = from + random() % (bytes.size() - from);
                auto flipped = bytes;
                flipped[offset] ^= static_cast<std::uint8_t>(1U << random() % 8);
                check(file, flipped, "bit flipped at " + std::to_string(offset));
                if (HasFailure()) return;
            }
        }
    }
    EXPECT_GT(refused, 10);
}

TEST_F(DamageTest, VerifyFindsEveryFlipInATable)
{
    std::mt19937_64 random{4};
    for (const auto& file : files(".sst")) {
        auto bytes = read_file(file);
        const auto offset = random() % bytes.size();
        bytes[offset] ^= 0x10;
        copy_folder(whole, damaged);
        write_file(damaged / "db" / file.filename(), bytes);
        const auto store = open_rocks_store(damaged, options);
        if (!store) continue;  // found even sooner
        const auto verified = (*store)->verify_files();
        ASSERT_FALSE(verified) << file << " at " << offset;
        EXPECT_EQ(verified.error().kind, ErrorKind::corrupt);
        EXPECT_NE(verified.error().detail.find(file.filename().string()), std::string::npos)
            << verified.error().detail;
    }
}

TEST_F(DamageTest, ATornLogEndsAtAWholeBlock)
{
    for (const auto& file : files(".log")) {
        const auto bytes = read_file(file);
        for (std::size_t cut = 0; cut < 12; ++cut) {
            const auto left = bytes.size() * cut / 12 + cut % 3;
            check(file, Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(left)),
                  "cut to " + std::to_string(left));
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(shorter, 0);
}

TEST_F(DamageTest, MissingFilesAreNoticed)
{
    for (const auto* part : {".sst", "MANIFEST", "CURRENT"}) {
        for (const auto& file : files(part)) {
            copy_folder(whole, damaged);
            fs::remove(damaged / "db" / file.filename());
            const auto store = open_rocks_store(damaged, options);
            EXPECT_FALSE(store && reads_right(**store)) << file;
        }
    }
}

TEST_F(DamageTest, ADamagedJournalIsRefusedOrRight)
{
    const auto folder = temporary.path() / "journal";
    const auto copy = temporary.path() / "journal_damaged";
    {
        auto journal = open_rocks_journal(folder);
        ASSERT_TRUE(journal);
        for (int i = 0; i < 30; ++i) {
            const JournalBatch batch{{"t", bytes_of(std::to_string(i)), Bytes(50, 7)}};
            ASSERT_TRUE((*journal)->commit(std::span{&batch, 1}));
        }
        copy_folder(folder, copy);
    }
    copy_folder(copy, folder);
    const auto log = fs::directory_iterator
    {
        folder / "log"
        } -> path();
    const auto bytes = read_file(log);
    const auto zeros = std::find_if(bytes.rbegin(), bytes.rend(), [](auto b) { return b != 0; });
    const auto used = static_cast<std::size_t>(bytes.rend() - zeros);
    ASSERT_GT(used, 30U * 50U);
    int refusals = 0;
    constexpr std::size_t last_record = 120;
    for (std::size_t offset = 3; offset + last_record < used; offset += 97) {
        copy_folder(folder, copy);
        auto flipped = bytes;
        flipped[offset] ^= 0x04;
        write_file(copy / "log" / log.filename(), flipped);
        const auto journal = open_rocks_journal(copy);
        if (!journal) {
            ++refusals;
            continue;
        }
        for (int i = 0; i < 30; ++i) {
            const auto found = (*journal)->get("t", as_bytes(std::to_string(i)));
            if (found) {
                EXPECT_EQ(*found, Bytes(50, 7)) << offset << " " << i;
            }
        }
    }
    EXPECT_GT(refusals, 0);
}

}  // namespace
}  // namespace ledger
