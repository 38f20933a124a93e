#pragma once

#include "market/network.hpp"

namespace market {

/// What a credit network owes an account for a month: taken from the state after block `height`
/// and signed by the node that served it, in the Millrace domain (market.md 6b).
struct Statement {
    Hash network;  ///< genesis id
    Address account;
    std::uint32_t period{};  ///< calendar month of block time, UTC, as yyyymm
    Amount earned;
    std::uint64_t settlements{};  ///< that the sum comes from
    Height height;
    friend bool operator==(const Statement&, const Statement&) = default;
};
MILLRACE_DESCRIBE(Statement, (network, account, period, earned, settlements, height))

inline Hash statement_digest(const Network& network, const Statement& statement)
{
    return ledger::eip712::digest(network.transactions, ledger::eip712::struct_hash(statement));
}

}  // namespace market
