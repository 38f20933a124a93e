#include "ledger/light/proofs.hpp"
#include "market/execute.hpp"
#include "market/period.hpp"
#include "market/price_history.hpp"
#include "market/pricing.hpp"
#include "market/queries.hpp"
#include "market/statement.hpp"
#include "node/api/answers.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;
using market::View;

/// `{model}`: an id, or OWNER:NAME, as a slash would end the segment.
market::ModelId model_parameter(const View& view, const Exchange& exchange)
{
    std::string text{exchange.parameter("model")};
    if (const auto colon = text.find(':'); colon != std::string::npos) text[colon] = '/';
    return must(market::find_model(view, text));
}

json model_json(const market::ModelId& id, const market::Model& model)
{
    auto made = to_json(model);
    made["id"] = to_json(id);
    return made;
}

/// A context to read with; nothing is executed in it.
struct Reading {
    std::vector<market::Event> none;
    market::Context context;

    explicit Reading(const ApiParts& parts)
        : context{parts.network,
                  parts.ledger.head()->header.height,
                  parts.ledger.head()->header.time_ms,
                  {},
                  {},
                  none}
    {
    }
};

json hosts_json(const View& view, const ApiParts& parts, const market::ModelId& id,
                std::optional<market::Version> ver)
{
    const Reading reading{parts};
    auto hosts = json::array();
    for (const auto& entry : market::list_hosts(view, reading.context, id, {}, 256).items) {
        if (ver && entry.ver != *ver && entry.ver != market::model_line) continue;
        hosts.push_back(
            {{"host", to_json(entry.host)},
             {"ver", entry.ver.value},
             {"endpoint", entry.endpoint},
             {"hostPpm", entry.agreement.host_ppm.value},
             {"untilMs", entry.agreement.until_ms},
             {"payTo", to_json(market::split_address(id, ver.value_or(entry.ver), entry.host))},
             {"payToLine", to_json(market::split_address(id, market::model_line, entry.host))}});
    }
    return hosts;
}

json version_json(const View& view, const ApiParts& parts, const market::VersionKey& key,
                  const market::VersionEntry& entry)
{
    const auto& record = entry.record;
    auto made = to_json(record.version);
    made["owner"] = to_json(record.owner);
    made["shares"] = to_json(record.shares);
    made["depth"] = record.depth;
    made["registeredMs"] = record.registered_ms;
    made["yankedMs"] = record.yanked_ms;
    made["yankReason"] = record.yank_reason;
    made["price"] = to_json(entry.price);
    made["sheetHash"] = to_json(market::sheet_hash(entry.price));
    made["ceiling"] = to_json(market::ceiling(entry.price));
    auto evaluations = json::array();
    for (const auto& evaluation : market::list_evaluations(view, key, 0, 64))
        evaluations.push_back(to_json(evaluation));
    made["evaluations"] = std::move(evaluations);
    made["hosts"] = hosts_json(view, parts, key.model, key.ver);
    return made;
}

json versions_json(const ApiParts& parts, const Exchange& exchange)
{
    const auto snapshot = must(parts.store.snapshot());
    const View view{*snapshot};
    const auto id = model_parameter(view, exchange);
    const auto from = number_query(exchange, "from").value_or(1);
    if (from < 1) api::refuse(400, "bad_from", "versions count from 1");
    const auto limit = number_query(exchange, "limit").value_or(100);
    if (limit < 1 || limit > 1000) api::refuse(400, "bad_limit", "limit is 1 to 1000");
    const auto now = parts.ledger.head()->header.time_ms.value;
    auto items = json::array();
    for (const auto& entry : market::list_versions(
             view, id, static_cast<std::uint32_t>(std::min<std::uint64_t>(from, 0xffffffffu)),
             limit, now))
        items.push_back(version_json(view, parts, {id, entry.record.version.ver}, entry));
    const auto after = from + items.size();
    const bool more = !items.empty() && after <= view.get<market::Model>(id).versions;
    return {{"items", std::move(items)}, {"next", more ? json(after) : json(nullptr)}};
}

json one_version_json(const ApiParts& parts, const Exchange& exchange)
{
    const auto snapshot = must(parts.store.snapshot());
    const View view{*snapshot};
    const auto id = model_parameter(view, exchange);
    const auto found = must(market::resolve(view, id, exchange.parameter("ver"), 0));
    const auto entry =
        market::find_version(view, found.key, parts.ledger.head()->header.time_ms.value);
    if (!entry) api::refuse(404, "not_found", "no such version");
    auto made = version_json(view, parts, found.key, *entry);
    made["alias"] = found.alias;
    return made;
}

json aliases_json(const ApiParts& parts, const Exchange& exchange)
{
    const auto snapshot = must(parts.store.snapshot());
    const View view{*snapshot};
    const auto id = model_parameter(view, exchange);
    auto items = json::array();
    for (const auto& entry : market::list_aliases(view, id, {}, 256).items) {
        auto alias = to_json(entry.alias);
        alias["name"] = entry.name;
        auto history = json::array();
        for (const auto& change : market::alias_history(view, {id, entry.name}, 0, 256))
            history.push_back(to_json(change));
        alias["history"] = std::move(history);
        items.push_back(std::move(alias));
    }
    return {{"items", std::move(items)}, {"next", nullptr}};
}

json host_json(const View& view, const Address& address, const market::Host& host)
{
    auto made = to_json(host);
    made["address"] = to_json(address);
    auto keys = json::array();
    view.scan<market::HostKeyRecord>(
        codec::encode(address),
        [&](const market::HostKeyId& id, const market::HostKeyRecord& record) {
            auto key = to_json(record);
            key["key"] = to_json(id.key);
            keys.push_back(std::move(key));
            return true;
        });
    made["keys"] = std::move(keys);
    return made;
}

/// The state of a channel by its name in the table of market.md 3.
std::string_view channel_state(const market::Channel& channel)
{
    if (channel.withdraw) return "withdrawing";
    if (channel.pending) return "pending";
    return channel.escrow().is_zero() ? "drained" : "open";
}

asio::awaitable<json> statement_json(const ApiParts& parts, const Exchange& exchange)
{
    if (parts.network.mints()) api::refuse(404, "not_found", "statements are of credit networks");
    const auto account = address_parameter(exchange, "account");
    const auto period = number_parameter(exchange, "period");
    if (period > 999'912) api::refuse(400, "bad_period", "a period is yyyymm");
    const market::EarnedKey key{account, static_cast<std::uint32_t>(period)};
    auto proof = co_await proof_json(parts, market::state_key<market::Earned>(key));
    if (proof["value"].is_null())
        api::refuse(404, "not_found", "nothing was earned in this period");
    const auto proved = must(light::proof_from_json<light::StateProofAt>(proof));
    const auto earned = must(codec::decode<market::Earned>(*proved.value));
    const market::Statement statement{retag<Hash>(parts.network.genesis_id),
                                      account,
                                      key.period,
                                      earned.amount,
                                      earned.settlements,
                                      proved.finality.header.height};
    auto made = to_json(statement);
    made["closedRef"] = to_json(earned.closed_ref);
    made["closedMs"] = earned.closed_ms;
    made["signer"] = nullptr;
    made["signature"] = nullptr;
    if (parts.sign && parts.identity.host_key) {
        made["signer"] = to_json(*parts.identity.host_key);
        made["signature"] = to_json(parts.sign(market::statement_digest(parts.network, statement)));
    }
    made["proof"] = std::move(proof);
    co_return made;
}

}  // namespace

void add_market_routes(Router& router, const ApiParts& parts)
{
    router.add(Method::get, "/v1/models", {"Every registered model"},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   auto made = list<market::Model>(*snapshot, page_of(exchange), {}, model_json);
                   if (parts.beside_models) made.update(parts.beside_models());
                   return made;
               }));
    router.add(Method::get, "/v1/models/{model}", {"A model by id or OWNER:NAME"},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   const View view{*snapshot};
                   const auto id = model_parameter(view, exchange);
                   auto made = model_json(id, view.get<market::Model>(id));
                   made["hosts"] = hosts_json(view, parts, id, {});
                   return made;
               }));
    router.add(Method::get, "/v1/models/{model}/versions", {"Versions, oldest first: ?from="},
               answering([parts](const Exchange& e) { return versions_json(parts, e); }));
    router.add(Method::get, "/v1/models/{model}/versions/{ver}",
               {"A version by number or alias, with price, metrics and hosts"},
               answering([parts](const Exchange& e) { return one_version_json(parts, e); }));
    router.add(Method::get, "/v1/models/{model}/aliases", {"Aliases with their history"},
               answering([parts](const Exchange& e) { return aliases_json(parts, e); }));
    router.add(Method::get, "/v1/hosts", {"Every host with its bond and keys"},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   const View view{*snapshot};
                   return list<market::Host>(*snapshot, page_of(exchange), {},
                                             [&](const Address& a, const market::Host& h) {
                                                 return host_json(view, a, h);
                                             });
               }));
    router.add(Method::get, "/v1/hosts/{address}", {"A host"},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   const View view{*snapshot};
                   const auto address = address_parameter(exchange, "address");
                   const auto host = view.find<market::Host>(address);
                   if (!host) api::refuse(404, "not_found", "no such host");
                   return host_json(view, address, *host);
               }));
    router.add(Method::get, "/v1/channels", {"Channels: ?payer=0x..."},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   const auto text = exchange.head().target.parameter("payer");
                   std::optional<Address> payer;
                   if (text) {
                       payer = parse_address(*text);
                       if (!payer) api::refuse(400, "bad_address", "payer is not an address");
                   }
                   auto listed = list<market::Channel>(
                       *snapshot, page_of(exchange), {},
                       [&](const market::ChannelId& id, const market::Channel& channel) {
                           if (payer && channel.config.payer != *payer) return json(nullptr);
                           auto made = to_json(channel);
                           made["id"] = to_json(id);
                           made["state"] = channel_state(channel);
                           return made;
                       });
                   auto kept = json::array();
                   for (auto& item : listed["items"])
                       if (!item.is_null()) kept.push_back(std::move(item));
                   listed["items"] = std::move(kept);
                   return listed;
               }));
    router.add(Method::get, "/v1/channels/{channel}", {"A channel as the ledger has it"},
               answering([parts](const Exchange& exchange) {
                   const auto snapshot = must(parts.store.snapshot());
                   const auto id = id_parameter<market::ChannelId>(exchange, "channel");
                   const auto channel = View{*snapshot}.find<market::Channel>(id);
                   if (!channel) api::refuse(404, "not_found", "no such channel");
                   auto made = to_json(*channel);
                   made["id"] = to_json(id);
                   made["state"] = channel_state(*channel);
                   return made;
               }));
    router.add(Method::get, "/v1/statements/{account}/{period}",
               {"Credit network: what an account earned in a month, yyyymm"},
               guarded([parts](Exchange& e) { return statement_json(parts, e); }));
}

}  // namespace node
