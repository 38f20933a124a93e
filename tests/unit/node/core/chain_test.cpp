#include "node/core/chain.hpp"

#include "market/hash_chain.hpp"
#include "market/invariants.hpp"
#include "tests/support/next_block.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

struct ChainTest : testing::Test {
    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(*network, *store);
    std::uint64_t seq = 0;
    std::uint64_t nonce = 0;

    BuiltBlock build(const std::vector<market::CheckedTransaction>& transactions)
    {
        return *chain->build(header_on(chain->head()), transactions);
    }
    BuiltBlock build_on(const ExecutedBlock& parent,
                        const std::vector<market::CheckedTransaction>& transactions)
    {
        return *chain->build(header_on({parent.header, parent.id}), transactions);
    }
    static Result<const ExecutedBlock*> execute(
        Chain& on, const Header& header,
        const std::vector<market::CheckedTransaction>& transactions)
    {
        std::vector<const market::CheckedTransaction*> pointers;
        for (const auto& transaction : transactions) pointers.push_back(&transaction);
        return on.execute(header, pointers);
    }
    market::CheckedTransaction transfer(std::uint64_t micros)
    {
        return checked_transaction(*network, 2, nonce++,
                                   Transfer{test_account(3), Amount::micros(micros)});
    }
    void commit(const BuiltBlock& built)
    {
        ASSERT_TRUE(chain->commit(built.block->id, built.body, {}, ++seq));
    }
    std::uint64_t balance(std::uint8_t n) const
    {
        return market::View{chain->state()}.get<market::Account>(test_account(n)).balance.micros();
    }
};

TEST_F(ChainTest, BeginsWithTheBlockOfTheGenesisDocument)
{
    EXPECT_EQ(chain->head().id, network->genesis_id);
    EXPECT_EQ(chain->head().header.just_hash, document_hash(network->genesis));
    EXPECT_EQ(balance(2), 1'000'000'000u);
}

TEST_F(ChainTest, MovesMoneyAndPaysTheProposerItsFee)
{
    commit(build({transfer(500), transfer(1)}));
    EXPECT_EQ(balance(2), 1'000'000'000u - 501 - 20);
    EXPECT_EQ(balance(3), 1'000'000'000u + 501);
    EXPECT_EQ(balance(1), 1'000'000'000u + 20);
    EXPECT_TRUE(market::broken_invariants(market::View{chain->state()}, *network).empty());
}

TEST_F(ChainTest, IncludesARefusedMessageAndTakesItsFee)
{
    const auto built = build({transfer(2'000'000'000)});
    const auto receipts = built.block->receipts;
    ASSERT_EQ(receipts.size(), 1u);
    EXPECT_EQ(receipts[0].status, market::Status::refused);
    EXPECT_EQ(receipts[0].rejection, market::Rejection::insufficient_funds);
    EXPECT_TRUE(receipts[0].events.empty());
    commit(built);
    EXPECT_EQ(balance(2), 1'000'000'000u - 10);
    EXPECT_EQ(balance(3), 1'000'000'000u);
}

TEST_F(ChainTest, LeavesOutABadEnvelopeAndSaysWhy)
{
    const auto wrong_nonce = checked_transaction(*network, 2, 7, Transfer{});
    const auto cheap = checked_transaction(*network, 3, 0, Transfer{}, Amount::micros(9));
    const auto built = build({wrong_nonce, cheap});
    EXPECT_TRUE(built.body.empty());
    ASSERT_EQ(built.omitted.size(), 2u);
    EXPECT_EQ(built.omitted[0].fault, market::EnvelopeFault::wrong_nonce);
    EXPECT_EQ(built.omitted[1].fault, market::EnvelopeFault::fee_too_low);
}

/// Names links that are not there, whose hashing counts all the same.
market::ChannelChainClaim hashing(std::size_t rows, std::uint32_t index)
{
    market::ChannelChainClaim made;
    made.rows.resize(rows);
    for (auto& row : made.rows) row.index = index;
    return made;
}

TEST_F(ChainTest, LetsALaneWaitForHashingAndRefusesABlockThatGoesOn)
{
    const auto longest = market::ChainLimits::length;
    const std::vector transactions{
        checked_transaction(*network, 2, 0, hashing(64, longest), Amount::micros(2'570)),
        checked_transaction(*network, 3, 0, hashing(1, 1), Amount::micros(20)),
        checked_transaction(*network, 3, 1, Transfer{}, Amount::micros(10)),
        checked_transaction(*network, 4, 0, Transfer{}, Amount::micros(10))};
    const auto built = build(transactions);
    ASSERT_EQ(built.body.size(), 2u) << "what comes after it in its lane waits, in its order";
    EXPECT_EQ(built.body[1], transactions[3].encoded) << "and nobody else does";
    EXPECT_TRUE(built.omitted.empty()) << "and is not thrown away";

    const auto other_store = make_memory_store();
    const auto other = *Chain::open(*network, *other_store);
    auto header = built.block->header;
    const std::vector too_many{transactions[0], transactions[1], transactions[3]};
    const auto refused = execute(*other, header, too_many);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(execute(*other, header, {transactions[0], transactions[3]}));

    commit(built);
    EXPECT_EQ(build({transactions[1], transactions[2]}).body.size(), 2u);
}

TEST_F(ChainTest, ExecutesTheBlockOfAnotherToTheSameRoots)
{
    const std::vector transactions{transfer(5), transfer(6)};
    const auto built = build(transactions);
    const auto other_store = make_memory_store();
    const auto other = *Chain::open(*network, *other_store);
    const auto executed = execute(*other, built.block->header, transactions);
    ASSERT_TRUE(executed) << executed.error().detail;
    EXPECT_EQ((*executed)->id, built.block->id);
    ASSERT_TRUE(other->commit(built.block->id, built.body, {}, 1));
    EXPECT_EQ(other->head().header.height, Height{1});
}

TEST_F(ChainTest, RefusesABlockThatDoesNotLeadToItsHeader)
{
    const std::vector transactions{transfer(5)};
    const auto good = build(transactions).block->header;
    const auto refusal = [&](auto change) {
        auto header = good;
        change(header);
        const auto executed = execute(*chain, header, transactions);
        return executed ? std::string{"executed"} : executed.error().detail;
    };
    EXPECT_EQ(refusal([](Header& h) { h.state_root.bytes[0] ^= 1; }),
              "block 1: state root differs");
    EXPECT_EQ(refusal([](Header& h) { h.receipts_root.bytes[0] ^= 1; }),
              "block 1: receipts root differs");
    EXPECT_EQ(refusal([](Header& h) { h.history_root.bytes[0] ^= 1; }),
              "block 1: history root differs");
    EXPECT_EQ(refusal([](Header& h) { h.kind = BlockKind::sealing; }), "block 1: kind differs");
    EXPECT_EQ(refusal([](Header& h) { h.next_valset_hash.bytes[0] ^= 1; }),
              "block 1: the next validators differ");
    EXPECT_EQ(refusal([](Header&) {}), "executed");
}

TEST_F(ChainTest, RefusesABlockWithATransactionThatCannotBeThere)
{
    const auto header = build({}).block->header;
    const auto executed =
        execute(*chain, header, {checked_transaction(*network, 2, 3, Transfer{})});
    ASSERT_FALSE(executed);
    EXPECT_EQ(executed.error().kind, ErrorKind::invalid);
    EXPECT_EQ(executed.error().detail, "block 1: holds a transaction with a bad envelope");
}

TEST_F(ChainTest, ExecutesBlocksOnBlocksThatAreNotFinal)
{
    const auto first = build({transfer(5)});
    const auto second = build_on(*first.block, {transfer(6)});
    ASSERT_EQ(second.body.size(), 1u);
    EXPECT_EQ(balance(3), 1'000'000'000u);  // nothing has happened yet
    const auto header = second.block->header;
    commit(first);
    EXPECT_EQ(balance(3), 1'000'000'005u);
    ASSERT_TRUE(chain->commit(block_id(header), second.body, {}, ++seq));
    EXPECT_EQ(balance(3), 1'000'000'011u);
    EXPECT_EQ(chain->head().header, header);
}

TEST_F(ChainTest, ReadsThroughManyBlocksThatAreNotFinalAndThroughForksOfThem)
{
    struct Made {
        Header header;
        BlockId id;
        BlockBody body;
    };
    const auto made = [](const BuiltBlock& built) {
        return Made{built.block->header, built.block->id, built.body};
    };
    // What the later ones change, and only they, the fork changes too.
    const auto pay = [&](std::uint64_t micros) {
        return checked_transaction(*network, 2, nonce++,
                                   Transfer{test_account(4), Amount::micros(micros)});
    };
    std::vector<Made> path{made(build({transfer(1)}))};
    for (int i = 0; i < 20; ++i)
        path.push_back(made(*chain->build(header_on({path.back().header, path.back().id}),
                                          std::vector{i < 11 ? transfer(1) : pay(1)})));
    // Beside the twelfth another one, with a transaction of its own, and more on it.
    nonce = 12;
    std::vector<Made> fork{
        made(*chain->build(header_on({path[11].header, path[11].id}, 5), std::vector{pay(100)}))};
    for (int i = 0; i < 8; ++i)
        fork.push_back(made(
            *chain->build(header_on({fork.back().header, fork.back().id}), std::vector{pay(100)})));
    ASSERT_EQ(fork.back().body.size(), 1u);
    // Back on the first again, some of it final by now.
    for (int i = 0; i < 12; ++i)
        ASSERT_TRUE(chain->commit(path[static_cast<std::size_t>(i)].id,
                                  path[static_cast<std::size_t>(i)].body, {}, ++seq));
    nonce = 21;
    const auto last = made(
        *chain->build(header_on({path.back().header, path.back().id}), std::vector{transfer(1)}));
    ASSERT_EQ(last.body.size(), 1u);
    for (const auto& block : fork) ASSERT_TRUE(chain->commit(block.id, block.body, {}, ++seq));
    EXPECT_EQ(balance(3), 1'000'000'000u + 12);
    EXPECT_EQ(balance(4), 1'000'000'900u);
    EXPECT_FALSE(chain->knows(last.id));
    EXPECT_FALSE(chain->knows(path.back().id));
    EXPECT_TRUE(market::broken_invariants(market::View{chain->state()}, *network).empty());
}

TEST_F(ChainTest, MakesNothingFinalThatDoesNotFollowTheHead)
{
    const auto first = build({transfer(5)});
    const auto second = build_on(*first.block, {transfer(6)});
    const auto done = chain->commit(second.block->id, second.body, {}, ++seq);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().detail, "only an executed child of the head can follow it");
    EXPECT_EQ(chain->head().header.height.value, 0u);
}

TEST_F(ChainTest, ForgetsTheBlocksBesideTheOneThatBecameFinal)
{
    const auto one = build({transfer(5)});
    const auto other = *chain->build(header_on(chain->head(), 7), std::vector{transfer(6)});
    const auto id = other.block->id;
    const auto child = build_on(*other.block, {}).block->id;
    ASSERT_TRUE(chain->knows(id) && chain->knows(child));
    const auto header = one.block->header;
    commit(one);
    EXPECT_FALSE(chain->knows(id));
    EXPECT_FALSE(chain->knows(child));
    EXPECT_EQ(chain->commit(id, other.body, {}, ++seq).error().kind, ErrorKind::invalid);
    EXPECT_EQ(chain->build(header_on({header, child}), {}).error().kind, ErrorKind::not_found);
}

TEST_F(ChainTest, KeepsBlocksAboveThroughACheckpoint)
{
    const auto first = build({transfer(5)});
    const auto second = build_on(*first.block, {transfer(6)});
    const auto header = second.block->header;
    commit(first);
    ASSERT_TRUE(chain->checkpoint());
    const auto third = build_on(*chain->above_head(block_id(header))->back(), {transfer(7)});
    const auto id = third.block->id;
    const auto body = third.body;
    ASSERT_TRUE(chain->commit(block_id(header), second.body, {}, ++seq));
    ASSERT_TRUE(chain->commit(id, body, {}, ++seq));
    chain.reset();
    chain = *Chain::open(*network, *store);
    EXPECT_EQ(chain->head().id, id);
    EXPECT_EQ(balance(3), 1'000'000'018u);
}

TEST_F(ChainTest, KnowsWhichEpochTheNextBlockBelongsTo)
{
    auto base = *chain->base();
    EXPECT_EQ(base.epoch, 0u);
    EXPECT_EQ(base.set, network->genesis.validators.set);
    EXPECT_EQ(block_id(base.anchor), network->genesis_id);
    EXPECT_EQ(base.tip, base.anchor);
    commit(build({transfer(5)}));
    base = *chain->base();
    EXPECT_EQ(block_id(base.anchor), network->genesis_id);
    EXPECT_EQ(base.tip, chain->head().header);
    EXPECT_FALSE(base.finalized);
}

TEST_F(ChainTest, KeepsHowAnEpochEnded)
{
    EXPECT_FALSE(*chain->epoch_proof(3));
    consensus::EpochProof proof;
    proof.finalized.epoch = 3;
    proof.next = network->genesis.validators.set;
    ASSERT_TRUE(chain->keep(proof));
    EXPECT_EQ(**chain->epoch_proof(3), proof);
}

TEST_F(ChainTest, ReopensWhereItStoodBetweenTwoCheckpoints)
{
    for (int i = 0; i < 70; ++i) commit(build({transfer(1)}));
    ASSERT_LT(store->last_checkpoint()->height, Height{70});
    const auto head = chain->head();
    chain.reset();
    auto again = Chain::open(*network, *store);
    ASSERT_TRUE(again) << again.error().detail;
    chain = std::move(*again);
    EXPECT_EQ(chain->head().id, head.id);
    commit(build({transfer(1)}));
    EXPECT_EQ(chain->head().header.height, Height{71});
}

TEST_F(ChainTest, RefusesTheStoreOfAnotherNetwork)
{
    auto genesis = test_genesis();
    genesis.chain_id = {5};
    const market::Network other{genesis, *genesis_id(genesis)};
    EXPECT_EQ(Chain::open(other, *store).error().detail,
              "the data directory holds another network than genesis.json names");
}

TEST_F(ChainTest, ProvesAnAccountAgainstTheRootOfItsHead)
{
    commit(build({transfer(77)}));
    const auto key = market::state_key<market::Account>(test_account(3));
    const auto proof = chain->prove(key);
    ASSERT_TRUE(proof);
    const auto value = chain->state().get(key);
    EXPECT_TRUE(verify(chain->head().header.state_root, key, *value, *proof));
    auto other = *value;
    other[7] ^= 1;
    EXPECT_FALSE(verify(chain->head().header.state_root, key, other, *proof));
}

}  // namespace
}  // namespace node
