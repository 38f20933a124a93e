#pragma once

#include "market/network.hpp"
#include "market/state/state.hpp"

#include <string>
#include <vector>

namespace market {

/// Where all money lies, added up over the whole state: linear in its size, for tests and audits.
struct Holdings {
    Amount balances;
    Amount locked;   ///< byte deposits
    Amount escrows;  ///< channels, sales of data, orders and leases of GPU time
    Amount bonds;    ///< of hosts, of offers of data and of bids for GPU time
    Amount stakes;   ///< of validators, unbonding included, and of verifiers
    Amount pots;     ///< datasets, on a network with a coin
};

Holdings holdings(const View&, const Network&);

/// What is wrong with a state (market.md 10); empty when every invariant holds.
std::vector<std::string> broken_invariants(const View&, const Network&);

}  // namespace market
