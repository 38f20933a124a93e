#include "node/blobs/batch_requests.hpp"

namespace node {
namespace {

using namespace batches;

constexpr std::size_t order_bytes = 64 * 1024;

json info_json(const BatchInfo& info)
{
    return {{"root", codec::to_json(info.summary.root)},
            {"chunks", info.summary.chunks},
            {"bytes", info.summary.bytes},
            {"present", info.present},
            {"complete", info.is_complete()},
            {"storedBytes", info.stored_bytes},
            {"holders", info.holders},
            {"usedMs", info.used_ms}};
}

asio::awaitable<json> list_batches(const BatchParts& parts, Exchange& exchange)
{
    only_operator(parts, exchange);
    const auto page = api::page_of(exchange);
    std::optional<Hash> after;
    if (page.after.size() == Hash::size) after = Hash::of(page.after);
    const auto roots = parts.store.list(after, page.limit);
    auto items = json::array();
    for (const auto& root : roots)
        if (const auto info = parts.store.info(root)) items.push_back(info_json(*info));
    const auto usage = parts.store.usage();
    co_return json{
        {"items", std::move(items)},
        {"next", roots.size() == page.limit ? codec::to_json(roots.back()) : json(nullptr)},
        {"storedBytes", usage.bytes},
        {"quotaBytes", usage.quota_bytes}};
}

asio::awaitable<json> fetch_batch(const BatchParts& parts, Exchange& exchange)
{
    only_operator(parts, exchange);
    const auto root = root_of(exchange);
    auto body = co_await exchange.read_body(order_bytes);
    if (!body) throw api::Refusal{body.error()};
    const auto parsed = codec::parse_json(as_text(*body), {order_bytes, 4});
    if (!parsed) api::refuse(400, "malformed", parsed.error().detail);
    auto order = codec::from_json_over(FetchOrder{}, *parsed);
    if (!order) api::refuse(400, "malformed", order.error().detail);
    if (order->providers.empty() && parts.known_providers) {
        order->providers = parts.known_providers(root);
        order->reach = parts.known_reach;
        if (order->providers.empty()) api::refuse(404, "not_found", "nobody is known to have it");
    }
    done(parts.fetches.start(root, std::move(*order)));
    co_return json{{"$status", 202}, {"state", "running"}};
}

asio::awaitable<json> remove_batch(const BatchParts& parts, Exchange& exchange)
{
    only_operator(parts, exchange);
    const auto root = root_of(exchange);
    const auto fetch = parts.fetches.status(root);
    if (fetch && fetch->state == "running") api::refuse(409, "held", "the batch is being fetched");
    std::function<Result<void>()> remove = [&store = parts.store, root]() -> Result<void> {
        if (const auto freed = store.unpin(root, operator_holder); !freed) return freed;
        return store.remove(root);
    };
    done(co_await parts.background.run<void>(std::move(remove)));
    co_return json{{"removed", true}};
}

}  // namespace

void add_batch_operator_routes(Router& router, const BatchParts& parts)
{
    router.add(Method::get, "/v1/batches",
               {"For the operator: all batches here, ?limit=&after=ROOT", {}, {}, {401, 403}},
               api::guarded([parts](Exchange& e) { return list_batches(parts, e); }));
    router.add(Method::post, "/v1/batches/{root}/fetch",
               {"For the operator: fetches a batch from other nodes",
                {},
                {},
                {400, 401, 403, 404, 422, 503, 507}},
               api::guarded([parts](Exchange& e) { return fetch_batch(parts, e); }));
    router.add(Method::del, "/v1/batches/{root}",
               {"For the operator: lets go of a batch and removes it unless others hold it",
                {},
                {},
                {401, 403, 404, 409, 503}},
               api::guarded([parts](Exchange& e) { return remove_batch(parts, e); }));
}

void add_batch_metrics(Metrics& metrics, BatchStore& store, const BatchFetches& fetches,
                       const BatchCounts& counts)
{
    const auto gauge = [&](const char* name, const char* help, std::uint64_t StoreUsage::*member) {
        metrics.add_gauge(name, help,
                          [&store, member] { return static_cast<double>(store.usage().*member); });
    };
    gauge("millrace_batches", "Sealed batches kept here, whole or not", &StoreUsage::batches);
    gauge("millrace_batches_held", "Those that somebody holds", &StoreUsage::held_batches);
    gauge("millrace_batch_stored_bytes", "What batches take", &StoreUsage::bytes);
    gauge("millrace_batch_quota_bytes", "What they may take", &StoreUsage::quota_bytes);
    metrics.add_gauge("millrace_batch_fetches", "Batches being fetched from other nodes",
                      [&fetches] { return static_cast<double>(fetches.running()); });
    const auto counter = [&](const char* name, const char* help,
                             std::atomic<std::uint64_t> BatchCounts::*member) {
        metrics.add_counter(
            name, help, [&counts, member] { return static_cast<double>((counts.*member).load()); });
    };
    counter("millrace_batch_received_bytes_total", "Bytes of good chunks put here",
            &BatchCounts::received_bytes);
    counter("millrace_batch_served_bytes_total", "Bytes of chunks served",
            &BatchCounts::served_bytes);
    counter("millrace_batch_fetched_bytes_total", "Bytes of good chunks fetched from other nodes",
            &BatchCounts::fetched_bytes);
    counter("millrace_batch_refused_chunks_total", "Chunks put here that were not the right ones",
            &BatchCounts::refused_chunks);
    counter("millrace_batch_scrubbed_bytes_total", "Bytes read again to look for damage",
            &BatchCounts::scrubbed_bytes);
    counter("millrace_batch_damaged_chunks_total", "Chunks found damaged and thrown away",
            &BatchCounts::damaged_chunks);
}

}  // namespace node
