#include "wallet/keys/key_store.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/keys/private_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::ErrorKind;
using ledger::SecretKey;
using ledger::SeededRandom;
using ledger::to_hex;

const ledger::ScryptCost cheap{16, 1, 1};
const char* const junk = "test test test test test test test test test test test junk";

unsigned mode_of(const fs::path& path)
{
    struct ::stat about {};
    return ::lstat(path.c_str(), &about) == 0 ? about.st_mode & 07777U : 0;
}

SecretKey key_of(std::uint8_t number)
{
    ledger::Bytes bytes(32);
    bytes.back() = number;
    return *SecretKey::from_bytes(bytes);
}

class KeyStoreTest : public testing::Test {
protected:
    KeyStoreTest()
    {
        std::string made = (fs::temp_directory_path() / "key-store-XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        root_ = made;
    }
    ~KeyStoreTest() override { fs::remove_all(root_); }

    fs::path folder() const { return root_ / "keys"; }
    KeyStore store() const { return *KeyStore::open(folder(), cheap); }
    void put(const std::string& name, std::string_view text, unsigned mode = 0600)
    {
        std::ofstream{folder() / name} << text;
        ::chmod((folder() / name).c_str(), mode);
    }

    fs::path root_;
    SeededRandom random_{1};
};

TEST_F(KeyStoreTest, CreatesAKeyWhoseWordsBringItBack)
{
    const auto made = store().create("alice", "secret", random_);
    ASSERT_TRUE(made.has_value());
    const auto again =
        KeyStore::open(root_ / "elsewhere", cheap)
            ->import_words("alice", *parse_mnemonic(made->words.text()), "", 0, "other", random_);
    EXPECT_EQ(again->address, made->entry.address);
    EXPECT_EQ(ledger::address_of(*store().unlock("alice", "secret")), made->entry.address);
}

TEST_F(KeyStoreTest, KeepsFilesAndFolderFromOthers)
{
    const auto entry = store().import_key("alice", key_of(1), "secret", random_);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->file, folder() / "alice.json");
    EXPECT_EQ(mode_of(folder()), 0700U);
    EXPECT_EQ(mode_of(entry->file), 0600U);
    int files = 0;
    for (const auto& file : fs::directory_iterator{folder()}) files += file.is_regular_file();
    EXPECT_EQ(files, 1) << "a temporary file was left behind";
}

TEST_F(KeyStoreTest, RefusesAFileThatOthersCanRead)
{
    const auto entry = store().import_key("alice", key_of(1), "secret", random_);
    ::chmod(entry->file.c_str(), 0640);
    const auto key = store().unlock("alice", "secret");
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().kind, ErrorKind::denied);
    EXPECT_EQ(key.error().detail, entry->file.string() +
                                      " is open to others (mode 0640); make it yours alone: "
                                      "chmod 600 " +
                                      entry->file.string());
}

TEST_F(KeyStoreTest, RefusesAFolderThatOthersCanEnter)
{
    store();
    ::chmod(folder().c_str(), 0750);
    const auto again = KeyStore::open(folder(), cheap);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, ErrorKind::denied);
    EXPECT_NE(again.error().detail.find("chmod 700 "), std::string::npos);
}

TEST_F(KeyStoreTest, ListsByNameAndHidesNothingBehindABrokenFile)
{
    const auto keys = store();
    const auto bob = keys.import_key("bob", key_of(2), "b", random_);
    const auto alice = keys.import_key("alice", key_of(1), "a", random_);
    put("carol.json", "{");
    put("dave.json", R"({"version":3})", 0644);
    put("notes.txt", "not a key");
    const auto listing = keys.list();
    ASSERT_TRUE(listing.has_value());
    EXPECT_EQ(listing->keys, (std::vector{*alice, *bob}));
    ASSERT_EQ(listing->unreadable.size(), 2U);
    EXPECT_NE(listing->unreadable[0].find("carol.json: the file is not a JSON object"),
              std::string::npos);
    EXPECT_NE(listing->unreadable[1].find("mode 0644"), std::string::npos);
}

TEST_F(KeyStoreTest, FindsByNameAndByAddress)
{
    const auto keys = store();
    const auto bob = *keys.import_key("bob", key_of(2), "b", random_);
    EXPECT_EQ(*keys.find("bob"), bob);
    EXPECT_EQ(*keys.find(ledger::to_checksum(bob.address)), bob);
    EXPECT_EQ(*keys.find(ledger::to_hex0x(bob.address.view())), bob);
    EXPECT_EQ(to_hex(keys.unlock(ledger::to_checksum(bob.address), "b")->view()),
              to_hex(key_of(2).view()));
    EXPECT_EQ(keys.find("alice").error().kind, ErrorKind::not_found);
    EXPECT_EQ(keys.find("alice").error().detail, "no key named alice in " + folder().string());
    EXPECT_EQ(keys.find("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf").error().kind,
              ErrorKind::not_found);
    EXPECT_EQ(keys.find("../bob").error().kind, ErrorKind::invalid);
    EXPECT_EQ(keys.find("").error().kind, ErrorKind::invalid);
}

TEST_F(KeyStoreTest, RefusesAWrongPassphraseByName)
{
    const auto keys = store();
    ASSERT_TRUE(keys.import_key("bob", key_of(2), "b", random_).has_value());
    EXPECT_EQ(keys.unlock("bob", "B").error().kind, ErrorKind::denied);
    EXPECT_EQ(keys.unlock("bob", "B").error().detail,
              "bob: the passphrase is wrong, or the file was changed");
}

TEST_F(KeyStoreTest, NeverWritesOverAKey)
{
    const auto keys = store();
    const auto first = *keys.import_key("bob", key_of(2), "b", random_);
    const auto same_name = keys.import_key("bob", key_of(3), "b", random_);
    EXPECT_EQ(same_name.error().kind, ErrorKind::denied);
    EXPECT_EQ(same_name.error().detail, "a key named bob is there already");
    const auto same_key = keys.import_key("robert", key_of(2), "b", random_);
    EXPECT_EQ(same_key.error().detail, "this key is there already, named bob");
    EXPECT_EQ(to_hex(keys.unlock("bob", "b")->view()), to_hex(key_of(2).view()));
    EXPECT_EQ(write_new_private_file(first.file, "x").error().kind, ErrorKind::denied);
    EXPECT_TRUE(keys.unlock("bob", "b").has_value());
}

TEST_F(KeyStoreTest, RefusesNamesThatAreNone)
{
    const auto keys = store();
    for (const std::string& name :
         {std::string{}, std::string{"Bob"}, std::string{"a/b"}, std::string{".."},
          std::string{".bob"}, std::string{"0xbob"}, std::string{"bö"}, std::string("a\0b", 3),
          std::string(65, 'a')})
        EXPECT_EQ(keys.import_key(name, key_of(1), "", random_).error().kind, ErrorKind::invalid);
    EXPECT_TRUE(keys.import_key(std::string(64, 'a'), key_of(1), "", random_).has_value());
}

TEST_F(KeyStoreTest, ImportsWordsAtEveryAccount)
{
    const auto keys = store();
    const auto words = *parse_mnemonic(junk);
    const auto first = keys.import_words("first", words, "", 0, "p", random_);
    const auto second = keys.import_words("second", words, "", 1, "p", random_);
    const auto hidden = keys.import_words("hidden", words, "TREZOR", 0, "p", random_);
    EXPECT_EQ(ledger::to_checksum(first->address), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    EXPECT_EQ(ledger::to_checksum(second->address), "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    EXPECT_NE(hidden->address, first->address);
    EXPECT_EQ(keys.import_words("x", words, "", 1U << 31, "p", random_).error().kind,
              ErrorKind::invalid);
}

TEST_F(KeyStoreTest, ImportsAFileOfAnotherWallet)
{
    const auto keys = store();
    const auto theirs = *encrypt_key(key_of(7), "theirs", random_, Pbkdf2Cost{5});
    EXPECT_EQ(keys.import_file("seven", theirs, "wrong", "mine", random_).error().kind,
              ErrorKind::denied);
    ASSERT_TRUE(keys.import_file("seven", theirs, "theirs", "mine", random_).has_value());
    EXPECT_EQ(to_hex(keys.unlock("seven", "mine")->view()), to_hex(key_of(7).view()));
    EXPECT_FALSE(keys.unlock("seven", "theirs").has_value());
    EXPECT_EQ(keys.import_file("eight", "{}", "", "", random_).error().detail,
              "version is missing");
}

TEST_F(KeyStoreTest, ReadsNoLinksPipesOrHugeFiles)
{
    const auto keys = store();
    ASSERT_TRUE(keys.import_key("bob", key_of(2), "b", random_).has_value());
    fs::create_symlink(folder() / "bob.json", folder() / "link.json");
    EXPECT_EQ(keys.unlock("link", "b").error().kind, ErrorKind::io);
    ASSERT_EQ(::mkfifo((folder() / "pipe.json").c_str(), 0600), 0);
    EXPECT_EQ(keys.unlock("pipe", "b").error().kind, ErrorKind::io);
    fs::create_directory(folder() / "folder.json");
    EXPECT_EQ(keys.unlock("folder", "b").error().kind, ErrorKind::io);
    put("huge.json", std::string(64 * 1024 + 1, ' '));
    EXPECT_EQ(keys.unlock("huge", "b").error().kind, ErrorKind::full);
}

TEST_F(KeyStoreTest, MakesMissingParentsAndRefusesAFileInTheFoldersPlace)
{
    EXPECT_TRUE(KeyStore::open(root_ / "a" / "b" / "c", cheap).has_value());
    std::ofstream{root_ / "file"} << "x";
    EXPECT_EQ(KeyStore::open(root_ / "file", cheap).error().kind, ErrorKind::io);
    EXPECT_EQ(KeyStore::open(root_ / "file" / "keys", cheap).error().kind, ErrorKind::io);
}

TEST(SecretKeyText, IsReadWithAndWithoutPrefixAndBlanks)
{
    const std::string digits(64, '1');
    for (const std::string& text : {digits, "0x" + digits, " \n" + digits + "\r\n", "0x" + digits})
        EXPECT_EQ(to_hex(parse_secret_key(text)->view()), digits);
    EXPECT_EQ(parse_secret_key(" ").error().detail, "there is no key");
    EXPECT_EQ(parse_secret_key(digits + "1").error().detail, "a secret key has 64 hex digits");
    EXPECT_EQ(parse_secret_key(std::string(64, 'g')).error().detail,
              "a character of the key is no hex digit");
    EXPECT_EQ(parse_secret_key("0x0x" + std::string(62, '1')).error().detail,
              "a character of the key is no hex digit");
    EXPECT_FALSE(parse_secret_key(std::string(64, '0')).has_value());
}

}  // namespace
}  // namespace wallet
