#include "wallet/labels/label_items.hpp"

#include "ledger/crypto/sha256.hpp"
#include "market/label_rows.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet {
namespace {

void ignore(std::uint64_t) {}

std::vector<LabelItem> files(std::size_t count)
{
    std::vector<LabelItem> made;
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = "file " + std::to_string(i);
        made.push_back({name, ledger::sha256(ledger::as_bytes(name))});
    }
    return made;
}

TEST(LabelItems, AreTheFilesOfABatchInTheirOrder)
{
    const ledger::TemporaryFolder home;
    ledger::SeededRandom random{5};
    const auto farm = ledger::X25519Key::generate(random);
    std::filesystem::create_directory(home.path() / "photos");
    const std::string large(100'000, 'x');
    for (const auto& [name, text] :
         {std::pair<const char*, std::string>{"b.png", large}, {"a.png", ""}, {"c.png", "three"}})
        std::ofstream{home.path() / "photos" / name, std::ios::binary} << text;
    SealRequest request;
    request.items = *find_items({home.path() / "photos"});
    request.masters = {ledger::x25519_public_key(farm)};
    request.folder = home.path() / "batch";
    ASSERT_TRUE(seal_items(request, random, ignore));

    auto batch = BatchFolder::open(request.folder);
    ASSERT_TRUE(batch);
    const auto key = batch->unwrap(farm);
    ASSERT_TRUE(key);
    const auto items = list_items(*batch, *key, ignore);
    ASSERT_TRUE(items) << items.error().detail;
    EXPECT_EQ(*items, (std::vector<LabelItem>{
                          {"photos/a.png", ledger::sha256({})},
                          {"photos/b.png", ledger::sha256(ledger::as_bytes(large))},
                          {"photos/c.png", ledger::sha256(ledger::as_bytes("three"))}}));
    EXPECT_EQ(root_of(*items),
              market::label_items_root({(*items)[0].hash, (*items)[1].hash, (*items)[2].hash}));
    EXPECT_FALSE(list_items(*batch, ledger::SecretKey::generate(random), ignore));
}

TEST(LabelItems, ArePickedByName)
{
    const auto all = files(20);
    const auto picks = picks_of(all, {"file 0", "file 9", "file 17"});
    ASSERT_TRUE(picks);
    EXPECT_EQ(*picks, (ledger::Bytes{0x01, 0x02, 0x02}));
    const auto items = picked(all, *picks);
    ASSERT_TRUE(items);
    EXPECT_EQ(*items, (std::vector<LabelItem>{all[0], all[9], all[17]}));
}

TEST(LabelItems, AreAllOfThemWithoutPicks)
{
    const auto all = files(3);
    EXPECT_TRUE(picks_of(all, {"file 0", "file 1", "file 2"})->empty());
    EXPECT_EQ(*picked(all, {}), all);
}

TEST(LabelItems, AreNotPickedWhereTheyAreNot)
{
    EXPECT_EQ(picks_of(files(3), {"file 3"}).error().kind, ledger::ErrorKind::not_found);
    auto twice = files(2);
    twice[1].name = twice[0].name;
    EXPECT_FALSE(picks_of(twice, {"file 0"}));
    EXPECT_FALSE(picked(files(3), {0x09})) << "file 3 of three";
    EXPECT_TRUE(picked(files(4), {0x09}));
}

}  // namespace
}  // namespace wallet
