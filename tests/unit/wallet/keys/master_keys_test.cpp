#include "wallet/keys/master_keys.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wallet {
namespace {

using ledger::ErrorKind;

struct MasterKeysTest : testing::Test {
    ledger::TemporaryFolder home;
    ledger::SeededRandom random{3};
    MasterKeys keys = *MasterKeys::open(home.path() / "masters", ledger::ScryptCost{2, 8, 1});

    void replace_public(const std::string& text) const
    {
        std::ofstream{home.path() / "masters" / "farm.pub"} << text;
    }
};

TEST_F(MasterKeysTest, ComeBackFromTheSecretThatTheyAreDerivedFrom)
{
    const auto made = keys.create("farm", "secret", random);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(keys.secret("farm", "wrong").error().kind, ErrorKind::denied);
    const auto secret = keys.secret("farm", "secret");
    ASSERT_TRUE(secret);
    const auto other = *MasterKeys::open(home.path() / "others", ledger::ScryptCost{2, 8, 1});
    const auto back = other.import_secret("again", secret->view(), "other", random);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->key, made->entry.key);
    EXPECT_TRUE(other.unlock("again", "other"));
    EXPECT_EQ(other.import_secret("none", ledger::Bytes(31, 1), "p", random).error().kind,
              ErrorKind::invalid);
}

TEST_F(MasterKeysTest, AreFoundWithoutAPassphraseAndOpenedWithOne)
{
    const auto made = keys.create("farm", "secret", random);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(*keys.find("farm"), made->entry);
    EXPECT_EQ(*keys.list(), std::vector{made->entry});
    const auto key = keys.unlock("farm", "secret");
    ASSERT_TRUE(key);
    EXPECT_EQ(ledger::x25519_public_key(*key), made->entry.key);
    EXPECT_EQ(keys.unlock("farm", "wrong").error().kind, ErrorKind::denied);
    EXPECT_EQ(keys.find("other").error().kind, ErrorKind::not_found);
    EXPECT_EQ(keys.create("farm", "secret", random).error().kind, ErrorKind::denied);
}

TEST_F(MasterKeysTest, ComeBackFromTheirWords)
{
    const auto made = keys.create("farm", "secret", random);
    const auto again = *MasterKeys::open(home.path() / "other", ledger::ScryptCost{2, 8, 1});
    const auto imported = again.import_words("back", made->words, "another", random);
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->key, made->entry.key);
}

TEST_F(MasterKeysTest, AreNotBelievedWhenTheirPublicHalfIsDamagedOrExchanged)
{
    ASSERT_TRUE(keys.create("farm", "secret", random));
    const auto other = keys.create("other", "secret", random);
    replace_public("0x12\n");
    EXPECT_EQ(keys.find("farm").error().kind, ErrorKind::corrupt);
    replace_public(ledger::to_hex0x(other->entry.key.view()) + "\n");
    EXPECT_TRUE(keys.find("farm"));
    EXPECT_EQ(keys.unlock("farm", "secret").error().kind, ErrorKind::corrupt);
}

TEST_F(MasterKeysTest, AreWholeAgainAfterAProgramWasKilledWhileItMadeOne)
{
    ASSERT_TRUE(keys.create("other", "secret", random));
    const auto made = keys.create("farm", "secret", random);
    ASSERT_TRUE(made);
    std::filesystem::remove(home.path() / "masters" / "farm.pub");
    EXPECT_EQ(keys.find("farm").error().kind, ErrorKind::not_found);
    EXPECT_EQ(keys.list()->size(), 1u);
    EXPECT_TRUE(keys.unlock("farm", "secret"));
    EXPECT_EQ(*keys.find("farm"), made->entry);
    EXPECT_EQ(keys.list()->size(), 2u);
}

}  // namespace
}  // namespace wallet
