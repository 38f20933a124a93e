#include "node/blobs/batch_requests.hpp"

namespace node::batches {

bool is_operator(const BatchParts& parts, Exchange& exchange)
{
    if (!exchange.head().header("Authorization")) return false;
    only_operator(parts, exchange);
    return true;
}

void only_operator(const BatchParts& parts, Exchange& exchange)
{
    if (auto refusal = parts.gate.refusal(exchange)) throw api::Refusal{std::move(*refusal)};
}

void may_put(const BatchParts& parts, Exchange& exchange, const Hash& root)
{
    if (is_operator(parts, exchange) || parts.limits.is_open || parts.wanted.wants(root)) return;
    exchange.add_header("WWW-Authenticate", "Bearer");
    api::refuse(401, "unauthorized", "this node takes batches that its operator has announced");
}

CallerLimits::Permit admit(const BatchParts& parts, Exchange& exchange, std::uint64_t bytes)
{
    const auto caller = caller_key(exchange.peer().address());
    const auto now = parts.clock.now();
    const auto wait = [&](std::chrono::seconds time, const std::string& why) {
        exchange.add_header("Retry-After", std::to_string(time.count()));
        api::refuse(429, "busy", why);
    };
    CallerLimit limit;
    limit.concurrent = parts.limits.of_caller_at_once;
    auto admitted = parts.callers.admit(caller, limit, now);
    if (const auto* refused = std::get_if<CallerLimits::Refused>(&admitted))
        wait(refused->retry_after, refused->why);
    if (!is_operator(parts, exchange))
        if (const auto time = parts.rates.refuse(caller, bytes, now))
            wait(*time, "more bytes than one caller may move");
    return std::move(std::get<CallerLimits::Permit>(admitted));
}

Hash root_of(const Exchange& exchange)
{
    return api::id_parameter<Hash>(exchange, "root");
}

ChunkRange range_of(const Exchange& exchange, std::uint64_t all, std::uint64_t most)
{
    const auto range = transfer::parse_range(exchange.parameter("range"));
    if (!range) api::refuse(400, "bad_range", range.error().detail);
    if (range->count > most)
        api::refuse(400, "bad_range", "at most " + std::to_string(most) + " at once");
    if (range->end() > all)
        api::refuse(404, "not_found", "the batch has " + std::to_string(all) + " chunks");
    return *range;
}

asio::awaitable<Bytes> body_of(Exchange& exchange, std::size_t bytes)
{
    auto body = co_await exchange.read_body(bytes);
    if (!body) throw api::Refusal{body.error()};
    if (body->size() != bytes)
        api::refuse(400, "malformed", "the body has to have " + std::to_string(bytes) + " bytes");
    co_return std::move(*body);
}

asio::awaitable<json> status_json(const BatchParts& parts, const Hash& root, std::uint64_t from,
                                  bool with_fetch)
{
    const auto info = found(parts.store.info(root));
    std::function<Result<ChunkSet>()> look = [&store = parts.store, root] {
        return store.have(root);
    };
    const auto have = found(co_await parts.background.run<ChunkSet>(std::move(look)));
    auto status = transfer::status_of(info.summary, info.leaves);
    transfer::say_have(status, have, from);
    if (with_fetch) status.fetch = parts.fetches.status(root);
    co_return codec::to_json(status);
}

}  // namespace node::batches
