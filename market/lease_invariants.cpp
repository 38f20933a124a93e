#include "market/lease_invariants.hpp"

#include "ledger/base/hex.hpp"
#include "market/lease_draw.hpp"

#include <map>

namespace market {
namespace {

using Wrong = std::vector<std::string>;
using Duties = std::map<std::pair<std::string, Address>, std::uint32_t>;

void check_money(const std::string& name, const Lease& lease, const GpuOrderRecord& order,
                 const Network& network, Wrong& wrong)
{
    if (lease.ended() != (lease.ended_ms != 0)) wrong.push_back(name + " ends other than once");
    if (lease.ended() && !lease.held().is_zero()) wrong.push_back(name + " ended and holds money");
    if (lease.paid_s > lease.most_s) wrong.push_back(name + " was paid for more than it may last");
    if (lease.ended()) return;
    const auto paid = lease.rate.times(lease.paid_s);
    if (!paid || paid->plus(lease.escrow) != order.ordered.escrow)
        wrong.push_back(name + " was paid other than its co-signed time");
    const auto& params = network.params().lease;
    const auto kept = order.is_job() && paid ? paid->share_up(params.holdback_bps) : Amount{};
    if (lease.holdback != kept) wrong.push_back(name + " keeps back another part of its pay");
    if (lease.fees != order.fees()) wrong.push_back(name + " has other fees than its reports");
    if (lease.deposit.is_zero() == (lease.status == LeaseStatus::matched))
        wrong.push_back(name + " has a deposit that it should not");
    if (!lease.challenge.is_zero() && lease.status != LeaseStatus::disputed)
        wrong.push_back(name + " has a challenge without a dispute");
}

/// Counts who is on duty for a lease.
void check_verification(const View& view, const std::string& name, const LeaseId& id,
                        const Lease& lease, const std::string& arch_class, Duties& duties,
                        Wrong& wrong)
{
    const auto verification = view.find<Verification>(id);
    const auto dispute = view.find<LeaseDispute>(id);
    if (verification && !lease.is_checked())
        wrong.push_back(name + " is not checked and has a verification");
    if (dispute.has_value() != (lease.status == LeaseStatus::disputed))
        wrong.push_back(name + " has a dispute that it should not");
    if (verification) {
        if (verification->slots.size() > LeaseLimits::samples)
            wrong.push_back(name + " is checked at too many places");
        for (const auto& slot : verification->slots) {
            ++duties[{arch_class, slot.verifier}];
            if (slot.verifier == lease.tenant || slot.verifier == lease.provider)
                wrong.push_back(name + " is checked by its own side");
            if (slot.opened && !slot.reported)
                wrong.push_back(name + " was opened before it was reported");
        }
    }
    if (dispute)
        for (const auto& juror : dispute->jurors) ++duties[{arch_class, juror.account}];
}

}  // namespace

LeaseHoldings lease_holdings(const View& view)
{
    LeaseHoldings sum;
    view.scan<GpuOrderRecord>({}, [&](const GpuOrderId&, const GpuOrderRecord& order) {
        sum.orders = sum.orders + order.held();
        return true;
    });
    view.scan<GpuBidRecord>({}, [&](const GpuBidKey&, const GpuBidRecord& bid) {
        sum.bids = sum.bids + bid.held();
        return true;
    });
    view.scan<Lease>({}, [&](const LeaseId&, const Lease& lease) {
        sum.leases = sum.leases + lease.held();
        return true;
    });
    view.scan<Verifier>({}, [&](const VerifierKey&, const Verifier& verifier) {
        sum.verifiers = sum.verifiers + verifier.stake;
        return true;
    });
    return sum;
}

void check_leases(const View& view, const Network& network, Wrong& wrong)
{
    std::map<GpuOrderId, std::uint32_t> bids;
    view.scan<GpuBidRecord>({}, [&](const GpuBidKey& key, const GpuBidRecord&) {
        ++bids[key.order];
        if (!view.has<GpuBidOf>(key.bid)) wrong.push_back("a bid that cannot be found by its id");
        return true;
    });
    view.scan<GpuOrderRecord>({}, [&](const GpuOrderId& id, const GpuOrderRecord& order) {
        const auto name = "order " + ledger::to_hex0x(id.view());
        if (order.bids != bids[id] || order.bids > LeaseLimits::bids)
            wrong.push_back(name + " miscounts its bids");
        if (order.bids != 0 && order.status != GpuOrderStatus::ordered)
            wrong.push_back(name + " is closed and has bids");
        return true;
    });
    Duties duties;
    view.scan<Lease>({}, [&](const LeaseId& id, const Lease& lease) {
        const auto name = "lease " + ledger::to_hex0x(id.view());
        const auto order = view.find<GpuOrderRecord>(lease.order);
        if (!order || order->lease != id) {
            wrong.push_back(name + " has no order");
            return true;
        }
        check_money(name, lease, *order, network, wrong);
        check_verification(view, name, id, lease, order->ordered.verify.arch_class, duties, wrong);
        return true;
    });
    view.scan<Verifier>({}, [&](const VerifierKey& key, const Verifier& verifier) {
        if (verifier.duties != duties[{key.arch_class, key.account}])
            wrong.push_back("verifier " + ledger::to_hex0x(key.account.view()) +
                            " miscounts its duties");
        return true;
    });
}

}  // namespace market
