#include "node/inbox/inbox_routes.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/state/overlay.hpp"
#include "ledger/transfer/batch_manifest.hpp"
#include "market/device_statement.hpp"
#include "market/execute.hpp"
#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

namespace node {

using namespace ledger;
using api::json;
using market::DatasetId;
using market::Rejection;

namespace {

constexpr std::size_t request_bytes = transfer::manifest_bytes + 2 * market::statement_bytes;
constexpr std::size_t most_items = 256;
constexpr std::chrono::seconds disk_patience{30};
// Many devices may share an address.
constexpr CallerLimit of_caller{.per_second = 50, .burst = 200, .concurrent = 16};

CallerLimits::Permit admit(const InboxParts& parts, Exchange& exchange)
{
    auto admitted =
        parts.callers.admit(caller_key(exchange.peer().address()), of_caller, parts.clock.now());
    if (const auto* refused = std::get_if<CallerLimits::Refused>(&admitted)) {
        exchange.add_header("Retry-After", std::to_string(refused->retry_after.count()));
        api::refuse(429, "busy", refused->why);
    }
    return std::move(std::get<CallerLimits::Permit>(admitted));
}

DatasetId dataset_of(const InboxParts& parts, const Exchange& exchange)
{
    const auto dataset = api::id_parameter<DatasetId>(exchange, "dataset");
    if (!parts.inbox.is_for(dataset))
        api::refuse(404, "no_inbox", "this node has no inbox for this dataset");
    return dataset;
}

/// The body: what a device signed and the batch.json.
WaitingBatch batch_of(const InboxParts& parts, const DatasetId& dataset, const Bytes& body)
{
    const auto parsed = codec::parse_json(as_text(body), {request_bytes, 5});
    if (!parsed) api::refuse(400, "malformed", parsed.error().detail);
    if (!parsed->is_object() || parsed->size() != 2 || !parsed->contains("contribution") ||
        !parsed->contains("manifest"))
        api::refuse(400, "malformed", "the body is {\"contribution\",\"manifest\"}");
    auto said = market::read_statement(parts.network, parsed->at("contribution"));
    if (!said) api::refuse(422, "invalid", said.error().detail);
    if (said->dataset != dataset) api::refuse(422, "invalid", "it is of another dataset");
    const auto manifest = transfer::parse_manifest(parsed->at("manifest").dump());
    if (!manifest) api::refuse(422, "invalid", manifest.error().detail);
    std::vector<Bytes> wraps;
    for (const auto& wrap : manifest->wraps) wraps.push_back(wrap.key);
    if (manifest->dataset != retag<Hash>(dataset) ||
        !market::fits(*said, manifest->summary(), wraps))
        api::refuse(422, "invalid", "contribution and manifest are not of one batch");
    return {std::move(*said), sha256(as_bytes(transfer::manifest_text(*manifest))),
            parts.clock.wall().value};
}

/// What the ledger would say if its contributor sent it now.
Rejection rejection_of(const InboxParts& parts, const StateView& state,
                       const market::DataContribute& said)
{
    const market::View view{state};
    const auto device = view.find<market::Device>({said.dataset, said.device});
    if (!device) return Rejection::unknown_device;
    const auto head = parts.store.tip();
    if (!head) return Rejection::none;
    Overlay overlay{state};
    std::vector<market::Event> events;
    const market::BlockContext block{{head->value + 1}, parts.clock.wall(), {}};
    const auto verdict = market::apply_message(overlay, parts.network, block, device->contributor,
                                               TxId{}, said, events);
    if (verdict) return Rejection::none;
    // What may be otherwise when it is put on the ledger: a day's shares are used up, the
    // contributor has too little to pay for it.
    const bool may_wait = verdict.error() == Rejection::insufficient_funds ||
                          (verdict.error() == Rejection::shares_above_the_quota &&
                           said.shares <= device->daily_shares);
    return may_wait ? Rejection::none : verdict.error();
}

bool is_on_ledger(const market::View& view, const market::DataContribute& said)
{
    const auto batch = view.find<market::Batch>(key_of(said));
    return batch && batch->root == said.root;
}

/// Whether it can never be put on the ledger any more.
bool is_dead(const market::View& view, const market::DataContribute& said)
{
    const auto device = view.find<market::Device>({said.dataset, said.device});
    return !device || device->revoked_ms != 0 || view.has<market::Batch>(key_of(said)) ||
           view.has<market::BatchPoint>({said.dataset, said.point});
}

bool is_complete(const InboxParts& parts, const Hash& root)
{
    const auto info = parts.batches.info(root);
    return info && info->is_complete();
}

asio::awaitable<void> durably(std::function<void(Inbox::Done)> start)
{
    const auto done = co_await await_callback<Result<void>>(std::move(start), disk_patience);
    if (!done) api::refuse(503, "unavailable", "the disk does not answer");
    if (*done) co_return;
    const auto& error = done->error();
    if (error.kind == ErrorKind::full) api::refuse(507, "full", error.detail);
    if (error.kind == ErrorKind::denied) api::refuse(409, "batch_used", error.detail);
    api::refuse(error);
}

asio::awaitable<json> receive(const InboxParts& parts, Exchange& exchange)
{
    const auto dataset = dataset_of(parts, exchange);
    const auto permit = admit(parts, exchange);
    auto body = co_await exchange.read_body(request_bytes);
    if (!body) throw api::Refusal{body.error()};
    auto batch = batch_of(parts, dataset, *body);
    const auto& said = batch.contribution;
    const json root = to_hex0x(said.root.view());
    {
        const auto snapshot = api::must(parts.store.snapshot());
        const bool is_contributed = is_on_ledger(market::View{*snapshot}, said);
        // On the ledger by another way, perhaps: what is missing here is taken all the same.
        if (is_contributed && is_complete(parts, said.root))
            co_return json{{"state", "contributed"}, {"root", root}};
        if (const auto known = parts.inbox.find(key_of(said));
            known && known->contribution == said) {
            if (known->manifest == batch.manifest)
                co_return json{{"state", "waiting"}, {"root", root}};
            // Whoever signed is who brings it; the first to come may have been somebody else.
            if (parts.batches.info(said.root))
                api::refuse(409, "batch_used", "this batch is here with another batch.json");
        }
        const auto rejection =
            is_contributed ? Rejection::none : rejection_of(parts, *snapshot, said);
        if (rejection != Rejection::none)
            api::refuse(422, std::string{codec::enum_name(rejection)},
                        "the ledger would not take this contribution");
    }
    co_await durably(
        [&parts, &batch](Inbox::Done done) { parts.inbox.put(std::move(batch), std::move(done)); });
    ++parts.counts.received;
    co_return json{{"$status", 201}, {"state", "waiting"}, {"root", root}};
}

asio::awaitable<json> count_refusals(const InboxParts& parts, Exchange& exchange)
{
    try {
        co_return co_await receive(parts, exchange);
    } catch (const api::Refusal&) {
        ++parts.counts.refused;
        throw;
    }
}

/// The last item seen, encoded.
std::optional<market::BatchRef> after_of(const Exchange& exchange)
{
    const auto page = api::page_of(exchange);
    if (page.after.empty()) return {};
    const auto ref = codec::decode<market::BatchRef>(page.after);
    if (!ref) api::refuse(400, "bad_page", "after is not a next of this list");
    return *ref;
}

json item_json(const InboxParts& parts, const WaitingBatch& batch)
{
    const auto info = parts.batches.info(batch.contribution.root);
    return {{"contribution", codec::to_json(batch.contribution)},
            {"present", info ? info->present : 0},
            {"complete", info && info->is_complete()},
            {"atMs", batch.at_ms}};
}

/// What waits; what is on the ledger by now, or never can be, is forgotten.
asio::awaitable<json> show(const InboxParts& parts, Exchange& exchange)
{
    const auto dataset = dataset_of(parts, exchange);
    const auto permit = admit(parts, exchange);
    const auto limit = std::min(api::page_of(exchange).limit, most_items);
    const auto found = parts.inbox.list(dataset, after_of(exchange), limit);
    const auto snapshot = api::must(parts.store.snapshot());
    const market::View view{*snapshot};
    auto items = json::array();
    for (const auto& batch : found) {
        const auto& said = batch.contribution;
        if (!is_dead(view, said))
            items.push_back(item_json(parts, batch));
        else if (!is_on_ledger(view, said) || is_complete(parts, said.root))
            parts.inbox.remove(key_of(said), [](const Result<void>&) {});
    }
    json next = nullptr;
    if (found.size() == limit)
        next = to_hex0x(codec::encode(key_of(found.back().contribution).batch));
    co_return json{{"items", std::move(items)}, {"next", std::move(next)}};
}

asio::awaitable<json> remove(const InboxParts& parts, Exchange& exchange)
{
    if (auto refusal = parts.gate.refusal(exchange)) throw api::Refusal{std::move(*refusal)};
    const market::BatchKey key{
        dataset_of(parts, exchange),
        {api::address_parameter(exchange, "device"), api::number_parameter(exchange, "batch")}};
    co_await durably(
        [&parts, &key](Inbox::Done done) { parts.inbox.remove(key, std::move(done)); });
    co_return json{{"removed", true}};
}

}  // namespace

void add_inbox_routes(Router& router, const InboxParts& parts)
{
    const std::string path = "/v1/datasets/{dataset}/inbox";
    router.add(Method::post, path,
               {"A device announces a batch that it has signed: {\"contribution\",\"manifest\"}",
                {},
                {},
                {400, 404, 409, 413, 422, 429, 503, 507}},
               api::guarded([parts](Exchange& e) { return count_refusals(parts, e); }));
    router.add(
        Method::get, path,
        {"Batches that wait to be put on the ledger: ?limit=&after=", {}, {}, {400, 404, 429}},
        api::guarded([parts](Exchange& e) { return show(parts, e); }));
    router.add(Method::del, path + "/{device}/{batch}",
               {"The operator wants no such batch", {}, {}, {400, 401, 403, 404, 503}},
               api::guarded([parts](Exchange& e) { return remove(parts, e); }));
}

void add_inbox_metrics(Metrics& metrics, const Inbox& inbox, const InboxCounts& counts)
{
    metrics.add_gauge("millrace_inbox_waiting", "Batches of devices that are not on the ledger yet",
                      [&inbox] { return static_cast<double>(inbox.size()); });
    metrics.add_counter("millrace_inbox_received_total", "Contributions of devices that were taken",
                        [&counts] { return static_cast<double>(counts.received.load()); });
    metrics.add_counter("millrace_inbox_refused_total", "Contributions that were not",
                        [&counts] { return static_cast<double>(counts.refused.load()); });
}

}  // namespace node
