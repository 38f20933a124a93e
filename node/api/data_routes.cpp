#include "market/queries.hpp"
#include "node/api/answers.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;
using market::View;

/// `{dataset}`: an id, or OWNER:NAME, as a slash would end the segment.
market::DatasetId dataset_of(const View& view, std::string text)
{
    if (const auto colon = text.find(':'); colon != std::string::npos) text[colon] = '/';
    return must(market::find_dataset(view, text));
}

market::DatasetId dataset_parameter(const View& view, const Exchange& exchange)
{
    return dataset_of(view, std::string{exchange.parameter("dataset")});
}

json dataset_json(const View& view, const market::DatasetId& id,
                  const market::DatasetRecord& record)
{
    const auto earning = view.get<market::Dataset>(id);
    auto made = to_json(record.registered);
    made["id"] = to_json(id);
    made["owner"] = to_json(earning.owner);
    made["shares"] = to_json(record.shares);
    made["depth"] = record.depth;
    made["totalShares"] = earning.total_shares;
    made["pot"] = to_json(earning.pot);
    made["registeredMs"] = record.registered_ms;
    return made;
}

json batch_json(const market::BatchEntry& entry)
{
    auto made = to_json(entry.batch);
    made.update(to_json(entry.ref));
    made["drawn"] = entry.drawn;
    made["shown"] = entry.shown;
    return made;
}

json offer_json(const market::OfferEntry& entry)
{
    auto made = to_json(entry.terms.offered);
    made.update(to_json(entry.offer));
    made["id"] = to_json(entry.id);
    made["seller"] = to_json(entry.terms.seller);
    made["offeredMs"] = entry.terms.offered_ms;
    return made;
}

json sale_json(const market::SaleId& id, const market::Sale& sale)
{
    auto made = to_json(sale);
    made["id"] = to_json(id);
    made["escrow"] = to_json(sale.escrow());
    return made;
}

json devices_json(const ledger::StateView& state, const Exchange& exchange)
{
    const auto id = dataset_parameter(View{state}, exchange);
    return list<market::Device>(state, page_of(exchange), id.view(),
                                [](const market::DeviceKey& key, const market::Device& device) {
                                    auto made = to_json(device);
                                    made["device"] = to_json(key.device);
                                    return made;
                                });
}

json one_offer_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::OfferId>(exchange, "offer");
    const auto terms = view.find<market::OfferTerms>(id);
    if (!terms) refuse(404, "not_found", "no such offer");
    return offer_json({id, *terms, view.get<market::Offer>(id)});
}

json one_sale_json(const View& view, const Exchange& exchange)
{
    const auto id = id_parameter<market::SaleId>(exchange, "sale");
    const auto sale = view.find<market::Sale>(id);
    if (!sale) refuse(404, "not_found", "no such sale");
    auto made = sale_json(id, *sale);
    const auto terms = view.get<market::OfferTerms>(sale->offer);
    made["dataset"] = to_json(terms.offered.dataset);
    made["licenseHash"] = to_json(terms.offered.license_hash);
    made["seller"] = to_json(terms.seller);
    const auto keys = view.find<market::SaleKeys>(id);
    made["points"] = keys ? to_json(keys->points) : json(nullptr);
    made["t"] = keys && !keys->t.empty() ? to_json(keys->t) : json(nullptr);
    return made;
}

}  // namespace

void add_data_routes(Router& router, const ApiParts& parts)
{
    const auto add = [&](const char* path, const char* what, auto make) {
        router.add(Method::get, path, {what}, reading(parts, make));
    };
    using Store = ledger::StateView;
    add("/v1/datasets", "Every registered dataset", [](const Store& state, const Exchange& e) {
        return list<market::DatasetRecord>(
            state, page_of(e), {},
            [&](const market::DatasetId& id, const market::DatasetRecord& record) {
                return dataset_json(View{state}, id, record);
            });
    });
    add("/v1/datasets/{dataset}", "A dataset by id or OWNER:NAME",
        [](const Store& state, const Exchange& e) {
            const View view{state};
            const auto id = dataset_parameter(view, e);
            return dataset_json(view, id, view.get<market::DatasetRecord>(id));
        });
    add("/v1/datasets/{dataset}/devices", "Devices that sign contributions, or did", devices_json);
    add("/v1/datasets/{dataset}/batches", "Contributions, and which chunks are shown",
        [](const Store& state, const Exchange& e) {
            const View view{state};
            const auto page = page_of(e);
            return page_json(
                market::list_batches(view, dataset_parameter(view, e), page.after, page.limit),
                batch_json);
        });
    add("/v1/offers", "Offers of data: ?dataset=", [](const Store& state, const Exchange& e) {
        const View view{state};
        const auto page = page_of(e);
        std::optional<market::DatasetId> dataset;
        if (const auto text = e.head().target.parameter("dataset"))
            dataset = dataset_of(view, std::string{*text});
        return page_json(market::list_offers(view, dataset, page.after, page.limit), offer_json);
    });
    add("/v1/offers/{offer}", "An offer of data",
        [](const Store& state, const Exchange& e) { return one_offer_json(View{state}, e); });
    add("/v1/sales", "Who bought which data: ?offer=0x...&buyer=0x...",
        [](const Store& state, const Exchange& e) {
            const auto page = page_of(e);
            return page_json(
                market::list_sales(View{state}, id_query<market::OfferId>(e, "offer"),
                                   address_query(e, "buyer"), page.after, page.limit),
                [](const market::SaleEntry& entry) { return sale_json(entry.id, entry.sale); });
        });
    add("/v1/sales/{sale}", "A sale of data, with the blinded keys",
        [](const Store& state, const Exchange& e) { return one_sale_json(View{state}, e); });
}

}  // namespace node
