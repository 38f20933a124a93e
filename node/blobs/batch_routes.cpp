#include "node/blobs/batch_routes.hpp"

#include "node/blobs/batch_requests.hpp"

namespace node {
namespace {

using namespace batches;

constexpr auto leaf_bytes = sealing::LeafTable::entry_bytes;

/// Bytes that are what their name says for ever.
asio::awaitable<void> answer_bytes(Exchange& exchange, Bytes bytes, std::string tag)
{
    Response response{200, "application/octet-stream", std::move(bytes)};
    response.with("Cache-Control", "public, max-age=31536000, immutable");
    response.with("X-Content-Type-Options", "nosniff");
    response.with("ETag", std::move(tag));
    co_await exchange.respond(std::move(response));
}

/// Quoted, of everything that tells these bytes from others.
std::string tag_of(const Hash& root, std::string_view what, const Exchange& exchange)
{
    return "\"" + to_hex(root.view()) + "-" + std::string{what} +
           std::string{exchange.parameter("range")} + "\"";
}

/// True when the caller has these bytes already and was told so.
asio::awaitable<bool> knows(Exchange& exchange, const std::string& tag)
{
    if (exchange.head().header("If-None-Match") != std::string_view{tag}) co_return false;
    Response response{304};
    response.with("ETag", tag);
    co_await exchange.respond(std::move(response));
    co_return true;
}

/// Held by the operator who brings it, and by all who want it: those who have begun to meanwhile,
/// too.
Result<void> make_held(const BatchParts& parts, const BatchManifest& manifest, bool by_operator)
{
    auto holders = parts.wanted.holders(manifest);
    if (by_operator) holders.insert(holders.begin(), operator_holder);
    const auto first = holders.empty() ? std::nullopt : std::optional{holders.front()};
    if (const auto done = parts.store.create(manifest, first); !done) return done;
    for (const auto& holder : parts.wanted.holders(manifest))
        if (const auto done = parts.store.pin(manifest.root, holder); !done) return done;
    return {};
}

asio::awaitable<json> put_batch(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    may_put(parts, exchange, root);
    const bool by_operator = is_operator(parts, exchange);
    const auto permit = admit(parts, exchange, transfer::manifest_bytes);
    auto body = co_await exchange.read_body(transfer::manifest_bytes);
    if (!body) throw api::Refusal{body.error()};
    auto manifest = transfer::parse_manifest(as_text(*body));
    if (!manifest) api::refuse(422, "invalid", manifest.error().detail);
    if (manifest->root != root) api::refuse(422, "invalid", "the path names another root");
    if (!by_operator && !parts.limits.is_open && !parts.wanted.takes(*manifest))
        api::refuse(422, "invalid", "this is not the manifest of the batch that is wanted");
    std::function<Result<void>()> make = [parts, made = std::move(*manifest), by_operator] {
        return make_held(parts, made, by_operator);
    };
    done(co_await parts.background.run<void>(std::move(make)));
    auto told = co_await status_json(parts, root, 0, by_operator);
    told["$status"] = 201;
    co_return told;
}

asio::awaitable<json> put_table(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    may_put(parts, exchange, root);
    const auto info = found(parts.store.info(root));
    const auto range = range_of(exchange, info.summary.chunks, transfer::piece_leaves);
    const auto permit = admit(parts, exchange, range.count * leaf_bytes);
    auto leaves = co_await body_of(exchange, range.count * leaf_bytes);
    std::function<Result<void>()> put = [&store = parts.store, root, range,
                                         bytes = std::move(leaves)] {
        return store.put_leaves(root, range.first, bytes);
    };
    done(co_await parts.background.run<void>(std::move(put)));
    co_return json{{"leaves", found(parts.store.info(root)).leaves}};
}

asio::awaitable<json> put_chunks(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    may_put(parts, exchange, root);
    const auto info = found(parts.store.info(root));
    const auto range = range_of(exchange, info.summary.chunks, transfer::piece_chunks);
    if (!info.has_table()) api::refuse(409, "no_table", "the leaf table comes before the chunks");
    const auto length = transfer::range_bytes(info.summary, range);
    const auto permit = admit(parts, exchange, length);
    auto bytes = co_await body_of(exchange, length);
    std::function<Result<std::uint64_t>()> put =
        [&store = parts.store, root, range, chunks = std::move(bytes)]() -> Result<std::uint64_t> {
        auto good = store.put_chunks(root, range.first, chunks);
        if (!good) return good;
        if (const auto synced = store.sync(root); !synced) return synced.error();
        return good;
    };
    const auto good = found(co_await parts.background.run<std::uint64_t>(std::move(put)));
    if (good != 0)
        parts.counts.received_bytes += transfer::range_bytes(info.summary, {range.first, good});
    if (good != range.count) {
        ++parts.counts.refused_chunks;
        api::refuse(422, "wrong_chunk",
                    "chunk " + std::to_string(range.first + good) +
                        " is not the one that the root commits to");
    }
    co_return json{{"present", found(parts.store.info(root)).present}};
}

asio::awaitable<json> show_batch(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    const auto from = api::number_query(exchange, "from").value_or(0);
    const auto permit = admit(parts, exchange, transfer::status_bytes);
    co_return co_await status_json(parts, root, from, is_operator(parts, exchange));
}

asio::awaitable<json> show_manifest(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    const auto permit = admit(parts, exchange, transfer::manifest_bytes);
    std::function<Result<BatchManifest>()> read = [&store = parts.store, root] {
        return store.manifest(root);
    };
    co_return codec::to_json(found(co_await parts.background.run<BatchManifest>(std::move(read))));
}

asio::awaitable<json> show_table(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    const auto info = found(parts.store.info(root));
    const auto range = range_of(exchange, info.summary.chunks, transfer::piece_leaves);
    const auto tag = tag_of(root, "t", exchange);
    if (co_await knows(exchange, tag)) co_return json{};
    const auto permit = admit(parts, exchange, range.count * leaf_bytes);
    std::function<Result<Bytes>()> read = [&store = parts.store, root, range] {
        return store.leaves(root, range);
    };
    auto leaves = found(co_await parts.background.run<Bytes>(std::move(read)));
    co_await answer_bytes(exchange, std::move(leaves), tag);
    co_return json{};
}

asio::awaitable<json> show_chunks(const BatchParts& parts, Exchange& exchange)
{
    const auto root = root_of(exchange);
    const auto info = found(parts.store.info(root));
    const auto range = range_of(exchange, info.summary.chunks, transfer::piece_chunks);
    const auto tag = tag_of(root, "c", exchange);
    if (co_await knows(exchange, tag)) co_return json{};
    const auto permit = admit(parts, exchange, transfer::range_bytes(info.summary, range));
    std::function<Result<Bytes>()> read = [&store = parts.store, root, range] {
        return store.chunks(root, range);
    };
    auto read_bytes = co_await parts.background.run<Bytes>(std::move(read));
    // What was damaged is thrown away, and is as if it had never been here.
    if (!read_bytes && read_bytes.error().kind == ErrorKind::corrupt) {
        ++parts.counts.damaged_chunks;
        api::refuse(404, "not_found", "not all of these chunks are here");
    }
    auto bytes = found(std::move(read_bytes));
    parts.counts.served_bytes += bytes.size();
    co_await answer_bytes(exchange, std::move(bytes), tag);
    co_return json{};
}

using Answer = asio::awaitable<json> (*)(const BatchParts&, Exchange&);

Router::Handle handler(const BatchParts& parts, Answer answer)
{
    return api::guarded([parts, answer](Exchange& exchange) { return answer(parts, exchange); });
}

}  // namespace

void add_batch_routes(Router& router, const BatchParts& parts)
{
    const std::vector<unsigned> put{400, 401, 403, 404, 409, 413, 422, 429, 503, 507};
    router.add(Method::put, "/v1/batches/{root}",
               {"Announces a sealed batch: the body is its batch.json", {}, {}, put},
               handler(parts, put_batch));
    router.add(Method::put, "/v1/batches/{root}/table/{range}",
               {"Leaves FIRST-LAST of a batch's table, in order, at most 1 MiB", {}, {}, put},
               handler(parts, put_table));
    router.add(Method::put, "/v1/batches/{root}/chunks/{range}",
               {"Sealed chunks FIRST-LAST of a batch, at most 1 MiB", {}, {}, put},
               handler(parts, put_chunks));
    router.add(Method::get, "/v1/batches/{root}",
               {"What is here of a batch: ?from=CHUNK", {}, {}, {400, 404}},
               handler(parts, show_batch));
    router.add(Method::get, "/v1/batches/{root}/manifest",
               {"The batch.json of a batch", {}, {}, {400, 404, 429}},
               handler(parts, show_manifest));
    router.add(Method::get, "/v1/batches/{root}/table/{range}",
               {"Leaves FIRST-LAST of a batch's table", {}, {}, {400, 404, 429}},
               handler(parts, show_table));
    router.add(Method::get, "/v1/batches/{root}/chunks/{range}",
               {"Sealed chunks FIRST-LAST of a batch", {}, {}, {400, 404, 429, 503}},
               handler(parts, show_chunks));
}

}  // namespace node
