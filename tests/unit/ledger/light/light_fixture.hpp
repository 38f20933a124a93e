#pragma once

#include "ledger/consensus/signing.hpp"
#include "ledger/light/light_client.hpp"
#include "tests/support/light_world.hpp"

#include <gtest/gtest.h>

namespace ledger::light {

/// A network of four, of equal power, and a client that trusts its genesis.
class LightTest : public testing::Test {
protected:
    static ValidatorSet four(std::uint8_t first = 1)
    {
        ValidatorSet set;
        for (std::uint8_t n = first; n < first + 4; ++n) set.push_back(light_validator(n, 1'000));
        return set;
    }
    LightClient client(std::uint64_t epoch = 0) const
    {
        return *LightClient::begin(world.checkpoint(epoch), world.genesis().chain_id, world.id({0}),
                                   schnorr);
    }
    template <class T>
    static std::string reason(const Result<T>& refused)
    {
        return refused ? "taken" : refused.error().detail;
    }

    consensus::SchnorrVerifier schnorr;
    LightWorld world{light_genesis(four())};
};

}  // namespace ledger::light
