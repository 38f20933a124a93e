#include "market/rules/validator_rules.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/evidence.hpp"
#include "market/invariants.hpp"
#include "market/signing.hpp"
#include "tests/support/market_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace market {
namespace {

namespace consensus = ledger::consensus;

constexpr std::uint64_t unit = 7;
constexpr std::uint64_t unbonding_s = 300;

/// People who become validators, change, leave, err and report each other at random, and a second
/// count of what they may get back.
class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed}, world_{document()}
    {
        world_.run({}, [&](State& state, const Context&) -> Verdict {
            const auto& genesis = world_.network().genesis;
            write_genesis_validators(state, genesis);
            state.put({}, Supply{ledger::genesis_supply(genesis), {}, {}, {}});
            begin_block(state, world_.network().genesis_id);
            return {};
        });
        for (int who = 0; who < people; ++who) world_.fund(name(who), 200'000);
        anchors_.push_back(world_.network().genesis_id);
    }

    void step()
    {
        const int who = static_cast<int>(pick(people));
        switch (pick(12)) {
            case 0:
            case 1:
                join(who);
                break;
            case 2:
            case 3:
                world_.apply(name(who),
                             ValidatorPower{pick(2) == 0 ? PowerChange::raise : PowerChange::lower,
                                            pick(900)});
                break;
            case 4:
                world_.apply(name(who), ValidatorLeave{});
                break;
            case 5:
            case 6:
                withdraw(who);
                break;
            case 7:
                if (pick(3) == 0) report(who);
                break;
            default:
                end();
                break;
        }
        world_.pass_ms(pick(20'000));
    }

    void check() const
    {
        EXPECT_EQ(broken_invariants(world_.view(), world_.network()), std::vector<std::string>{});
    }

    std::map<std::string, int> counts;

private:
    static constexpr int people = 9;

    static std::string name(int who) { return "person-" + std::to_string(who); }
    static ledger::SecretKey key(const std::string& of) { return MarketWorld::key_of(of); }

    static ledger::Genesis document()
    {
        auto made = MarketWorld::genesis();
        made.params.stake_unit = Amount::micros(unit);
        made.params.unbonding_s = unbonding_s;
        for (int who = 0; who < 3; ++who) {
            const auto account = MarketWorld::address_of(name(who));
            made.validators.set.push_back({ledger::consensus_key(key(name(who) + "-votes")),
                                           ledger::public_key(key(name(who) + "-peer")), account,
                                           account, 1'000});
        }
        return made;
    }

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }

    void join(int who)
    {
        // Sometimes keys that somebody has used before.
        const auto serial = pick(4) == 0 ? pick(serial_ + 1) : ++serial_;
        const auto votes = key("votes-" + std::to_string(serial));
        const auto account = MarketWorld::address_of(name(who));
        const ValidatorJoin message{
            ledger::consensus_key(votes), ledger::public_key(key("peer-" + std::to_string(serial))),
            account, Amount::micros((900 + pick(1'500)) * unit),
            ledger::schnorr_sign(votes, possession_digest(world_.network(), account), {})};
        if (world_.apply(name(who), message) != Rejection::none) return;
        EXPECT_TRUE(used_.insert(message.consensus_key).second) << "a key was used twice";
        secrets_.emplace(message.consensus_key, "votes-" + std::to_string(serial));
        ++counts["joined"];
    }

    void withdraw(int who)
    {
        const auto link = world_.view().find<ValidatorOf>(MarketWorld::address_of(name(who)));
        const auto before = world_.balance(name(who)) + world_.locked(name(who));
        if (world_.apply(name(who), ValidatorWithdraw{}) != Rejection::none) return;
        const auto got = world_.balance(name(who)) + world_.locked(name(who)) - before;
        auto& parts = unbonding_[link->consensus_key];
        std::uint64_t due = 0;
        std::erase_if(parts, [&](const auto& part) {
            if (world_.now_ms() < part.second) return false;
            due += part.first;
            return true;
        });
        EXPECT_LE(got, due) << "nobody gets a stake back before its time";
        EXPECT_GT(got, 0u);
        ++counts["withdrawn"];
    }

    void report(int who)
    {
        const auto epochs = world_.view().get<EpochState>({});
        const auto number = epochs.oldest + pick(epochs.epoch - epochs.oldest + 1);
        const auto set = world_.view().get<EpochRecord>(number).set;
        consensus::Vote votes[2];
        const auto voter = static_cast<consensus::Index>(pick(set.size()));
        const auto& offender = set[voter].consensus_key;
        for (std::uint8_t i = 0; i < 2; ++i) {
            votes[i] = {ledger::VoteKind::finalize, number, 3, {}, voter, {}};
            votes[i].id.bytes[0] = static_cast<std::uint8_t>(i + 1);
            votes[i].signature = ledger::schnorr_sign(
                key(secret(offender)),
                ledger::vote_digest({world_.network().genesis.chain_id, number, anchors_[number],
                                     votes[i].kind, votes[i].view, votes[i].id}),
                {});
        }
        const auto before = world_.view().get<ValidatorRecord>(offender);
        const auto burned = world_.view().get<Supply>({}).burned;
        const auto had = world_.balance(name(who));
        const ValidatorEvidence message{
            ledger::codec::encode(*consensus::contradiction(votes[0], votes[1]))};
        const auto outcome = world_.apply(name(who), message);
        if (before.status == ValidatorStatus::slashed) {
            EXPECT_NE(outcome, Rejection::none) << "punished twice";
            return;
        }
        if (outcome != Rejection::none) {
            EXPECT_EQ(outcome, Rejection::evidence_too_old);
            return;
        }
        const auto fine = (before.stake.micros() + 19) / 20;
        const auto reward = before.account == MarketWorld::address_of(name(who)) ? 0 : fine / 2;
        EXPECT_EQ(world_.balance(name(who)) - had, reward);
        EXPECT_EQ((world_.view().get<Supply>({}).burned - burned).micros(), fine - reward);
        auto& parts = unbonding_[offender];
        const auto last = parts.empty() ? 0 : parts.back().second;
        parts.clear();
        if (before.power == 0) parts.emplace_back(before.stake.micros() - fine, last);
        ++counts["slashed"];
    }

    std::string secret(const ConsensusKey& of) const
    {
        if (const auto found = secrets_.find(of); found != secrets_.end()) return found->second;
        for (int who = 0; who < 3; ++who)
            if (ledger::consensus_key(key(name(who) + "-votes")) == of) return name(who) + "-votes";
        return {};
    }

    void end()
    {
        const auto before = validators(world_.view());
        std::optional<ledger::ValidatorSet> next;
        const auto now = world_.now_ms();
        const auto seal = ledger::retag<ledger::BlockId>(
            MarketWorld::hash_of("seal" + std::to_string(anchors_.size())));
        world_.run({}, [&](State& state, const Context&) -> Verdict {
            next = end_block(state, world_.network(), {now});
            begin_block(state, seal);
            return {};
        });
        if (!next) return;
        ++counts["sealed"];
        anchors_.push_back(seal);
        std::map<ConsensusKey, std::int64_t> deltas;
        std::uint64_t whole = 0;
        for (const auto& v : before) {
            deltas[v.consensus_key] -= static_cast<std::int64_t>(v.power);
            whole += v.power;
        }
        for (const auto& v : *next) deltas[v.consensus_key] += static_cast<std::int64_t>(v.power);
        std::uint64_t moved = 0;
        for (const auto& [who, delta] : deltas) {
            const auto record = world_.view().get<ValidatorRecord>(who);
            if (record.status == ValidatorStatus::slashed) {
                EXPECT_EQ(record.power, 0u);
                if (delta != 0)
                    unbonding_[who] = {{record.stake.micros(), now + unbonding_s * 1'000}};
                continue;
            }
            moved += static_cast<std::uint64_t>(std::abs(delta));
            if (delta < 0)
                unbonding_[who].emplace_back(static_cast<std::uint64_t>(-delta) * unit,
                                             now + unbonding_s * 1'000);
        }
        EXPECT_LE(moved, std::max<std::uint64_t>(1, whole / 3));
        EXPECT_FALSE(next->empty());
    }

    std::mt19937_64 random_;
    MarketWorld world_;
    std::vector<ledger::BlockId> anchors_;
    std::uint64_t serial_ = 0;
    std::set<ConsensusKey> used_;
    std::map<ConsensusKey, std::string> secrets_;
    std::map<ConsensusKey, std::vector<std::pair<std::uint64_t, std::uint64_t>>> unbonding_;
};

TEST(ValidatorsProperty, StakesPowersAndPunishmentsAddUpWhateverHappens)
{
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Walk walk{seed};
        for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
            walk.step();
            walk.check();
        }
        for (const auto& [what, count] : walk.counts) seen[what] += count;
        if (testing::Test::HasFailure()) return;
    }
    for (const auto* what : {"joined", "withdrawn", "slashed", "sealed"})
        EXPECT_GT(seen[what], 20) << what;
}

}  // namespace
}  // namespace market
