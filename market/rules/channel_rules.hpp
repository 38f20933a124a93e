#pragma once

#include "market/context.hpp"
#include "market/messages/channel.hpp"
#include "market/state/state.hpp"

/// The channel's state machine (market.md 3). NONE, OPEN, PENDING, WITHDRAWING and DRAINED are
/// not stored: they are what balance, pending and withdraw of the record say.
namespace market {

Verdict apply(State&, const Context&, const ChannelDeposit&);
Verdict apply(State&, const Context&, const ChannelClaim&);
Verdict apply(State&, const Context&, const ChannelChainClaim&);
Verdict apply(State&, const Context&, const ChannelDispute&);
Verdict apply(State&, const Context&, const ChannelFinalize&);
Verdict apply(State&, const Context&, const ChannelRefund&);
Verdict apply(State&, const Context&, const ChannelWithdrawInit&);
Verdict apply(State&, const Context&, const ChannelWithdrawFinal&);

struct ChannelLimits {
    static constexpr std::uint64_t min_withdraw_delay_s = 900;
    static constexpr std::uint64_t max_withdraw_delay_s = 2'592'000;
    static constexpr std::size_t rows = 64;  ///< of a claim; channels of a finalize
    static constexpr std::size_t uses = 8;   ///< versions a claim on a line names
    /// Longest time from when a version ends to the charge of the last call that it ran: a host
    /// hears of the end with its block, and calls take their time.
    static constexpr std::uint64_t late_ms = 600'000;
};

/// Links that a claim makes the ledger hash in this state: at most ChainLimits::block_hashes.
std::uint64_t link_hashes(const View&, const Network&, const ChannelChainClaim&);

/// Ends the pending claim of `channel` at `total` (at most what is pending), settles what that
/// adds to what was claimed before, and writes the record.
void end_claim(State&, const Context&, const ChannelId&, Channel& channel, Amount total);

/// Receiver's host of a channel; every channel was opened to a split address.
Address host_of(const View&, const Channel&);

}  // namespace market
