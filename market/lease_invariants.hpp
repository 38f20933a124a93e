#pragma once

#include "market/network.hpp"
#include "market/state/lease_records.hpp"
#include "market/state/state.hpp"

#include <string>
#include <vector>

/// What must hold of GPU time (market.md 10), linear in the state: for tests and audits.
namespace market {

/// Where the money of GPU time lies.
struct LeaseHoldings {
    Amount orders;  ///< escrows and fees of orders that are not matched
    Amount bids;    ///< deposits and bonds of bids that wait
    Amount leases;  ///< escrow, holdback, fees, bonds and challenges of those that have not ended
    Amount verifiers;
};

LeaseHoldings lease_holdings(const View&);

/// Pay is of co-signed time, bonds are there while a lease is checked, duties are counted, what
/// ended holds nothing.
void check_leases(const View&, const Network&, std::vector<std::string>& wrong);

}  // namespace market
