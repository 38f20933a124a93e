#include "market/hash_chain.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"

namespace market {
namespace {

/// Reading all verifiers of a class takes about as long as one signature, which is what a least
/// fee pays for; so do the payments at the end of a lease.
constexpr std::uint64_t many_records = ChainLimits::hashes_per_fee;

std::uint64_t most(const VerifierJoin&)
{
    return many_records;
}
/// A draw, and each of those drawn is written down.
std::uint64_t most(const VerifyAssign&)
{
    return 2 * many_records;
}
std::uint64_t most(const VerifyReveal& message)
{
    std::uint64_t hashes = 0;
    for (const auto& opening : message.openings) hashes += 1 + opening.path.size();
    for (const auto& planted : message.planted) hashes += 2 + planted.path.size();
    return hashes;
}
std::uint64_t most(const DisputeOpen& message)
{
    return 1 + message.opening.path.size();
}
std::uint64_t most(const JuryCommit&)
{
    return many_records;
}
std::uint64_t most(const LeaseSettle&)
{
    return 2 * many_records;
}
template <class M>
std::uint64_t most(const M&)
{
    return 0;
}

bool is_checked(const View& view, const LeaseId& id)
{
    const auto lease = view.find<Lease>(id);
    return lease && lease->is_checked();
}

std::uint64_t work_now(const View& view, const LeaseSettle& message)
{
    return is_checked(view, message.lease) ? most(message) : 0;
}
std::uint64_t work_now(const View& view, const VerifyAssign& message)
{
    return is_checked(view, message.lease) ? most(message) : 0;
}
std::uint64_t work_now(const View& view, const VerifyReveal& message)
{
    return is_checked(view, message.lease) ? most(message) : 0;
}
std::uint64_t work_now(const View& view, const DisputeOpen& message)
{
    return is_checked(view, message.lease) ? most(message) : 0;
}
/// Only the first one draws.
std::uint64_t work_now(const View& view, const JuryCommit& message)
{
    const auto dispute = view.find<LeaseDispute>(message.lease);
    return dispute && !dispute->drawn ? most(message) : 0;
}
template <class M>
std::uint64_t work_now(const View&, const M& message)
{
    return most(message);
}

}  // namespace

std::uint64_t lease_work(const View& view, const Message& message)
{
    return std::visit([&](const auto& m) { return work_now(view, m); }, message);
}

std::uint64_t most_lease_work(const Message& message)
{
    return std::visit([](const auto& m) { return most(m); }, message);
}

}  // namespace market
