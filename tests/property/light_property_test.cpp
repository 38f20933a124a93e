#include "ledger/consensus/signing.hpp"
#include "ledger/light/light_client.hpp"
#include "tests/support/light_world.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ledger::light {
namespace {

/// A random network: sets that grow, shrink and change power, blocks with and without certificates
/// of their own, seals with and without TAIL blocks.
class RandomNetwork {
public:
    explicit RandomNetwork(std::uint64_t seed) : random_{seed}, world{light_genesis(first_set())}
    {
        const auto epochs = pick(5);
        for (std::uint64_t i = 0; i <= epochs; ++i) {
            const auto blocks = 1 + pick(4);
            for (std::uint64_t j = 0; j < blocks; ++j) world.add(draft());
            if (i < epochs) world.seal(changed(), pick(3), draft());
        }
        auto last = draft();
        last.has_certificate = true;
        world.add(last);
    }

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    static Bytes key(std::uint64_t n) { return {'k', static_cast<std::uint8_t>(n)}; }
    LightClient client(std::uint64_t epoch) const
    {
        return *LightClient::begin(world.checkpoint(epoch), world.genesis().chain_id, world.id({0}),
                                   schnorr_);
    }

private:
    std::mt19937_64 random_;
    const consensus::SchnorrVerifier schnorr_;

    ValidatorSet first_set()
    {
        const auto n = 1 + pick(7);
        for (std::uint64_t i = 0; i < n; ++i) join();
        return set_;
    }
    void join() { set_.push_back(light_validator(++keys_, 1'000 + pick(5'000))); }
    ValidatorSet changed()
    {
        const auto before = set_;
        while (set_ == before) {
            if (pick(2) == 0 && set_.size() < 9) join();
            if (pick(2) == 0 && set_.size() > 1)
                set_.erase(set_.begin() + static_cast<std::ptrdiff_t>(pick(set_.size())));
            if (pick(2) == 0) set_[pick(set_.size())].power += 1 + pick(900);
        }
        return set_;
    }
    LightWorld::Draft draft()
    {
        LightWorld::Draft made;
        const auto writes = pick(4);
        for (std::uint64_t i = 0; i < writes; ++i) {
            std::optional<Bytes> value;
            if (pick(5) != 0) value = Bytes(1 + pick(40), static_cast<std::uint8_t>(pick(256)));
            made.state[key(pick(30))] = value;
        }
        const auto receipts = pick(6);
        for (std::uint64_t i = 0; i < receipts; ++i)
            made.receipts.push_back({static_cast<std::uint8_t>(i), 'r'});
        made.has_certificate = pick(2) == 0;
        made.skipped_views = pick(3);
        return made;
    }

    std::uint8_t keys_ = 0;
    ValidatorSet set_;

public:
    LightWorld world;
};

class LightProperty : public testing::Test {
protected:
    void each_seed(const std::function<void(RandomNetwork&)>& run)
    {
        for (std::uint64_t seed = 1; seed <= 25 && !HasFailure(); ++seed) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            RandomNetwork network{seed};
            run(network);
        }
    }
};

TEST_F(LightProperty, EveryHonestChainIsAcceptedFromEveryCheckpoint)
{
    each_seed([](RandomNetwork& network) {
        const auto& world = network.world;
        for (std::uint64_t from = 0; from <= world.epoch(); ++from) {
            auto light = network.client(from);
            const auto followed = light.follow(world.epochs(from));
            ASSERT_TRUE(followed) << followed.error().detail;
            EXPECT_EQ(light.checkpoint(), world.checkpoint(world.epoch()));
            for (std::uint64_t n = 0; n < 30; ++n)
                EXPECT_TRUE(light.check(world.state(network.key(n)), network.key(n)));
            for (std::uint64_t height = 0; height <= world.tip().value; ++height) {
                EXPECT_TRUE(light.check(world.block({height})));
                for (std::uint32_t i = 0; i < world.header({height}).tx_count; ++i)
                    EXPECT_TRUE(light.check(world.receipt({height}, i)));
            }
        }
        for (std::uint64_t height = 1; height <= world.tip().value; ++height) {
            auto light = network.client(world.header({height}).epoch);
            EXPECT_TRUE(light.check(world.finality({height}))) << height;
        }
    });
}

/// Whether a client takes what these bytes say, when it can read them.
template <class Proof, class Check>
bool takes(ByteView bytes, const Check& check)
{
    const auto proof = decode_proof<Proof>(bytes);
    return proof && check(*proof);
}

template <class Proof, class Check>
void flip_bits(RandomNetwork& network, const Proof& proof, const Check& check)
{
    const auto bytes = encode_proof(proof);
    ASSERT_TRUE(takes<Proof>(bytes, check));
    for (int i = 0; i < 60; ++i) {
        auto flipped = bytes;
        const auto bit = network.pick(bytes.size() * 8);
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        EXPECT_FALSE(takes<Proof>(flipped, check)) << "bit " << bit;
    }
}

TEST_F(LightProperty, NoFlippedBitIsAccepted)
{
    each_seed([](RandomNetwork& network) {
        const auto& world = network.world;
        const auto newest = world.epoch();
        const auto fresh = [&] { return network.client(newest); };
        flip_bits(network, world.finality(world.tip()),
                  [&](const Finality& proof) { return fresh().check(proof).has_value(); });
        const auto key = network.key(network.pick(30));
        flip_bits(network, world.state(key),
                  [&](const StateProofAt& proof) { return fresh().check(proof, key).has_value(); });
        flip_bits(network, world.block({network.pick(world.tip().value)}),
                  [&](const BlockProof& proof) { return fresh().check(proof).has_value(); });
        for (std::uint64_t height = 1; height <= world.tip().value; ++height) {
            const auto& header = world.header({height});
            if (header.tx_count == 0) continue;
            const auto index = static_cast<std::uint32_t>(network.pick(header.tx_count));
            flip_bits(network, world.receipt({height}, index), [&](const ReceiptProof& proof) {
                return network.client(header.epoch).check(proof).has_value();
            });
            break;
        }
        if (newest > 0)
            flip_bits(network, world.epochs(), [&](const EpochProofs& proofs) {
                return network.client(0).follow(proofs).has_value();
            });
    });
}

TEST_F(LightProperty, NoCheckpointWithAFlippedBitIsOfThisNetwork)
{
    each_seed([](RandomNetwork& network) {
        const auto& world = network.world;
        const consensus::SchnorrVerifier schnorr;
        const auto good = world.checkpoint(world.epoch());
        const auto bytes = encode_checkpoint(good);
        for (int i = 0; i < 200; ++i) {
            auto flipped = bytes;
            const auto bit = network.pick(bytes.size() * 8);
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
            const auto read = decode_checkpoint(flipped);
            if (!read) continue;
            const auto light =
                LightClient::begin(*read, world.genesis().chain_id, world.id({0}), schnorr);
            // What is left is another anchor: another block id, which nobody trusts.
            EXPECT_TRUE(!light || block_id(read->anchor) != block_id(good.anchor)) << "bit " << bit;
        }
    });
}

}  // namespace
}  // namespace ledger::light
