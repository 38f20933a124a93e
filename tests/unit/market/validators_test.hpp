#pragma once

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/evidence.hpp"
#include "market/invariants.hpp"
#include "market/rules/validator_rules.hpp"
#include "market/signing.hpp"
#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

namespace market {

namespace consensus = ledger::consensus;
using ledger::Admission;

inline constexpr std::uint64_t unit = 10;
inline constexpr std::uint64_t unbonding_s = 1'000;

inline ConsensusKey consensus_key(std::string_view name)
{
    return ledger::consensus_key(MarketWorld::key_of(std::string{name} + "-votes"));
}

inline PublicKey peer_key(std::string_view name)
{
    return ledger::public_key(MarketWorld::key_of(std::string{name} + "-peer"));
}

inline ledger::Validator validator(std::string_view name, std::uint64_t power)
{
    return {consensus_key(name), peer_key(name), MarketWorld::address_of(name),
            MarketWorld::address_of(name), power};
}

inline ledger::Genesis document(Admission admission, std::vector<ledger::Validator> set)
{
    auto made = MarketWorld::genesis(admission == Admission::stake ? ledger::AssetKind::coin
                                                                   : ledger::AssetKind::credit);
    made.validators = {admission, std::move(set)};
    made.governors = {2,
                      {MarketWorld::address_of("gina"), MarketWorld::address_of("gus"),
                       MarketWorld::address_of("gwen")}};
    made.params.stake_unit = Amount::micros(unit);
    made.params.unbonding_s = unbonding_s;
    return made;
}

/// Validators "ann", "bob" and "cyd" with a power of 1,000, 1,000 and 2,000.
class Validators : public testing::Test {
protected:
    explicit Validators(Admission admission = Admission::stake)
        : world{document(admission, {validator("ann", 1'000), validator("bob", 1'000),
                                     validator("cyd", 2'000)})}
    {
        start();
    }

    void start()
    {
        const auto& genesis = world.network().genesis;
        world.run({}, [&](State& state, const Context&) -> Verdict {
            write_genesis_validators(state, genesis);
            state.put({}, Supply{ledger::genesis_supply(genesis), {}, {}, {}});
            begin_block(state, world.network().genesis_id);
            return {};
        });
        for (const auto* name : {"ann", "bob", "cyd", "dan", "eve"}) world.fund(name, 100'000);
        world.pass_s(10);
    }

    ~Validators() override
    {
        EXPECT_EQ(broken_invariants(world.view(), world.network()), std::vector<std::string>{});
    }

    ValidatorJoin join(std::string_view name, std::uint64_t power) const
    {
        return {consensus_key(name), peer_key(name), MarketWorld::address_of(name),
                Amount::micros(power * unit), proof(name)};
    }
    SchnorrSignature proof(std::string_view name) const
    {
        return ledger::schnorr_sign(
            MarketWorld::key_of(std::string{name} + "-votes"),
            possession_digest(world.network(), MarketWorld::address_of(name)), {});
    }

    /// Ends a block; the next one's parent is named after the epoch that begins.
    bool end()
    {
        std::optional<ledger::ValidatorSet> next;
        world.run({}, [&](State& state, const Context& context) -> Verdict {
            next = end_block(state, world.network(), {context.now_ms()});
            begin_block(state, anchor());
            return {};
        });
        EXPECT_EQ(next.value_or(validators(world.view())), validators(world.view()));
        world.pass_ms(1'000);
        return next.has_value();
    }
    ledger::BlockId anchor() const
    {
        return ledger::retag<ledger::BlockId>(
            MarketWorld::hash_of("seal" + std::to_string(epochs().epoch)));
    }
    EpochState epochs() const { return world.view().get<EpochState>({}); }
    std::uint64_t power(std::string_view name) const
    {
        for (const auto& member : validators(world.view()))
            if (member.consensus_key == consensus_key(name)) return member.power;
        return 0;
    }
    ValidatorRecord record(std::string_view name) const
    {
        return world.view().get<ValidatorRecord>(consensus_key(name));
    }

    /// Two votes of a member of the set for different blocks in one view of the epoch.
    ValidatorEvidence evidence(std::string_view name, std::uint64_t epoch,
                               const ledger::BlockId& opened_by) const
    {
        const auto set = world.view().get<EpochRecord>(epoch).set;
        consensus::Vote votes[2];
        for (std::uint8_t i = 0; i < 2; ++i) {
            auto& vote = votes[i];
            vote.kind = ledger::VoteKind::notarize;
            vote.epoch = epoch;
            vote.view = 5;
            vote.id.bytes[0] = static_cast<std::uint8_t>(i + 1);
            while (vote.voter < set.size() && set[vote.voter].consensus_key != consensus_key(name))
                ++vote.voter;
            vote.signature = ledger::schnorr_sign(
                MarketWorld::key_of(std::string{name} + "-votes"),
                ledger::vote_digest({world.network().genesis.chain_id, epoch, opened_by, vote.kind,
                                     vote.view, vote.id}),
                {});
        }
        return {ledger::codec::encode(*consensus::contradiction(votes[0], votes[1]))};
    }
    ValidatorEvidence first_evidence(std::string_view name) const
    {
        return evidence(name, 0, world.network().genesis_id);
    }

    MarketWorld world;
};

}  // namespace market
