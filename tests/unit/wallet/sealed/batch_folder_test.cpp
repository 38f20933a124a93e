#include "wallet/sealed/batch_folder.hpp"

#include "tests/support/temporary_folder.hpp"
#include "wallet/sealed/extract.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::ErrorKind;

void ignore(std::uint64_t) {}

Bytes read(const fs::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// A folder of two pictures and a table, sealed to two masters.
struct BatchFolderTest : testing::Test {
    ledger::TemporaryFolder home;
    ledger::SeededRandom random{5};
    ledger::X25519Key farm = ledger::X25519Key::generate(random);
    ledger::X25519Key deputy = ledger::X25519Key::generate(random);
    fs::path batch = home.path() / "batch";

    BatchFolderTest()
    {
        put("photos/a.png", 100'000);
        put("photos/deep/b.png", 0);
        put("rows.csv", 40);
    }
    void put(const std::string& name, std::size_t size)
    {
        const auto path = home.path() / name;
        fs::create_directories(path.parent_path());
        Bytes bytes(size);
        random.fill(bytes);
        std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                    static_cast<std::streamsize>(size));
    }
    SealRequest request() const
    {
        return {*find_items({home.path() / "photos", home.path() / "rows.csv"}),
                ledger::Hash{},
                {ledger::x25519_public_key(farm), ledger::x25519_public_key(deputy)},
                batch};
    }
    void seal()
    {
        const auto sealed = seal_items(request(), random, ignore);
        ASSERT_TRUE(sealed) << sealed.error().detail;
        EXPECT_EQ(sealed->chunks, 4U);
    }
    std::string why_not_open(const fs::path& out)
    {
        auto opened = BatchFolder::open(batch);
        if (!opened) return opened.error().detail;
        const auto key = opened->unwrap(farm);
        if (!key) return key.error().detail;
        const auto done = extract(*opened, *key, out, ignore);
        return done ? "" : done.error().detail;
    }
    void damage(const std::string& name, std::streamoff at) const
    {
        std::fstream file{batch / name, std::ios::binary | std::ios::in | std::ios::out};
        file.seekg(at);
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(at);
        file.put(byte);
    }
};

TEST_F(BatchFolderTest, GivesEveryFileBackByteForByteToEachMaster)
{
    seal();
    auto opened = BatchFolder::open(batch);
    ASSERT_TRUE(opened) << opened.error().detail;
    int n = 0;
    for (const auto* master : {&farm, &deputy}) {
        const auto out = home.path() / ("out" + std::to_string(n++));
        const auto key = opened->unwrap(*master);
        ASSERT_TRUE(key);
        const auto done = extract(*opened, *key, out, ignore);
        ASSERT_TRUE(done) << done.error().detail;
        EXPECT_EQ(done->items, 3U);
        EXPECT_EQ(done->bytes, 100'040U);
        for (const auto* name : {"photos/a.png", "photos/deep/b.png", "rows.csv"})
            EXPECT_EQ(read(out / name), read(home.path() / name)) << name;
    }
    const auto stranger = ledger::X25519Key::generate(random);
    EXPECT_EQ(opened->unwrap(stranger).error().kind, ErrorKind::denied);
}

TEST_F(BatchFolderTest, HoldsNothingThatWasSealed)
{
    put("photos/secret.txt", 0);
    const std::string canary = "canary-7f3a canary-7f3a canary-7f3a";
    std::ofstream{home.path() / "photos" / "secret.txt"} << canary;
    seal();
    for (const auto* name : {"batch.json", "batch.leaves", "batch.sealed"}) {
        const auto bytes = read(batch / name);
        const std::string text{bytes.begin(), bytes.end()};
        EXPECT_EQ(text.find("canary"), std::string::npos) << name;
        EXPECT_EQ(text.find("secret.txt"), std::string::npos) << name;
    }
}

TEST_F(BatchFolderTest, NamesTheChunkThatIsNotWhatWasCommittedTo)
{
    seal();
    auto opened = *BatchFolder::open(batch);
    std::uint64_t told = 0;
    EXPECT_TRUE(opened.verify([&](std::uint64_t bytes) { told = bytes; }));
    EXPECT_EQ(told, opened.manifest().bytes);
    damage("batch.sealed", 2 * ledger::sealing::sealed_chunk_bytes + 5);
    EXPECT_NE(opened.verify(ignore).error().detail.find("chunk 2"), std::string::npos);
    EXPECT_NE(why_not_open(home.path() / "out").find("chunk 2"), std::string::npos);
    EXPECT_FALSE(fs::exists(home.path() / "out")) << "all or nothing";
}

TEST_F(BatchFolderTest, RefusesLeavesManifestsAndSizesThatDoNotFit)
{
    seal();
    damage("batch.leaves", 70);
    EXPECT_NE(why_not_open("out").find("batch.leaves"), std::string::npos);
    damage("batch.leaves", 70);
    fs::resize_file(batch / "batch.sealed", fs::file_size(batch / "batch.sealed") - 1);
    EXPECT_NE(why_not_open("out").find("batch.sealed has"), std::string::npos);
    fs::remove(batch / "batch.sealed");
    EXPECT_EQ(BatchFolder::open(batch).error().kind, ErrorKind::not_found);
    damage("batch.json", 0);
    EXPECT_NE(why_not_open("out").find("batch.json"), std::string::npos);
    fs::remove(batch / "batch.json");
    EXPECT_EQ(BatchFolder::open(batch).error().kind, ErrorKind::not_found);
}

TEST_F(BatchFolderTest, WritesOverNothing)
{
    seal();
    EXPECT_EQ(seal_items(request(), random, ignore).error().kind, ErrorKind::denied);
    fs::create_directory(home.path() / "out");
    EXPECT_NE(why_not_open(home.path() / "out").find("is there already"), std::string::npos);
}

TEST_F(BatchFolderTest, LeavesNothingOfAFileThatChangedMeanwhile)
{
    auto changing = request();
    changing.items.back().size += 1;
    EXPECT_EQ(seal_items(changing, random, ignore).error().kind, ErrorKind::invalid);
    changing.items.back().size -= 2;
    EXPECT_EQ(seal_items(changing, random, ignore).error().kind, ErrorKind::invalid);
    EXPECT_FALSE(fs::exists(batch));
    for (const auto& entry : fs::directory_iterator{home.path()})
        EXPECT_FALSE(entry.path().filename().string().starts_with(".new")) << entry.path();
}

TEST_F(BatchFolderTest, DrawsAnotherKeyForEachBatch)
{
    seal();
    const auto first = BatchFolder::open(batch)->manifest().point;
    batch = home.path() / "again";
    seal();
    EXPECT_NE(BatchFolder::open(batch)->manifest().point, first);
}

}  // namespace
}  // namespace wallet
