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
    Amount escrows;  ///< channels and sales of data
    Amount bonds;    ///< of hosts and of offers of data
    Amount stakes;   ///< of validators, unbonding included
    Amount pots;     ///< datasets, on a network with a coin
};

Holdings holdings(const View&, const Network&);

/// What is wrong with a state (market.md 10); empty when every invariant holds.
std::vector<std::string> broken_invariants(const View&, const Network&);

}  // namespace market
