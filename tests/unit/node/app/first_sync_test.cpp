#include "node/app/first_sync.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

/// A fresh home of a follower that knows nobody.
struct FirstSyncTest : testing::Test {
    FirstSyncTest()
    {
        config.consensus.sync = "snapshot";
        config.http.port = 0;
        config.peers.port = 0;
        EXPECT_TRUE(write_home(home, {test_key(1), test_key(2), test_key(3)}, genesis, config));
    }
    bool is_wanted() const { return *FirstSync::is_wanted(home, config); }
    std::string refusal() const
    {
        const auto started = FirstSync::start(home, config);
        return started ? "" : started.error().detail;
    }

    TemporaryFolder folder;
    const Home home{folder.path() / "home"};
    Genesis genesis = test_genesis();
    Config config;
};

TEST_F(FirstSyncTest, IsWantedWhereThereIsNoLedgerAndASnapshotShallDo)
{
    EXPECT_TRUE(is_wanted());
    config.consensus.sync = "blocks";
    EXPECT_FALSE(is_wanted());
}

TEST_F(FirstSyncTest, IsNotWantedOverALedgerAndRemovesWhatAFinishedOneHasLeft)
{
    const RestorePlace place{home.data()};
    fs::create_directories(place.store());
    EXPECT_FALSE(is_wanted());
    fs::create_directories(place.chunks());
    EXPECT_FALSE(is_wanted());
    EXPECT_FALSE(fs::exists(place.staging()));
    EXPECT_TRUE(fs::exists(place.store()));
}

TEST_F(FirstSyncTest, WaitsForPeersAndEndsWhenItIsTold)
{
    auto started = FirstSync::start(home, config);
    ASSERT_TRUE(started) << started.error().detail;
    EXPECT_FALSE((*started)->ended(std::chrono::milliseconds{300}));
    started->reset();
    EXPECT_TRUE(is_wanted()) << "the next start goes on";
    EXPECT_EQ(refusal(), "") << "and the lock is free again";
}

TEST_F(FirstSyncTest, IsTheOnlyOneInItsFolder)
{
    const auto started = FirstSync::start(home, config);
    ASSERT_TRUE(started);
    EXPECT_NE(refusal().find("in use"), std::string::npos) << refusal();
}

TEST_F(FirstSyncTest, NeedsTheCheckpointThatItIsToldToTrust)
{
    config.consensus.trusted_checkpoint = "trusted.json";
    EXPECT_NE(refusal().find("trusted.json"), std::string::npos) << refusal();
    ASSERT_TRUE(write_file(home.folder / "trusted.json", as_bytes("{}")));
    EXPECT_NE(refusal().find("trusted.json"), std::string::npos) << refusal();
}

TEST_F(FirstSyncTest, NeedsAHomeThatIsPrivate)
{
    fs::permissions(home.folder, fs::perms::others_read, fs::perm_options::add);
    EXPECT_NE(refusal(), "");
}

}  // namespace
}  // namespace node
