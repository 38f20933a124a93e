#pragma once

#include "market/lease_voucher.hpp"
#include "market/message.hpp"
#include "market/state/lease_records.hpp"
#include "market/state/money.hpp"

/// GPU time (market.md 8), from the order to its end:
///
///     ordered -- accept --> matched -- start --> active -- reclaim --> reclaiming
///        |                     |                    \-- close --> verifying
///     cancelled, expired    expired                     settled, or disputed -> settled, slashed
///
/// Escrow pays for co-signed time; the bond answers for what the job's verification finds.
namespace market {

Verdict apply(State&, const Context&, const GpuOffer&);
Verdict apply(State&, const Context&, const GpuOrder&);
/// Where as many bids wait as may, a dearer one gives way.
Verdict apply(State&, const Context&, const GpuBid&);
Verdict apply(State&, const Context&, const GpuCancel&);
Verdict apply(State&, const Context&, const LeaseTimeout&);
Verdict apply(State&, const Context&, const LeaseAccept&);
Verdict apply(State&, const Context&, const LeaseStart&);
Verdict apply(State&, const Context&, const LeaseCheckpoint&);
/// Good until the lease is over: what was signed before the close can still be drawn.
Verdict apply(State&, const Context&, const LeaseClaim&);
Verdict apply(State&, const Context&, const LeaseReclaim&);
Verdict apply(State&, const Context&, const LeaseClose&);

/// When an offer or order may end: after this block and not too long after it.
Verdict check_expiry(const Context&, std::uint64_t expires);

/// The longest time that an order's escrow and an offer pay for at this rate.
std::uint64_t most_seconds(const GpuOrder&, const GpuOffer&, Amount rate);
/// What a bid must put up at this rate, where bonds are `bond_bps` of the most that can be paid.
Amount least_bond(BasisPoints bond_bps, const GpuOrder&, const GpuOffer&, Amount rate);

/// Gives a waiting bid's money back and forgets it; the caller counts it.
void return_bid(State&, const Context&, const GpuBidKey&, const GpuBidRecord&);
/// Forgets it and leaves its money to the caller.
void take_bid(State&, const Context&, const GpuBidKey&, const GpuBidRecord&);
/// Gives all waiting bids of an order back.
void return_bids(State&, const Context&, const GpuOrderId&, GpuOrderRecord&);

/// Segments that a job has.
std::uint64_t job_segments(const LeaseJob&);

LeaseMeter meter_of(const Context&, const LeaseId&, const Lease&);

/// The part of what was paid that is kept back, rounded up; nothing of a raw lease.
Amount holdback_of(const Context&, const GpuOrderRecord&, Amount paid);

/// What checking a message of a lease costs beyond its bytes and signature, as so many hashes of a
/// link: verifiers that a draw reads, paths of openings.
std::uint64_t lease_work(const View&, const Message&);
/// The most that can be, for who has no state at hand.
std::uint64_t most_lease_work(const Message&);

}  // namespace market
