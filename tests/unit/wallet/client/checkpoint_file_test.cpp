#include "wallet/client/checkpoint_file.hpp"

#include "tests/support/fake_prover.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wallet/client/known_network.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wallet {
namespace {

using namespace std::chrono_literals;

class CheckpointFileTest : public testing::Test {
protected:
    CheckpointFileTest()
    {
        prover.world.seal({ledger::light::light_validator(5, 1'000)});
        chmod(folder.path().c_str(), 0700);
    }
    KeptCheckpoint kept(std::uint64_t epoch, std::uint64_t seen_ms) const
    {
        return {prover.world.checkpoint(epoch), {seen_ms}};
    }
    KeptCheckpoint stored() const { return **file.load(); }

    FakeProver prover{proven_genesis(1h, 24h)};
    ledger::TemporaryFolder folder;
    CheckpointFile file{folder.path(), prover.world.id({0})};
};

TEST_F(CheckpointFileTest, BeginsWithTheGenesis)
{
    EXPECT_FALSE(*file.load());
    const market::Network network{prover.world.genesis(), prover.world.id({0})};
    const auto first = first_checkpoint(network);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->trusted, prover.world.checkpoint(0));
    EXPECT_EQ(first->seen_ms, prover.world.genesis().time_ms);
}

TEST_F(CheckpointFileTest, MovesForwardOnly)
{
    ASSERT_TRUE(file.advance(kept(0, 50)));
    ASSERT_TRUE(file.advance(kept(0, 40)));
    EXPECT_EQ(stored(), kept(0, 50));
    ASSERT_TRUE(file.advance(kept(0, 60)));
    EXPECT_EQ(stored(), kept(0, 60));
    ASSERT_TRUE(file.advance(kept(1, 55)));
    EXPECT_EQ(stored(), kept(1, 55));
    ASSERT_TRUE(file.advance(kept(0, 99)));
    EXPECT_EQ(stored(), kept(1, 55));
    ASSERT_TRUE(file.replace(kept(0, 10))) << "but for somebody's word";
    EXPECT_EQ(stored(), kept(0, 10));
}

TEST_F(CheckpointFileTest, IsForItsOwnerAlone)
{
    ASSERT_TRUE(file.replace(kept(0, 1)));
    struct ::stat about {};
    ASSERT_EQ(stat(file.path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777u, 0600u);
    chmod(file.path().c_str(), 0644);
    EXPECT_EQ(file.load().error().fault, Fault::denied);
}

TEST_F(CheckpointFileTest, SaysWhenItIsDamaged)
{
    ASSERT_TRUE(file.replace(kept(1, 1)));
    std::string text{std::istreambuf_iterator<char>{std::ifstream{file.path()}.rdbuf()}, {}};
    const auto at = text.find("\"power\": 1000");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 13, "\"power\": 1001");
    std::ofstream{file.path()} << text;
    const auto refused = file.load();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::failed);
    EXPECT_NE(refused.error().message.find("not the validators that the anchor names"),
              std::string::npos)
        << refused.error().message;
    std::ofstream{file.path()} << "{";
    EXPECT_EQ(file.load().error().fault, Fault::failed);
}

TEST_F(CheckpointFileTest, IsTooOldOnceStakesMayHaveBeenGivenBack)
{
    auto genesis = prover.world.genesis();
    genesis.params.unbonding_s = 100;
    const auto mine = kept(1, 1'000'000);
    EXPECT_FALSE(is_too_old(genesis, mine, {1'099'999}));
    EXPECT_TRUE(is_too_old(genesis, mine, {1'100'000}));
    EXPECT_FALSE(is_too_old(genesis, mine, {900'000})) << "a clock behind";
    genesis.validators.admission = ledger::Admission::authority;
    EXPECT_FALSE(is_too_old(genesis, mine, {9'999'999'999}));
}

}  // namespace
}  // namespace wallet
