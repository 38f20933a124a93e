#include "market/lease_voucher.hpp"

#include "market/signing.hpp"

#include <algorithm>
#include <limits>

namespace market {
namespace {

constexpr auto forever = std::numeric_limits<std::uint64_t>::max();

std::uint64_t plus(std::uint64_t a, std::uint64_t b)
{
    return a > forever - b ? forever : a + b;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b)
{
    return b != 0 && a > forever / b ? forever : a * b;
}

/// Block time at which what was paid is used up.
std::uint64_t paid_until_ms(const LeaseMeter& meter, std::uint64_t paid_s)
{
    return plus(meter.started_ms, times(paid_s, 1'000));
}

}  // namespace

Hash voucher_digest(const Network& network, const LeaseVoucher& voucher)
{
    return ledger::eip712::digest(network.leases, ledger::eip712::struct_hash(voucher));
}

std::optional<LeaseVoucher> make_voucher(const LeaseMeter& meter, std::uint64_t seconds)
{
    const auto amount = meter.rate.times(seconds);
    if (seconds > meter.most_s || !amount) return {};
    return LeaseVoucher{meter.lease, seconds, *amount};
}

ledger::Result<void, VoucherFault> check_voucher(const Network& network, const LeaseMeter& meter,
                                                 std::uint64_t paid_s, const LeaseVoucher& voucher,
                                                 const Signature& signature)
{
    if (voucher.lease != meter.lease) return VoucherFault::other_lease;
    if (voucher.seconds > meter.most_s) return VoucherFault::beyond_the_lease;
    if (meter.rate.times(voucher.seconds) != voucher.amount)
        return VoucherFault::amount_not_of_the_rate;
    if (voucher.seconds <= paid_s) return VoucherFault::nothing_new;
    if (!signed_by(meter.tenant, voucher_digest(network, voucher), signature))
        return VoucherFault::wrong_signature;
    return {};
}

std::uint64_t seconds_due(const LeaseMeter& meter, std::uint64_t heartbeats)
{
    return std::min(meter.most_s, times(plus(heartbeats, 1), meter.interval_s));
}

bool is_starved(const LeaseMeter& meter, std::uint64_t paid_s, std::uint64_t now_ms)
{
    return now_ms >= plus(paid_until_ms(meter, paid_s), times(meter.starvation_s, 1'000));
}

bool is_paused(const LeaseMeter& meter, std::uint64_t paid_s, std::uint64_t now_ms)
{
    return now_ms >= paid_until_ms(meter, paid_s);
}

bool is_stalled(const LeaseMeter& meter, std::uint64_t last_ms, std::uint64_t now_ms)
{
    const auto wait_ms = times(plus(meter.interval_s, meter.starvation_s), 1'000);
    return now_ms >= plus(std::max(last_ms, meter.started_ms), wait_ms);
}

}  // namespace market
