#pragma once

#include "ledger/codec/describe.hpp"
#include "market/network.hpp"

/// How the time of a lease is paid (market.md 8): a cumulative voucher for each interval, signed by
/// the tenant, one interval ahead. Accepting a voucher is paying. Pure: both sides and the ledger
/// ask the same functions.
namespace market {

/// All the time that the tenant has paid for since the start, and what that comes to.
struct LeaseVoucher {
    LeaseId lease;
    std::uint64_t seconds{};
    Amount amount;  ///< rate * seconds
    friend bool operator==(const LeaseVoucher&, const LeaseVoucher&) = default;
};
MILLRACE_DESCRIBE(LeaseVoucher, (lease, seconds, amount))

/// What both sides know of a lease that runs.
struct LeaseMeter {
    LeaseId lease;
    Address tenant;
    Address provider;
    Amount rate;
    std::uint64_t most_s{};        ///< that can be paid
    std::uint64_t started_ms{};    ///< block time
    std::uint64_t interval_s{};    ///< the network's h
    std::uint64_t starvation_s{};  ///< the network's g
};

enum class VoucherFault {
    other_lease,
    amount_not_of_the_rate,
    beyond_the_lease,  ///< more time than can be paid
    nothing_new,       ///< no more time than the last one
    wrong_signature,
};
BOOST_DESCRIBE_ENUM(VoucherFault, other_lease, amount_not_of_the_rate, beyond_the_lease,
                    nothing_new, wrong_signature)

/// EIP-712 in the domain "Millrace Lease".
Hash voucher_digest(const Network&, const LeaseVoucher&);

/// The voucher for the first `seconds`; empty when that is more than can be paid.
std::optional<LeaseVoucher> make_voucher(const LeaseMeter&, std::uint64_t seconds);

/// Whether a voucher adds to the `paid_s` before it. The ledger asks the same at a claim.
ledger::Result<void, VoucherFault> check_voucher(const Network&, const LeaseMeter&,
                                                 std::uint64_t paid_s, const LeaseVoucher&,
                                                 const Signature&);

/// How much time a tenant that has accepted `heartbeats` of them should have paid: the n-th covers
/// the time up to (n + 1) * h, the first one, before any heartbeat, the first interval.
std::uint64_t seconds_due(const LeaseMeter&, std::uint64_t heartbeats);

/// The provider may go: time that nobody paid for has lasted for g.
bool is_starved(const LeaseMeter&, std::uint64_t paid_s, std::uint64_t now_ms);

/// The provider waits: what was paid is used up.
bool is_paused(const LeaseMeter&, std::uint64_t paid_s, std::uint64_t now_ms);

/// The tenant should go: no heartbeat since `last_ms` (or the start) for g beyond its interval.
bool is_stalled(const LeaseMeter&, std::uint64_t last_ms, std::uint64_t now_ms);

}  // namespace market
