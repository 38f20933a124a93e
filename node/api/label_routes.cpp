#include "market/label_queries.hpp"
#include "node/api/answers.hpp"

#include "ledger/codec/json.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;
using market::View;

json order_json(const market::LabelOrderEntry& entry)
{
    auto made = to_json(entry.ordered.ordered);
    made["id"] = to_json(entry.id);
    made["owner"] = to_json(entry.ordered.owner);
    made["orderedMs"] = entry.ordered.ordered_ms;
    made["openUntilMs"] = entry.terms.open_until_ms;
    made["seatsFree"] = entry.seats.free;
    made["workOpen"] = entry.seats.open;
    made["accepted"] = entry.seats.accepted;
    made["agreedMs"] = entry.seats.agreed_ms;
    made["closedMs"] = entry.seats.closed_ms;
    made["escrow"] = to_json(entry.seats.escrow);
    return made;
}

/// What it takes to choose one; the rest is in the order itself.
json listed_json(const market::LabelOrderEntry& entry)
{
    auto made = order_json(entry);
    for (const auto* large : {"batches", "picks", "arbiterWraps", "annotators"}) made.erase(large);
    return made;
}

json work_json(const market::LabelWorkEntry& entry)
{
    auto made = to_json(entry.work);
    made.update(to_json(entry.key));
    return made;
}

json one_order_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::LabelOrderId>(exchange, "order");
    auto ordered = view.find<market::LabelOrdered>(id);
    if (!ordered) refuse(404, "not_found", "no such order");
    return order_json({id, std::move(*ordered), view.get<market::LabelTerms>(id),
                       view.get<market::LabelSeats>(id)});
}

json one_work_json(const View& view, const Exchange& exchange)
{
    const market::LabelWorkKey key{id_parameter<market::LabelOrderId>(exchange, "order"),
                                   address_parameter(exchange, "annotator")};
    const auto work = view.find<market::LabelWork>(key);
    if (!work) refuse(404, "not_found", "this account has taken no seat of such an order");
    return work_json({key, *work});
}

}  // namespace

void add_label_routes(Router& router, const ApiParts& parts)
{
    const auto add = [&](const char* path, const char* what, auto make) {
        router.add(Method::get, path, {what},
                   reading(parts, [make](const ledger::StateView& state, const Exchange& exchange) {
                       return make(View{state}, exchange);
                   }));
    };
    add("/v1/labels/orders", "Label orders of which a seat can be taken: ?dataset=0x...&all=1",
        [now = parts.now](const View& view, const Exchange& e) {
            std::optional<std::uint64_t> open_at;
            if (number_query(e, "all").value_or(0) == 0) open_at = now ? now().value : 0;
            const auto page = page_of(e);
            return page_json(
                market::list_label_orders(view, id_query<market::DatasetId>(e, "dataset"), open_at,
                                          page.after, page.limit),
                listed_json);
        });
    add("/v1/labels/orders/{order}", "A label order", one_order_json);
    add("/v1/labels/work", "What annotators do or did: ?order=0x...&annotator=0x...",
        [](const View& view, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(
                market::list_label_work(view, id_query<market::LabelOrderId>(e, "order"),
                                        address_query(e, "annotator"), page.after, page.limit),
                work_json);
        });
    add("/v1/labels/orders/{order}/work/{annotator}", "One annotator's part in a label order",
        one_work_json);
}

}  // namespace node
