#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"

/// Statements of a credit network: what an account earned in a calendar month.
namespace market {

/// Calendar month of a block's time in UTC as yyyymm.
std::uint32_t period_of(TimeMs);

/// Adds to what `account` earned in the month of the block.
void add_earned(State&, const Context&, const Address& account, Amount);

}  // namespace market
