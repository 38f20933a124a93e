#pragma once

#include "tests/support/light_world.hpp"

/// The network that the target `light_client` and its seeds have in common.
namespace ledger::light {

inline ValidatorSet fuzz_set(std::uint8_t first, std::uint8_t last)
{
    ValidatorSet set;
    for (auto n = first; n <= last; ++n) set.push_back(light_validator(n, 1'000u * n));
    return set;
}

inline Bytes fuzz_key(std::uint8_t n)
{
    return {'k', n};
}

/// Three epochs of three to four validators; the newest block is at height 7.
inline LightWorld fuzz_network()
{
    LightWorld world{light_genesis(fuzz_set(1, 3))};
    StateDiff state;
    for (std::uint8_t n = 0; n < 16; ++n) state[fuzz_key(n)] = Bytes{n, n};
    world.add({.state = state, .receipts = {{1}, {2}, {3}}, .has_certificate = false});
    world.add({.receipts = {{4}}});
    world.seal(fuzz_set(1, 4), 2);
    world.add({.has_certificate = false, .skipped_views = 2});
    world.seal(fuzz_set(2, 4), 0);
    world.add({.receipts = {{5}, {6}}, .has_certificate = false});
    world.add();
    return world;
}

}  // namespace ledger::light
