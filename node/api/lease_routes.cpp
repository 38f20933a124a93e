#include "market/lease_queries.hpp"
#include "node/api/answers.hpp"

#include "ledger/codec/json.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;
using market::View;

json gpu_offer_json(const market::GpuOfferEntry& entry)
{
    auto made = to_json(entry.record.offered);
    made["id"] = to_json(entry.id);
    made["provider"] = to_json(entry.record.provider);
    made["status"] = to_json(entry.record.status);
    made["offeredMs"] = entry.record.offered_ms;
    made["closedMs"] = entry.record.closed_ms;
    return made;
}

json gpu_order_json(const market::GpuOrderEntry& entry)
{
    auto made = to_json(entry.record.ordered);
    made["id"] = to_json(entry.id);
    made["tenant"] = to_json(entry.record.tenant);
    made["status"] = to_json(entry.record.status);
    made["bids"] = entry.record.bids;
    made["lease"] = to_json(entry.record.lease);
    made["orderedMs"] = entry.record.ordered_ms;
    made["closedMs"] = entry.record.closed_ms;
    return made;
}

json gpu_bid_json(const market::GpuBidEntry& entry)
{
    auto made = to_json(entry.record.bid);
    made["id"] = to_json(entry.id);
    made["provider"] = to_json(entry.record.provider);
    made["bidMs"] = entry.record.bid_ms;
    return made;
}

json lease_json(const market::LeaseEntry& entry)
{
    auto made = to_json(entry.lease);
    made["id"] = to_json(entry.id);
    made["held"] = to_json(entry.lease.held());
    return made;
}

json one_gpu_offer_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::GpuOfferId>(exchange, "offer");
    const auto record = view.find<market::GpuOfferRecord>(id);
    if (!record) refuse(404, "not_found", "no such offer");
    return gpu_offer_json({id, *record});
}

json one_gpu_order_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::GpuOrderId>(exchange, "order");
    const auto record = view.find<market::GpuOrderRecord>(id);
    if (!record) refuse(404, "not_found", "no such order");
    auto made = gpu_order_json({id, *record});
    made["waiting"] = json::array();
    for (const auto& bid : market::list_bids(view, id))
        made["waiting"].push_back(gpu_bid_json(bid));
    return made;
}

/// With what is known of its verification while it lasts.
json one_lease_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::LeaseId>(exchange, "lease");
    const auto lease = view.find<market::Lease>(id);
    if (!lease) refuse(404, "not_found", "no such lease");
    auto made = lease_json({id, *lease});
    const auto verification = view.find<market::Verification>(id);
    const auto dispute = view.find<market::LeaseDispute>(id);
    made["verification"] = verification ? to_json(*verification) : json(nullptr);
    made["dispute"] = dispute ? to_json(*dispute) : json(nullptr);
    return made;
}

json checkpoints_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::LeaseId>(exchange, "lease");
    const auto lease = view.find<market::Lease>(id);
    if (!lease) refuse(404, "not_found", "no such lease");
    const auto first =
        std::min<std::uint64_t>(number_query(exchange, "from").value_or(0), lease->checkpoints);
    const auto found = market::list_checkpoints(view, id, static_cast<std::uint32_t>(first),
                                                page_of(exchange).limit);
    const auto next = first + found.size();
    return {{"items", to_json(found)},
            {"next", next < lease->checkpoints ? json(next) : json(nullptr)}};
}

json verifier_json(const market::VerifierEntry& entry)
{
    auto made = to_json(entry.verifier);
    made.update(to_json(entry.key));
    return made;
}

}  // namespace

void add_lease_routes(Router& router, const ApiParts& parts)
{
    const auto add = [&](const char* path, const char* what, auto make) {
        router.add(Method::get, path, {what},
                   reading(parts, [make](const ledger::StateView& state, const Exchange& exchange) {
                       return make(View{state}, exchange);
                   }));
    };
    add("/v1/gpu/offers", "Offers of GPU time that are listed: ?provider=0x...&all=1",
        [](const View& view, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(market::list_gpu_offers(view, address_query(e, "provider"),
                                                     number_query(e, "all").value_or(0) == 0,
                                                     page.after, page.limit),
                             gpu_offer_json);
        });
    add("/v1/gpu/offers/{offer}", "An offer of GPU time", one_gpu_offer_json);
    add("/v1/gpu/orders", "Orders of GPU time that take bids: ?tenant=0x...&all=1",
        [](const View& view, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(market::list_gpu_orders(view, address_query(e, "tenant"),
                                                     number_query(e, "all").value_or(0) == 0,
                                                     page.after, page.limit),
                             gpu_order_json);
        });
    add("/v1/gpu/orders/{order}", "An order of GPU time, with the bids that wait",
        one_gpu_order_json);
    add("/v1/leases", "Leases of GPU time: ?tenant=0x...&provider=0x...",
        [](const View& view, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(
                market::list_leases(view, address_query(e, "tenant"), address_query(e, "provider"),
                                    page.after, page.limit),
                lease_json);
        });
    add("/v1/leases/{lease}", "A lease, with its verification", one_lease_json);
    add("/v1/leases/{lease}/checkpoints", "What a provider committed to", checkpoints_json);
    add("/v1/verifiers", "Who executes segments of leases again",
        [](const View& view, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(market::list_verifiers(view, page.after, page.limit), verifier_json);
        });
    add("/v1/verifiers/{account}/duties", "Segments and juries that wait for a verifier",
        [](const View& view, const Exchange& e) {
            return json{
                {"items", to_json(market::list_duties(view, address_parameter(e, "account")))}};
        });
}

}  // namespace node
