#include "node/app/node_routes.hpp"

#include "node/api/answers.hpp"
#include "node/app/node.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;

json receipts_json(const NodeRouteParts& parts, const Exchange& exchange)
{
    const auto channel = id_parameter<market::ChannelId>(exchange, "channel");
    const auto from = number_query(exchange, "from").value_or(1);
    const auto limit = number_query(exchange, "limit").value_or(100);
    if (limit < 1 || limit > 1000) api::refuse(400, "bad_limit", "limit is 1 to 1000");
    auto items = json::array();
    std::uint64_t last = 0;
    for (const auto& record : must(find_receipts(parts.journal, channel, from, limit))) {
        const bool alone = record.signature != Signature{};
        items.push_back({{"receipt", to_json(record.receipt)},
                         {"signature", alone ? to_json(record.signature) : json(nullptr)}});
        last = record.receipt.seq;
    }
    const bool more = items.size() == limit;
    return {{"items", std::move(items)}, {"next", more ? json(last + 1) : json(nullptr)}};
}

json proven_json(const NodeRouteParts& parts, const Exchange& exchange)
{
    const auto channel = id_parameter<market::ChannelId>(exchange, "channel");
    const auto seq = number_parameter(exchange, "seq");
    const auto proven = must(prove_record(parts.journal, channel, seq));
    return {{"record", to_json(proven.record)},
            {"batch", to_json(proven.batch.receipt)},
            {"signature", to_json(proven.batch.signature)},
            {"path", to_json(proven.path)}};
}

json hosted_json(const NodeRouteParts& parts, const Exchange& exchange)
{
    const auto id = id_parameter<market::ChannelId>(exchange, "channel");
    const auto record = parts.book.find(id);
    if (!record) api::refuse(404, "not_found", "this node has charged nothing on this channel");
    return to_json(*record);
}

}  // namespace

void add_node_routes(Router& router, const NodeRouteParts& parts)
{
    router.add(Method::get, "/healthz", {"Whether the node takes work", {}, {}, {503}},
               answering([&ledger = parts.ledger](const Exchange&) -> json {
                   const auto why = ledger.halted();
                   if (why.empty()) return {{"status", "ok"}};
                   return {{"$status", 503}, {"status", "halted"}, {"why", why}};
               }));
    router.add(Method::get, "/metrics", {"Prometheus text"}, parts.metrics.handler());
    router.add(Method::get, "/v1/events",
               {"WebSocket of final blocks and events: ?topics=block,event&key=0x..."},
               [&events = parts.events](Exchange& exchange) { return events.serve(exchange); });
    router.add(Method::get, "/v1/channels/{channel}/receipts",
               {"Signed receipts of calls served here: ?from=SEQ"},
               answering([parts](const Exchange& e) { return receipts_json(parts, e); }));
    router.add(Method::get, "/v1/channels/{channel}/receipts/{seq}/proof",
               {"That a signed batch holds the record of a call paid by links", {}, {}, {404}},
               answering([parts](const Exchange& e) { return proven_json(parts, e); }));
    router.add(Method::get, "/v1/channels/{channel}/charges",
               {"What this node has charged on a channel", {}, {}, {404}},
               answering([parts](const Exchange& e) { return hosted_json(parts, e); }));
    router.add(Method::get, "/openapi.json", {"This document"},
               [&routes = parts.router](Exchange& exchange) -> asio::awaitable<void> {
                   Response response =
                       Response::json(200, routes.openapi("Millrace node", node_version()));
                   co_await exchange.respond(std::move(response));
               });
}

void publish(EventHub& hub, const FinalBlock& block)
{
    const auto height = block.head.header.height.value;
    auto ids = json::array();
    for (const auto& id : block.tx_ids) ids.push_back(to_json(id));
    const json told{{"type", "block"},
                    {"height", height},
                    {"id", to_json(block.head.id)},
                    {"timeMs", block.head.header.time_ms.value},
                    {"txs", std::move(ids)}};
    hub.publish({"block", {}, told.dump()});
    if (hub.subscribers() == 0) return;
    for (const auto& receipt : block.receipts) {
        for (const auto& event : receipt.events) {
            auto json = to_json(event);
            json["type"] = "event";
            json["height"] = height;
            json["txId"] = to_json(receipt.tx_id);
            hub.publish({"event",
                         {to_hex0x(event.account.view()), to_hex0x(event.subject.view())},
                         json.dump()});
        }
    }
}

void add_gauges(Metrics& metrics, LedgerService& ledger)
{
    metrics.add_gauge("millrace_ledger_height", "Height of the newest final block", [&ledger] {
        return static_cast<double>(ledger.head()->header.height.value);
    });
    metrics.add_gauge("millrace_ledger_halted", "1 when the ledger takes no work",
                      [&ledger] { return ledger.halted().empty() ? 0.0 : 1.0; });
    metrics.add_gauge("millrace_mempool_transactions", "Transactions that wait for a block",
                      [&ledger] { return static_cast<double>(ledger.mempool_size()); });
}

void add_payment_gauges(Metrics& metrics, const ChannelBook& book)
{
    const auto micros = [](market::Amount amount) { return static_cast<double>(amount.micros()); };
    metrics.add_gauge("millrace_channels", "Channels that this node has charged",
                      [&book] { return static_cast<double>(book.totals().channels); });
    metrics.add_gauge("millrace_charged_micros",
                      "Receipted on channels in all, millionths of a token",
                      [&book, micros] { return micros(book.totals().charged); });
    metrics.add_gauge("millrace_owed_micros",
                      "Receipted on channels and not settled by the ledger, millionths of a token",
                      [&book, micros] { return micros(book.totals().owed); });
    metrics.add_gauge("millrace_claimed_micros",
                      "Receipted on channels and settled by the ledger, millionths of a token",
                      [&book, micros] {
                          const auto totals = book.totals();
                          return micros(totals.charged - totals.owed);
                      });
}

}  // namespace node
