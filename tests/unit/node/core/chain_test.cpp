#include "node/core/chain.hpp"

#include "market/invariants.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using market::Transfer;

Certificate certify(const market::Network& network, const Candidate& candidate)
{
    Certificate certificate{VoteKind::finalize, 0, candidate.header.view, candidate.id, {0x80}, {}};
    const auto digest = vote_digest({candidate.header.chain_id, 0, network.genesis_id,
                                     VoteKind::finalize, candidate.header.view, candidate.id});
    certificate.signatures = {schnorr_sign(test_key(1), digest, Hash{})};
    return certificate;
}

struct ChainTest : testing::Test {
    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(*network, *store);
    std::uint64_t seq = 0;
    std::uint64_t nonce = 0;

    Candidate build(std::vector<market::CheckedTransaction> transactions)
    {
        std::vector<Chain::Omitted> omitted;
        auto candidate = *chain->build(transactions, {1'767'225'600'000 + seq}, omitted);
        candidate.certificate = certify(*network, candidate);
        return candidate;
    }
    market::CheckedTransaction transfer(std::uint64_t micros)
    {
        return checked_transaction(*network, 2, nonce++,
                                   Transfer{test_account(3), Amount::micros(micros)});
    }
    void commit(Candidate candidate) { ASSERT_TRUE(chain->commit(std::move(candidate), ++seq)); }
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
    auto candidate = build({transfer(2'000'000'000)});
    ASSERT_EQ(candidate.receipts.size(), 1u);
    EXPECT_EQ(candidate.receipts[0].status, market::Status::refused);
    EXPECT_EQ(candidate.receipts[0].rejection, market::Rejection::insufficient_funds);
    EXPECT_TRUE(candidate.receipts[0].events.empty());
    commit(std::move(candidate));
    EXPECT_EQ(balance(2), 1'000'000'000u - 10);
    EXPECT_EQ(balance(3), 1'000'000'000u);
}

TEST_F(ChainTest, LeavesOutABadEnvelopeAndSaysWhy)
{
    const auto wrong_nonce = checked_transaction(*network, 2, 7, Transfer{});
    const auto cheap = checked_transaction(*network, 3, 0, Transfer{}, Amount::micros(9));
    std::vector<Chain::Omitted> omitted;
    const std::vector transactions{wrong_nonce, cheap};
    const auto candidate = *chain->build(transactions, {1'767'225'600'000}, omitted);
    EXPECT_TRUE(candidate.body.empty());
    ASSERT_EQ(omitted.size(), 2u);
    EXPECT_EQ(omitted[0].fault, market::EnvelopeFault::wrong_nonce);
    EXPECT_EQ(omitted[1].fault, market::EnvelopeFault::fee_too_low);
}

TEST_F(ChainTest, ExecutesTheBlockOfAnotherToTheSameRoots)
{
    const auto record = build({transfer(5), transfer(6)}).record();
    const auto other_store = make_memory_store();
    const auto other = *Chain::open(*network, *other_store);
    auto executed = other->execute(record);
    ASSERT_TRUE(executed) << executed.error().detail;
    ASSERT_TRUE(other->commit(std::move(*executed), 1));
    EXPECT_EQ(other->head().header.height, Height{1});
}

TEST_F(ChainTest, FindsAFlippedByteAnywhereInABlock)
{
    const auto good = build({transfer(5)}).record();
    for (auto member : {&BlockRecord::header, &BlockRecord::body, &BlockRecord::certificate}) {
        auto record = good;
        for (auto& byte : record.*member) {
            byte ^= 4;
            EXPECT_FALSE(chain->execute(record));
            byte ^= 4;
        }
    }
    EXPECT_TRUE(chain->execute(good));
}

TEST_F(ChainTest, RefusesABlockWithoutAQuorumOrNotOnTheHead)
{
    auto candidate = build({transfer(5)});
    auto record = candidate.record();
    commit(std::move(candidate));
    EXPECT_EQ(chain->execute(record).error().detail, "block 1: does not follow the head");

    auto unsigned_block = build({transfer(6)});
    unsigned_block.certificate.signatures.clear();
    unsigned_block.certificate.bitmap = {0};
    EXPECT_EQ(chain->execute(unsigned_block.record()).error().detail,
              "block 2: power below the quorum");
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
