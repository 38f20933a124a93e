#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"

/// EIP-3009 authorizations and Permit2 permits: each is valid in a window of block time and once.
namespace market {

/// Longest time ahead that `valid_before`, or a permit's deadline, may lie.
constexpr std::uint64_t authorization_seconds = 7 * 24 * 3600;
/// Spent nonces are kept that long behind `valid_before`: a host that was away must still be able
/// to tell a call that was paid from one whose payment has expired.
constexpr std::uint64_t spent_nonce_seconds = 24 * 3600;

/// Checks the window, exclusive at both ends as EIP-3009 has it, and that `nonce` is unused.
Verdict check_authorization(const View&, const Context&, const Address& authorizer,
                            const Hash& nonce, std::uint64_t valid_after,
                            std::uint64_t valid_before);

/// Marks a checked authorization as used. `digest` is what its authorizer signed.
void spend_authorization(State&, const Address& authorizer, const Hash& nonce,
                         std::uint64_t valid_before, const Hash& digest);

/// Checks a permit's window, inclusive at both ends as Permit2 has it, and that the owner has not
/// used `nonce` in a permit.
Verdict check_permit(const View&, const Context&, const Address& owner, const Hash& nonce,
                     std::uint64_t valid_after, std::uint64_t deadline);

/// Marks a checked permit as used. `digest` is what its owner signed.
void spend_permit(State&, const Address& owner, const Hash& nonce, std::uint64_t deadline,
                  const Hash& digest);

/// Forgets spent nonces whose time is over, oldest first, at most 64 of each kind.
void prune_authorizations(State&, TimeMs now);

}  // namespace market
