#include "ledger/chain/genesis.hpp"

#include "ledger/codec/json.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace ledger {
namespace {

Genesis genesis()
{
    Genesis made;
    made.format = "millrace/genesis/v1";
    made.name = "unit";
    made.chain_id = {402'077};
    made.asset = {AssetKind::coin, "Mill", "MILL", "1", 6, {}};
    made.asset.address.bytes.fill(0xf1);
    made.balances = {{made.asset.address, Amount::micros(10)}};
    made.validators.set.resize(1);
    made.validators.set[0].power = 1'000;
    made.params.stake_unit = Amount::micros(1);
    made.params.delta_bps = {300};
    made.params.eps_bps = {50};
    made.params.w_disp_s = 2;
    made.params.w_unbond_s = 8;
    return made;
}

std::string refusal(const std::function<void(Genesis&)>& change)
{
    auto changed = genesis();
    change(changed);
    const auto done = check(changed);
    return done ? "" : done.error().detail;
}

TEST(GenesisTest, ReadsBackTheDocumentItWrote)
{
    EXPECT_EQ(*parse_genesis(genesis_json(genesis())), genesis());
}

TEST(GenesisTest, HashesTheDocumentNotItsSpacing)
{
    EXPECT_EQ(document_hash(*parse_genesis(genesis_json(genesis(), 8))), document_hash(genesis()));
    auto other = genesis();
    other.params.delta_bps = {301};
    EXPECT_NE(document_hash(other), document_hash(genesis()));
}

TEST(GenesisTest, RefusesUnknownMembers)
{
    auto json = *codec::parse_json(genesis_json(genesis()));
    json["params"]["surprise"] = 1;
    EXPECT_EQ(parse_genesis(json.dump()).error().detail,
              "genesis: params has an unknown member: surprise");
}

TEST(GenesisTest, RefusesParametersThatContradictEachOther)
{
    EXPECT_EQ(refusal([](auto& g) { g.params.w_disp_s = 601; }),
              "genesis: w_disp_s + 300 must not exceed the shortest withdraw delay, 900");
    EXPECT_EQ(refusal([](auto& g) { g.params.w_unbond_s = 7; }),
              "genesis: w_unbond_s must be at least 4 times w_disp_s");
    EXPECT_EQ(refusal([](auto& g) { g.params.eps_bps = {300}; }),
              "genesis: eps_bps must be below delta_bps");
}

TEST(GenesisTest, RefusesLeasesThatCouldNotBeVerified)
{
    const auto with = [](auto change) { return refusal([&](auto& g) { change(g.params.lease); }); };
    EXPECT_EQ(with([](auto&) {}), "") << "what stands there by default";
    EXPECT_EQ(with([](auto& l) { l.t_jury_s = 0; }),
              "genesis: a window of lease is 1 second to ten years");
    EXPECT_EQ(with([](auto& l) { l.starvation_s = 9; }),
              "genesis: lease.starvation_s must be at least interval_s");
    EXPECT_EQ(with([](auto& l) { l.t_move_s = l.window_s; }),
              "genesis: lease.t_move_s must be below window_s");
    EXPECT_EQ(with([](auto& l) { l.holdback_bps = {10'000}; }),
              "genesis: lease.holdback_bps must be below 10,000");
    EXPECT_EQ(with([](auto& l) { l.bond_bps = {100'001}; }),
              "genesis: lease.bond_bps exceeds 100,000");
    EXPECT_EQ(with([](auto& l) { l.samples = 33; }), "genesis: lease.samples is 1 to 32");
    EXPECT_EQ(with([](auto& l) { l.jury = 2; }),
              "genesis: lease.jury is jury_quorum to 32, and that at least 1");
    EXPECT_EQ(with([](auto& l) { l.dispute_bond = {}; }),
              "genesis: lease.dispute_bond is 1 to min_stake");
}

TEST(GenesisTest, RefusesMoneyThatDoesNotFit)
{
    EXPECT_EQ(refusal([](auto& g) {
                  g.balances.push_back({Address{}, Amount::max()});
              }),
              "genesis: the balances exceed 2^64 - 1");
    EXPECT_EQ(refusal([](auto& g) { g.balances.push_back(g.balances[0]); }),
              "genesis: an account has two balances");
}

TEST(GenesisTest, RefusesMoneyWhoseCirculationCouldOverflow)
{
    const auto with = [](std::uint64_t micros) {
        return refusal([&](auto& g) { g.balances[0].amount = Amount::micros(micros); });
    };
    // The validator's stake of 1,000 counts like a balance.
    EXPECT_EQ(with(~0ull / 35 - 999), "genesis: the balances, divided by delta, exceed 2^64 - 1");
    EXPECT_EQ(with(~0ull / 35 - 1'000), "");
}

TEST(GenesisTest, RefusesACreditNetworkWithoutIssuersOrWithFees)
{
    EXPECT_EQ(refusal([](auto& g) { g.asset.kind = AssetKind::credit; }),
              "genesis: a credit network needs issuers");
    EXPECT_EQ(refusal([](auto& g) {
                  g.asset.kind = AssetKind::credit;
                  g.issuers = {1, {Address{}}};
                  g.params.min_fee = Amount::micros(1);
              }),
              "genesis: fees are 0 in a credit network");
}

TEST(GenesisTest, RefusesValidatorsThatAreMissingDoubledOrWeak)
{
    EXPECT_EQ(refusal([](auto& g) { g.validators.set.clear(); }),
              "genesis: there must be 1 to 128 validators");
    EXPECT_EQ(refusal([](auto& g) { g.validators.set.push_back(g.validators.set[0]); }),
              "genesis: a consensus key stands twice");
    EXPECT_EQ(refusal([](auto& g) { g.validators.set[0].power = 999; }),
              "genesis: a validator's power must be 1,000 to 2^48");
    const auto second = [](auto& g, std::uint8_t peer_key, std::uint8_t account) {
        auto other = g.validators.set[0];
        other.consensus_key.bytes[0] = 1;
        other.peer_key.bytes[0] = peer_key;
        other.account.bytes[0] = account;
        g.validators.set.push_back(other);
    };
    EXPECT_EQ(refusal([&](auto& g) { second(g, 0, 1); }), "genesis: a peer key stands twice");
    EXPECT_EQ(refusal([&](auto& g) { second(g, 1, 0); }), "genesis: an account has two validators");
    EXPECT_EQ(refusal([&](auto& g) { second(g, 1, 1); }), "");
}

TEST(GenesisTest, NeedsAUnitOfStakeWhereValidatorsHaveOne)
{
    const auto without = [](Admission admission) {
        return refusal([&](auto& g) {
            g.params.stake_unit = {};
            g.validators.admission = admission;
        });
    };
    EXPECT_EQ(without(Admission::stake),
              "genesis: stake_unit must be at least 1 where validators have a stake");
    EXPECT_EQ(without(Admission::authority), "");
    EXPECT_EQ(refusal([](auto& g) { g.params.stake_unit = Amount::max(); }),
              "genesis: balances and stakes exceed 2^64 - 1");
    auto made = genesis();
    made.params.stake_unit = Amount::micros(3);
    EXPECT_EQ(genesis_supply(made), Amount::micros(10 + 3'000));
    made.validators.admission = Admission::authority;
    EXPECT_EQ(genesis_supply(made), Amount::micros(10));
}

}  // namespace
}  // namespace ledger
