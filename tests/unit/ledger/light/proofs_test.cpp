#include "ledger/codec/binary.hpp"
#include "ledger/state/state_proof.hpp"
#include "tests/unit/ledger/light/light_fixture.hpp"

#include <nlohmann/json.hpp>

namespace ledger::light {
namespace {

Bytes text(std::string_view from)
{
    const auto bytes = as_bytes(from);
    return {bytes.begin(), bytes.end()};
}

class LightProofs : public LightTest {
protected:
    LightProofs()
    {
        StateDiff state;
        for (int i = 0; i < 40; ++i) state[text("k" + std::to_string(i))] = text("v");
        world.add({.state = state, .receipts = {text("r0"), text("r1"), text("r2")}});
        world.add({.state = {{text("k7"), text("w")}}, .receipts = {text("r3")}});
    }
};

TEST_F(LightProofs, ShowWhatStandsUnderAKeyAndWhatDoesNot)
{
    auto light = client();
    const auto proof = world.state(text("k7"));
    EXPECT_EQ(proof.value, text("w"));
    const auto block = light.check(proof, text("k7"));
    ASSERT_TRUE(block) << block.error().detail;
    EXPECT_EQ(block->id, world.id(world.tip()));
    const auto absent = world.state(text("nobody"));
    EXPECT_FALSE(absent.value);
    EXPECT_TRUE(light.check(absent, text("nobody")));
}

TEST_F(LightProofs, RefuseAnotherKeyAndAnotherValue)
{
    auto light = client();
    const auto good = world.state(text("k7"));
    EXPECT_EQ(reason(light.check(good, text("k8"))), "the proof is of another key");
    auto bad = good;
    bad.key = text("k8");
    EXPECT_EQ(reason(light.check(bad, text("k8"))), "the proof does not lead to the state root");
    bad = good;
    bad.value = text("v");
    EXPECT_EQ(reason(light.check(bad, text("k7"))), "the proof does not lead to the state root")
        << "the value of a block before";
    bad.value.reset();
    EXPECT_EQ(reason(light.check(bad, text("k7"))), "the proof does not lead to the state root");
    bad = good;
    bad.proof = world.state(text("k8")).proof;
    EXPECT_EQ(reason(light.check(bad, text("k7"))), "the proof does not lead to the state root");
    bad.proof.pop_back();
    EXPECT_EQ(reason(light.check(bad, text("k7"))), "state proof: wrong length");
    bad = world.state(text("nobody"));
    bad.value = text("w");
    EXPECT_EQ(reason(light.check(bad, text("nobody"))),
              "the proof does not lead to the state root");
}

TEST_F(LightProofs, OfAnotherBlocksStateShowNothing)
{
    auto light = client();
    auto bad = world.state(text("k7"));
    bad.finality = world.finality({1});
    EXPECT_EQ(reason(light.check(bad, text("k7"))), "the proof does not lead to the state root");
}

TEST_F(LightProofs, UnderAnEmptyRootShowNothingButEmptiness)
{
    LightWorld empty{light_genesis(four())};
    empty.add();
    auto light =
        *LightClient::begin(empty.checkpoint(), empty.genesis().chain_id, empty.id({0}), schnorr);
    EXPECT_EQ(empty.header(empty.tip()).state_root, empty_state_root());
    const auto good = empty.state(text("a"));
    EXPECT_TRUE(light.check(good, text("a")));
    auto bad = good;
    bad.value = text("b");
    EXPECT_EQ(reason(light.check(bad, text("a"))), "the proof does not lead to the state root");
    bad.proof = encode(StateProof{StateProof::End::key, {}, {}, {}});
    EXPECT_EQ(reason(light.check(bad, text("a"))), "the proof does not lead to the state root");
    bad = good;
    bad.proof = encode(StateProof{StateProof::End::nothing, {}, {}, {empty_state_root()}});
    EXPECT_EQ(reason(light.check(bad, text("a"))), "the proof does not lead to the state root");
}

TEST_F(LightProofs, OfFinalityAreCheckedBeforeWhatLeansOnThem)
{
    auto light = client();
    auto state = world.state(text("k7"));
    state.finality.certificate->signatures[2].bytes[9] ^= 4;
    EXPECT_EQ(reason(light.check(state, text("k7"))), "a vote's signature does not verify");
    auto receipt = world.receipt({1}, 0);
    receipt.finality.certificate.reset();
    EXPECT_EQ(reason(light.check(receipt)), "there is no certificate");
    auto block = world.block({1});
    block.newer.certificate->kind = VoteKind::notarize;
    EXPECT_EQ(reason(light.check(block)), "the certificate is not of finality");
}

TEST_F(LightProofs, ShowEveryReceiptOfABlock)
{
    auto light = client();
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto block = light.check(world.receipt({1}, i));
        ASSERT_TRUE(block) << block.error().detail;
        EXPECT_EQ(block->header.height.value, 1u);
    }
    EXPECT_TRUE(light.check(world.receipt({2}, 0)));
}

TEST_F(LightProofs, RefuseReceiptsInAnotherPlace)
{
    auto light = client();
    const auto good = world.receipt({1}, 1);
    auto bad = good;
    bad.receipt = text("r0");
    EXPECT_EQ(reason(light.check(bad)), "the path does not lead to the receipts root");
    bad = good;
    bad.index = 0;
    EXPECT_EQ(reason(light.check(bad)), "the path does not lead to the receipts root");
    bad = good;
    bad.index = 3;
    EXPECT_EQ(reason(light.check(bad)), "the block has no such transaction");
    bad = good;
    bad.count = 4;
    EXPECT_EQ(reason(light.check(bad)), "the block has another number of transactions");
    bad = good;
    bad.path.pop_back();
    EXPECT_EQ(reason(light.check(bad)), "the path does not lead to the receipts root");
    bad = good;
    bad.path.push_back({});
    EXPECT_EQ(reason(light.check(bad)), "the path does not lead to the receipts root");
    bad = world.receipt({2}, 0);
    bad.finality = world.finality({1});
    bad.count = 3;
    EXPECT_EQ(reason(light.check(bad)), "the path does not lead to the receipts root");
}

TEST_F(LightProofs, OfABlockWithoutTransactionsShowNoReceipt)
{
    world.add();
    auto light = client();
    ReceiptProof bad{world.finality(world.tip()), 0, 0, {}, {}};
    EXPECT_EQ(reason(light.check(bad)), "the block has no such transaction");
}

TEST_F(LightProofs, ShowOlderBlocksByTheHistoryRoot)
{
    for (int i = 0; i < 6; ++i) world.add();
    auto light = client();
    for (std::uint64_t height = 0; height <= world.tip().value; ++height)
        EXPECT_TRUE(light.check(world.block({height}))) << height;
}

TEST_F(LightProofs, RefuseBlocksThatAreNotInTheHistory)
{
    for (int i = 0; i < 4; ++i) world.add();
    const auto good = world.block({2});
    const auto with = [&](const BlockProof& proof) { return reason(client().check(proof)); };
    auto bad = good;
    bad.header.time_ms.value += 1;
    EXPECT_EQ(with(bad), "the path does not lead to the history root");
    bad = good;
    bad.header = world.header({3});
    EXPECT_EQ(with(bad), "the path does not lead to the history root");
    bad = good;
    bad.path.pop_back();
    EXPECT_EQ(with(bad), "the path does not lead to the history root");
    bad = good;
    bad.newer = world.finality({5});
    EXPECT_EQ(with(bad), "the path does not lead to the history root");
    bad = world.block({4}, {5});
    bad.newer = world.finality({3});
    EXPECT_EQ(with(bad), "the block is not older than the one it is proven through");
    bad = world.block({5}, {5});
    EXPECT_EQ(with(bad), "taken");
    bad.path.push_back({});
    EXPECT_EQ(with(bad), "a block needs no path to itself");
    bad = world.block({5}, {5});
    bad.newer = world.finality({0});
    EXPECT_EQ(with(bad), "the block is not older than the one it is proven through");
}

template <class Proof>
void expect_one_form(const Proof& proof)
{
    const auto bytes = encode_proof(proof);
    const auto back = decode_proof<Proof>(bytes);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, proof);
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(decode_proof<Proof>(longer).error().kind, ErrorKind::invalid);
    EXPECT_FALSE(decode_proof<Proof>(ByteView{bytes}.first(bytes.size() - 1)));
    const auto json = proof_json(proof);
    const auto read = proof_from_json<Proof>(json);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, proof);
    auto more = json;
    more["more"] = 1;
    EXPECT_FALSE(proof_from_json<Proof>(more));
}

TEST_F(LightProofs, HaveOneEncodingAndOneJsonForm)
{
    world.seal(four(2), 1);
    expect_one_form(world.finality(world.tip()));
    expect_one_form(world.state(text("k7")));
    expect_one_form(world.receipt({1}, 1));
    expect_one_form(world.block({1}));
    expect_one_form(world.epochs());
}

TEST_F(LightProofs, AreBoundedBeforeTheyAreLookedAt)
{
    EXPECT_EQ(decode_proof<Finality>(Bytes(ProofLimits::proof_bytes + 1)).error().kind,
              ErrorKind::full);
    EXPECT_EQ(decode_proof<EpochProofs>(Bytes(ProofLimits::proof_bytes + 1)).error().kind,
              ErrorKind::full);
    auto finality = world.finality({1});
    finality.descendants.resize(ProofLimits::headers + 1);
    EXPECT_EQ(decode_proof<Finality>(encode_proof(finality)).error().kind, ErrorKind::full);
    EXPECT_EQ(proof_from_json<Finality>(proof_json(finality)).error().kind, ErrorKind::full);
    auto state = world.state(text("k7"));
    state.key.resize(ProofLimits::key_bytes + 1);
    EXPECT_EQ(decode_proof<StateProofAt>(encode_proof(state)).error().kind, ErrorKind::full);
    auto receipt = world.receipt({1}, 0);
    receipt.path.resize(ProofLimits::path_hashes + 1);
    EXPECT_EQ(decode_proof<ReceiptProof>(encode_proof(receipt)).error().kind, ErrorKind::full);
    auto block = world.block({1});
    block.path.resize(ProofLimits::path_hashes + 1);
    EXPECT_EQ(decode_proof<BlockProof>(encode_proof(block)).error().kind, ErrorKind::full);
    EpochProofs seals;
    seals.seals.resize(ProofLimits::seals + 1);
    EXPECT_EQ(decode_proof<EpochProofs>(encode_proof(seals)).error().kind, ErrorKind::full);
}

TEST_F(LightProofs, OfAnUnknownVersionAreNotRead)
{
    auto finality = world.finality({1});
    finality.header.version = 2;
    EXPECT_EQ(decode_proof<Finality>(encode_proof(finality)).error().detail,
              "proof: unknown header version");
    world.seal(four(2));
    auto seals = world.epochs();
    seals.seals[0].path[0].version = 2;
    EXPECT_EQ(decode_proof<EpochProofs>(encode_proof(seals)).error().detail,
              "proof: unknown header version");
}

}  // namespace
}  // namespace ledger::light
