#pragma once

#include "market/state/label_records.hpp"
#include "market/state/state.hpp"

#include <string>
#include <vector>

/// What must hold of label orders, linear in the state: for tests and audits.
namespace market {

/// Where their money lies.
struct LabelHoldings {
    Amount escrows;  ///< for labels and arbiters
    Amount bonds;    ///< of annotators
};

LabelHoldings label_holdings(const View&);

/// Each free seat and each piece of work has its whole cost in escrow, and each piece its bond;
/// what ended holds nothing, and no more was paid than was labelled.
void check_labels(const View&, std::vector<std::string>& wrong);

}  // namespace market
