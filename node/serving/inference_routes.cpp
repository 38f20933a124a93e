#include "node/serving/inference_routes.hpp"

#include "inference/protocol/metadata.hpp"
#include "ledger/codec/json.hpp"
#include "node/serving/paid_model.hpp"

namespace node {
namespace {

using nlohmann::json;

asio::awaitable<void> answer(Exchange& exchange, unsigned status, std::string body)
{
    Response response = Response::json(status, std::move(body));
    co_await exchange.respond(std::move(response));
}

asio::awaitable<void> unknown(Exchange& exchange, std::string message)
{
    HttpError error{404, "not_found", std::move(message)};
    co_await exchange.refuse(std::move(error));
}

struct Found {
    const ServedModel* model = nullptr;
    const ServedVersion* version = nullptr;  ///< null when the path names none
    std::string missing;
};

Found find(const Catalog& catalog, const Exchange& exchange)
{
    const auto name = exchange.parameter("model");
    Found found{catalog.find(name), nullptr, {}};
    if (!found.model) {
        found.missing = "unknown model: " + std::string{name};
        return found;
    }
    const auto version = exchange.parameter("version");
    if (version.empty()) return found;
    found.version = find_version(*found.model, version);
    if (!found.version)
        found.missing = std::string{name} + " has no version " + std::string{version} + " here";
    return found;
}

std::vector<std::string> version_names(const ServedModel& model)
{
    std::vector<std::string> names;
    for (const auto& [ver, version] : model.versions) names.push_back(std::to_string(ver.value));
    return names;
}

/// When a model last ran, in Unix time; 0 before the first run.
std::uint64_t last_run_ms(const inference::PoolStats& stats, const Clock& clock)
{
    if (!stats.last_inference) return 0;
    const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::max(clock.now(), *stats.last_inference) - *stats.last_inference);
    return clock.wall().value - static_cast<std::uint64_t>(ago.count());
}

std::vector<inference::ModelStatistics> statistics(const ServingParts& parts, const Found* only)
{
    std::vector<inference::ModelStatistics> all;
    for (const auto& [name, model] : parts.catalog.models()) {
        if (only && only->model != &model) continue;
        for (const auto& [ver, version] : model.versions) {
            if (only && only->version && only->version != &version) continue;
            auto stats = version.pool->stats();
            const auto last = last_run_ms(stats, parts.clock);
            all.push_back({name, std::to_string(ver.value), std::move(stats), last});
        }
    }
    return all;
}

/// A handler for a model that must be there.
Router::Handle with_model(const ServingParts& parts,
                          std::function<std::pair<unsigned, std::string>(const Found&)> make)
{
    return [&parts, make = std::move(make)](Exchange& exchange) -> asio::awaitable<void> {
        const auto found = find(parts.catalog, exchange);
        if (!found.missing.empty()) {
            co_await unknown(exchange, found.missing);
            co_return;
        }
        auto [status, body] = make(found);
        co_await answer(exchange, status, std::move(body));
    };
}

void add_for_versions(Router& router, Method method, const std::string& tail,
                      const std::string& summary, const Router::Handle& handle)
{
    router.add(method, "/v2/models/{model}" + tail, {summary, {}, {}, {404}}, handle);
    router.add(method, "/v2/models/{model}/versions/{version}" + tail,
               {summary + ", of one version", {}, {}, {404}}, handle);
}

void add_health(Router& router, const ServingParts& parts)
{
    router.add(Method::get, "/v2/health/live", {"Whether the server runs"},
               [](Exchange& e) { return answer(e, 200, inference::live_body(true)); });
    router.add(Method::get, "/v2/health/ready", {"Whether it takes requests"},
               [&parts](Exchange& e) {
                   const bool ready = parts.ready();
                   return answer(e, ready ? 200 : 503, inference::ready_body(ready));
               });
    router.add(
        Method::get, "/v2", {"Name, version and extensions of the server"}, [&parts](Exchange& e) {
            return answer(e, 200,
                          inference::server_metadata_body(parts.server_name, parts.server_version));
        });
}

void add_models(Router& router, const ServingParts& parts)
{
    add_for_versions(
        router, Method::get, "", "Inputs and outputs of a model",
        with_model(parts, [](const Found& found) {
            const auto& version = found.version ? *found.version : newest_version(*found.model);
            return std::pair{
                200u, inference::model_metadata_body(found.model->name, version_names(*found.model),
                                                     version.pool->summary().io)};
        }));
    add_for_versions(router, Method::get, "/ready", "Whether a model takes requests",
                     with_model(parts, [&parts](const Found& found) {
                         const bool ready = parts.ready();
                         return std::pair{ready ? 200u : 503u,
                                          inference::model_ready_body(found.model->name, ready)};
                     }));
    add_for_versions(
        router, Method::get, "/stats", "Statistics of a model",
        with_model(parts, [&parts](const Found& found) {
            return std::pair{200u, inference::statistics_body(statistics(parts, &found))};
        }));
    router.add(Method::get, "/v2/models/stats", {"Statistics of every model"},
               [&parts](Exchange& e) {
                   return answer(e, 200, inference::statistics_body(statistics(parts, nullptr)));
               });
    router.add(Method::post, "/v2/repository/index", {"Every model and version served"},
               [&parts](Exchange& exchange) -> asio::awaitable<void> {
                   std::vector<inference::RepositoryEntry> entries;
                   for (const auto& [name, model] : parts.catalog.models())
                       for (const auto& [ver, version] : model.versions)
                           entries.push_back({name, std::to_string(ver.value), "READY", ""});
                   co_await answer(exchange, 200, inference::repository_index_body(entries));
               });
}

void add_repository(Router& router)
{
    for (const auto* what : {"load", "unload"})
        router.add(Method::post, std::string{"/v2/repository/models/{model}/"} + what,
                   {"Refused: models are loaded as the node's configuration says", {}, {}, {403}},
                   [](Exchange& exchange) -> asio::awaitable<void> {
                       HttpError error{403, "forbidden",
                                       "models are loaded as the node's configuration says"};
                       co_await exchange.refuse(std::move(error));
                   });
}

asio::awaitable<void> infer_free(const ServingParts& parts, Exchange& exchange,
                                 const ServedModel& model, const ServedVersion& version)
{
    auto body = co_await exchange.read_body(parts.limits.protocol.body_bytes);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return;
    }
    auto result = co_await infer(exchange, model, version, *body, parts.limits,
                                 parts.clock.now() + parts.limits.run, &parts.metrics);
    co_await exchange.respond(std::move(result.response));
}

asio::awaitable<void> infer_any(const ServingParts& parts, Exchange& exchange)
{
    const auto found = find(parts.catalog, exchange);
    if (!found.missing.empty()) {
        co_await unknown(exchange, found.missing);
        co_return;
    }
    if (found.model->model && !parts.payments) {
        HttpError error{503, "no_payments",
                        "this node takes no payments, and the model has a price"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    if (!found.model->model) {
        co_await infer_free(parts, exchange, *found.model,
                            found.version ? *found.version : newest_version(*found.model));
        co_return;
    }
    auto resource = paid_resource(parts, *found.model, found.version,
                                  std::string{exchange.head().target.path()});
    if (!resource) {
        HttpError error{503, "not_on_the_ledger", resource.error().detail};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    PaidModel runner{parts, *found.model, found.version};
    co_await parts.payments->handle(exchange, std::move(*resource), runner);
}

/// A refund runs nothing and has no body: stock x402 clients ask for it with GET, first without
/// payment to learn the terms.
asio::awaitable<void> refund(const ServingParts& parts, Exchange& exchange)
{
    const auto found = find(parts.catalog, exchange);
    if (found.missing.empty() && (!found.model->model || !parts.payments)) {
        exchange.add_header("Allow", "POST, OPTIONS");
        HttpError error{405, "method_not_allowed", "this model is free: call it with POST"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    co_await infer_any(parts, exchange);
}

asio::awaitable<void> quote(const ServingParts& parts, Exchange& exchange)
{
    auto body = co_await exchange.read_body(64 * 1024);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return;
    }
    const auto asked = ledger::codec::parse_json(ledger::as_text(*body), {64 * 1024, 4});
    const bool good = asked && asked->is_object() && asked->contains("model") &&
                      (*asked)["model"].is_string() &&
                      (!asked->contains("version") || (*asked)["version"].is_string());
    if (!good) {
        HttpError error{400, "malformed", "the body is {\"model\",\"version\"?} with strings"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    const auto name = (*asked)["model"].get<std::string>();
    const auto* model = parts.catalog.find(name);
    const ServedVersion* version = nullptr;
    std::string path = "/v2/models/" + name;
    if (model && asked->contains("version")) {
        const auto text = (*asked)["version"].get<std::string>();
        version = find_version(*model, text);
        if (!version) model = nullptr;
        path += "/versions/" + text;
    }
    if (!model || !model->model || !parts.offers) {
        co_await unknown(exchange, "no such model or version with a price is served here");
        co_return;
    }
    auto resource = paid_resource(parts, *model, version, path + "/infer");
    if (!resource) {
        HttpError error{503, "not_on_the_ledger", resource.error().detail};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    co_await answer(exchange, 200,
                    parts.offers->quote(*resource, parts.clock.wall(), parts.random).dump());
}

}  // namespace

void add_inference_routes(Router& router, const ServingParts& parts)
{
    add_health(router, parts);
    add_models(router, parts);
    add_repository(router);
    add_for_versions(router, Method::post, "/infer", "Runs a model; 402 where it has a price",
                     [&parts](Exchange& e) { return infer_any(parts, e); });
    add_for_versions(router, Method::get, "/infer", "Terms of payment, and x402 refunds",
                     [&parts](Exchange& e) { return refund(parts, e); });
    router.add(Method::post, "/v1/quote", {"The signed offers that a call would get"},
               [&parts](Exchange& e) { return quote(parts, e); });
}

}  // namespace node
