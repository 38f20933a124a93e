#include "edge/key/device_key.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace edge {
namespace {

using ledger::as_bytes;
using ledger::ErrorKind;

class DeviceKeyTest : public testing::Test {
protected:
    ledger::TemporaryFolder folder_;
    std::string path_ = (folder_.path() / "device.key").string();
    ledger::SeededRandom random_{1};
};

TEST_F(DeviceKeyTest, ComesBackAsItWasMade)
{
    const auto made = create_device_key(path_, random_);
    ASSERT_TRUE(made) << made.error().detail;
    const auto loaded = load_device_key(path_);
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(public_key(*loaded), public_key(*made));
}

TEST_F(DeviceKeyTest, IsForItsOwnerAlone)
{
    ASSERT_TRUE(create_device_key(path_, random_));
    struct stat about {};
    ASSERT_EQ(::stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    EXPECT_EQ(load_device_key(path_).error().kind, ErrorKind::denied);
}

TEST_F(DeviceKeyTest, IsNeverReplacedAndLeavesNothingBeside)
{
    const auto made = create_device_key(path_, random_);
    EXPECT_EQ(create_device_key(path_, random_).error().kind, ErrorKind::denied);
    EXPECT_EQ(public_key(*load_device_key(path_)), public_key(*made));
    const std::filesystem::directory_iterator files{folder_.path()};
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(DeviceKeyTest, IsNoneWhenTheFileIsNotOne)
{
    EXPECT_EQ(load_device_key(path_).error().kind, ErrorKind::not_found);
    for (const auto& text :
         {std::string{}, std::string(64, '0') + "\n", std::string(65, 'a'), std::string(64, 'a'),
          std::string(64, 'a') + "\n\n", std::string(1000, '1')}) {
        std::ofstream{path_} << text;
        ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
        EXPECT_EQ(load_device_key(path_).error().kind, ErrorKind::invalid) << text;
    }
    std::filesystem::remove(path_);
    std::filesystem::create_directory(path_);
    EXPECT_EQ(load_device_key(path_).error().kind, ErrorKind::invalid);
}

TEST_F(DeviceKeyTest, GivesIdsThatTellItemsApartAndDependOnIt)
{
    const auto one = ledger::SecretKey::generate(random_);
    const auto other = ledger::SecretKey::generate(random_);
    EXPECT_EQ(item_id(one, as_bytes("a")), item_id(one, as_bytes("a")));
    EXPECT_NE(item_id(one, as_bytes("a")), item_id(one, as_bytes("b")));
    EXPECT_NE(item_id(one, as_bytes("a")), item_id(other, as_bytes("a")));
}

}  // namespace
}  // namespace edge
