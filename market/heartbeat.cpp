#include "market/heartbeat.hpp"

#include "market/signing.hpp"

#include <algorithm>

namespace market {

Hash heartbeat_digest(const Network& network, const Heartbeat& heartbeat)
{
    return ledger::eip712::digest(network.leases, ledger::eip712::struct_hash(heartbeat));
}

ledger::Result<void, HeartbeatFault> check_heartbeat(const Network& network,
                                                     const LeaseMeter& meter,
                                                     const Heartbeat& before, const Heartbeat& next,
                                                     const Signature& signature,
                                                     std::uint64_t now_ms)
{
    if (next.lease != meter.lease) return HeartbeatFault::other_lease;
    if (before.seq == ~std::uint64_t{0} || next.seq != before.seq + 1)
        return HeartbeatFault::out_of_order;
    const auto link = before.seq == 0 ? Hash{} : heartbeat_digest(network, before);
    if (next.previous != link) return HeartbeatFault::not_linked;
    const auto earliest_ms = std::max(before.at_ms, meter.started_ms);
    if (next.at_ms < earliest_ms || next.step < before.step || next.gpu_ms < before.gpu_ms)
        return HeartbeatFault::time_runs_back;
    const auto since_start_ms = next.at_ms - meter.started_ms;
    if (next.gpu_ms > since_start_ms) return HeartbeatFault::busier_than_time;
    // Each is answered with pay for one interval: the n-th comes when n - 1 of them are over.
    const auto interval_ms = std::max<std::uint64_t>(meter.interval_s * 1'000, 1);
    if (next.seq - 1 > since_start_ms / interval_ms) return HeartbeatFault::busier_than_time;
    if (next.at_ms > now_ms && next.at_ms - now_ms > meter.interval_s * 1'000)
        return HeartbeatFault::from_the_future;
    if (!signed_by(meter.provider, heartbeat_digest(network, next), signature))
        return HeartbeatFault::wrong_signature;
    return {};
}

}  // namespace market
