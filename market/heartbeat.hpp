#pragma once

#include "market/lease_voucher.hpp"

/// What a provider says of a running lease once in an interval (market.md 8): signed, and linked
/// to what it said before, so that it has one story. Never on the ledger.
namespace market {

struct Heartbeat {
    LeaseId lease;
    std::uint64_t seq{};     ///< from 1
    std::uint64_t at_ms{};   ///< the provider's clock, never back
    std::uint64_t step{};    ///< steps done, never back
    std::uint64_t gpu_ms{};  ///< time that the devices were busy since the start, of one device
    Hash last_checkpoint;    ///< the newest commitment to a state; c_0 at first
    Hash previous;           ///< digest of the heartbeat before, zero for the first
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};
MILLRACE_DESCRIBE(Heartbeat, (lease, seq, at_ms, step, gpu_ms, last_checkpoint, previous))

enum class HeartbeatFault {
    other_lease,
    out_of_order,      ///< seq is not the next
    not_linked,        ///< previous is not the digest of the one before
    time_runs_back,    ///< at_ms, step or gpu_ms is less than before
    busier_than_time,  ///< more GPU time than has passed since the start
    from_the_future,   ///< at_ms is more than an interval ahead of the tenant's clock
    wrong_signature,
};
BOOST_DESCRIBE_ENUM(HeartbeatFault, other_lease, out_of_order, not_linked, time_runs_back,
                    busier_than_time, from_the_future, wrong_signature)

/// EIP-712 in the domain "Millrace Lease".
Hash heartbeat_digest(const Network&, const Heartbeat&);

/// Whether a heartbeat follows `before` (a default one for the first): what a tenant accepts and
/// then signs a voucher for. `now_ms` is the tenant's clock.
ledger::Result<void, HeartbeatFault> check_heartbeat(const Network&, const LeaseMeter&,
                                                     const Heartbeat& before, const Heartbeat& next,
                                                     const Signature&, std::uint64_t now_ms);

}  // namespace market
