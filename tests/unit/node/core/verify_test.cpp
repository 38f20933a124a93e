#include "node/core/verify.hpp"

#include "ledger/codec/binary.hpp"
#include "market/receipt.hpp"
#include "node/core/ledger_service.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/tampered_store.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <future>

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

/// The ledger of a validator that has made a few blocks and stopped.
struct VerifyTest : testing::Test {
    explicit VerifyTest(std::uint64_t keep_blocks = 0)
        : store{make_memory_store({.keep_blocks = keep_blocks})}
    {
        SimDisk disk;
        ManualClock clock;
        SeededRandom random{1};
        const auto chain = *Chain::open(*network, *store);
        const auto service = *LedgerService::open(
            {*network, *chain, *store, disk, "log", clock, random, test_key(1)});
        service->start();
        for (std::uint64_t nonce = 0; nonce < blocks; ++nonce) {
            std::promise<void> done;
            service->submit(signed_transaction(*network, 2, nonce,
                                               Transfer{test_account(3), Amount::micros(5)}),
                            [&](Submitted submitted) {
                                service->wait_final(*submitted, [&](const Waited& waited) {
                                    EXPECT_TRUE(waited);
                                    done.set_value();
                                });
                            });
            done.get_future().wait();
        }
    }

    Result<VerifyReport> verify() const { return verify_chain(*network, tampered, {}); }
    /// What is wrong, as it is told; empty when nothing is.
    std::string fault() const
    {
        const auto report = verify();
        if (report) return {};
        EXPECT_EQ(report.error().kind, ErrorKind::corrupt);
        return report.error().detail;
    }
    /// What is told of a block that is read with this changed.
    std::string fault_of(std::uint64_t height, std::function<void(StoredBlock&)> change)
    {
        tampered.block_read = [height, change](StoredBlock& block) {
            if (block.height.value == height) change(block);
        };
        const auto told = fault();
        tampered.block_read = {};
        return told;
    }
    /// All of this is found and named in any store that holds the block.
    void expect_damage_is_named(std::uint64_t height)
    {
        const auto named = "block " + std::to_string(height) + ": ";
        const auto flip = [](Bytes StoredBlock::*part) {
            return [part](StoredBlock& block) { (block.*part).back() ^= 1; };
        };
        EXPECT_EQ(fault_of(height, flip(&StoredBlock::header)).rfind(named, 0), 0u);
        EXPECT_EQ(fault_of(height, flip(&StoredBlock::body)),
                  named + "the body is not the header's");
        EXPECT_EQ(fault_of(height, flip(&StoredBlock::certificate)).rfind(named, 0), 0u);
        EXPECT_EQ(fault_of(height, [](StoredBlock& block) { block.certificate.clear(); })
                      .rfind("block ", 0),
                  height == blocks ? 0u : std::string::npos)
            << "only the newest must have one";
        EXPECT_EQ(fault_of(height,
                           [](StoredBlock& block) {
                               auto receipts =
                                   *codec::decode<std::vector<market::Receipt>>(block.receipts);
                               receipts[0].rejection = market::Rejection::insufficient_funds;
                               block.receipts = codec::encode(receipts);
                           }),
                  named + "receipts differ");
        tampered.location_read = [height](TxLocation& at) {
            if (at.height.value == height) ++at.index;
        };
        EXPECT_EQ(fault(), named + "the index places a transaction elsewhere");
        tampered.location_read = {};
        EXPECT_EQ(fault(), "");
    }
    Bytes some_key() const
    {
        Bytes found;
        store->state().scan({}, [&](ByteView key, ByteView) {
            found.assign(key.begin(), key.end());
            return false;
        });
        return found;
    }

    static constexpr std::uint64_t blocks = 12;
    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store;
    TamperedStore tampered{*store};
};

/// The same, of which the older blocks have been dropped.
struct VerifyPrunedTest : VerifyTest {
    VerifyPrunedTest() : VerifyTest{4} {}
    std::uint64_t base() const { return store->base()->value; }
};

TEST_F(VerifyTest, ExecutesEveryBlock)
{
    const auto report = verify();
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->from, Height{0});
    EXPECT_EQ(report->blocks, blocks + 1);
    EXPECT_EQ(report->transactions, blocks);
    EXPECT_TRUE(report->not_checked.empty());
}

TEST_F(VerifyTest, NamesTheBlockThatIsDamaged)
{
    expect_damage_is_named(5);
    expect_damage_is_named(blocks);
}

TEST_F(VerifyTest, FindsAnEntryOfTheStateThatIsChangedOrGone)
{
    tampered.entries = {{some_key(), Bytes{1}}};
    EXPECT_NE(fault(), "");
    tampered.entries = {{some_key(), std::nullopt}};
    EXPECT_NE(fault(), "");
}

TEST_F(VerifyPrunedTest, ChecksFromTheOldestBlockAndSaysWhatIsOpen)
{
    ASSERT_GT(base(), 1u);
    const auto report = verify();
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->from, Height{base()});
    EXPECT_EQ(report->blocks, blocks - base() + 1);
    EXPECT_EQ(report->transactions, report->blocks);
    EXPECT_GT(report->state_entries, 0u);
    ASSERT_EQ(report->not_checked.size(), 2u);
    EXPECT_EQ(report->not_checked[0],
              "blocks 1 to " + std::to_string(base() - 1) + ", which are not here any more");
}

TEST_F(VerifyPrunedTest, NamesTheBlockThatIsDamaged)
{
    expect_damage_is_named(base() + 1);
    expect_damage_is_named(blocks);
}

TEST_F(VerifyPrunedTest, FindsTheIndexOfBlocksWrong)
{
    tampered.height_read = [](Height& height) {
        if (height.value == blocks) --height.value;
    };
    EXPECT_EQ(fault(), "block " + std::to_string(blocks) + ": the index of ids is wrong");
}

TEST_F(VerifyPrunedTest, FindsAnotherGenesis)
{
    EXPECT_NE(fault_of(0, [](StoredBlock& block) { block.id.bytes[0] ^= 1; }), "");
}

TEST_F(VerifyPrunedTest, FindsAnEntryOfTheStateThatIsChangedOrGone)
{
    const auto wrong =
        "the stored state is not what the state root of block " + std::to_string(blocks) + " says";
    tampered.entries = {{some_key(), Bytes{1}}};
    EXPECT_EQ(fault(), wrong);
    tampered.entries = {{some_key(), std::nullopt}};
    EXPECT_EQ(fault(), wrong);
}

TEST_F(VerifyPrunedTest, NeedsTheHistoryOfTheDroppedBlocks)
{
    tampered.lacks_history = true;
    EXPECT_EQ(fault().rfind("block " + std::to_string(base()) + ": ", 0), 0u);
}

}  // namespace
}  // namespace node
