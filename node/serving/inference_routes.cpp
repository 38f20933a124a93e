#include "node/serving/inference_routes.hpp"

#include "inference/protocol/metadata.hpp"
#include "ledger/codec/json.hpp"
#include "node/http/await_callback.hpp"
#include "node/serving/paid_model.hpp"
#include "node/serving/repository_routes.hpp"
#include "node/serving/unpaid_call.hpp"

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

/// A model that a request named, kept until the request ends; or why it gets nothing.
struct Found {
    std::shared_ptr<const ServedModel> model;
    std::shared_ptr<const ServedVersion> version;  ///< null when the path names none
    std::optional<HttpError> refusal;
};

Found not_here(std::string message)
{
    return {nullptr, nullptr, HttpError{404, "not_found", std::move(message)}};
}

/// What a request is about, from its path or body.
struct Named {
    std::string model;
    std::string version;       ///< empty when none is named
    bool has_payment = false;  ///< so it may be for a version that is leaving
};

Named named(const Exchange& exchange)
{
    return {std::string{exchange.parameter("model")}, std::string{exchange.parameter("version")},
            false};
}

Found find(const Catalog& catalog, const Named& asked)
{
    Found found{catalog.find(asked.model), nullptr, {}};
    if (!found.model) return not_here("unknown model: " + asked.model);
    const auto& model = *found.model;
    const bool leaving = asked.has_payment && !model.leaving.empty();
    const bool comes = model.state == ModelState::idle || model.state == ModelState::loading;
    if (model.state != ModelState::ready && !comes && !leaving)
        return not_here(asked.model + " is not loaded");
    if (asked.version.empty()) return found;
    found.version = find_version(model.versions, asked.version);
    if (!found.version && leaving) found.version = find_version(model.leaving, asked.version);
    if (!found.version && !comes)
        return not_here(asked.model + " has no version " + asked.version + " here");
    return found;
}

/// Asks the keeper to load it, once for all who wait; false while that has just failed.
bool wake(const ServingParts& parts, const ServedModel& model)
{
    auto& use = *model.use;
    if (parts.clock.now().time_since_epoch().count() < use.wake_after) return false;
    if (use.waking.exchange(true)) return true;
    if (parts.jobs &&
        parts.jobs->post([keeper = parts.keeper, name = model.name] { keeper->wake(name); }))
        return true;
    use.waking = false;
    return false;
}

/// Whether the model has to be loaded before it can be called.
bool is_asleep(const Found& found)
{
    if (!found.model || found.version) return false;
    return found.model->state == ModelState::idle || found.model->state == ModelState::loading;
}

/// Waits until it is loaded; 503 when that takes too long or has just failed.
asio::awaitable<Found> wake_up(const ServingParts& parts, Exchange& exchange, Found found,
                               Named asked)
{
    const auto late = parts.clock.now() + parts.limits().load_wait;
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (is_asleep(found)) {
        const bool coming = found.model->state == ModelState::loading || wake(parts, *found.model);
        if (!coming || parts.clock.now() >= late || exchange.peer_gone())
            co_return Found{nullptr, nullptr,
                            HttpError{503, "loading", asked.model + " is being loaded; try again"}};
        boost::system::error_code ignored;
        timer.expires_after(std::chrono::milliseconds{10});
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        found = find(parts.catalog, asked);
    }
    co_return found;
}

void note_call(const ServingParts& parts, const Found& found)
{
    if (found.model) found.model->use->last_call = parts.clock.now().time_since_epoch().count();
}

asio::awaitable<void> refuse(Exchange& exchange, HttpError error)
{
    if (error.status == 503) exchange.add_header("Retry-After", "1");
    co_await exchange.refuse(std::move(error));
}

/// What the path names; nothing when the request was refused.
asio::awaitable<Found> find_loaded(const ServingParts& parts, Exchange& exchange)
{
    const auto asked = named(exchange);
    auto found = find(parts.catalog, asked);
    if (is_asleep(found)) found = co_await wake_up(parts, exchange, found, asked);
    note_call(parts, found);
    if (!found.refusal) co_return found;
    co_await refuse(exchange, std::move(*found.refusal));
    co_return Found{};
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

void add_statistics(const ServingParts& parts, const ServedModel& model, const ServedVersion* only,
                    std::vector<inference::ModelStatistics>& all)
{
    for (const auto& [ver, version] : model.versions) {
        if (only && only != version.get()) continue;
        auto stats = version->pool->stats();
        const auto last = last_run_ms(stats, parts.clock);
        const auto [hits, misses] = version->cache.hits_and_misses();
        all.push_back(
            {model.name, std::to_string(ver.value), std::move(stats), last, hits, misses});
    }
}

enum class Needs {
    loaded,  ///< an idle model is loaded first, as for a call
    known,   ///< whoever watches a model does not keep it from being idle
};

/// A handler for a model that must be there.
Router::Handle with_model(const ServingParts& parts, Needs needs,
                          std::function<std::pair<unsigned, std::string>(const Found&)> make)
{
    return [&parts, needs, make = std::move(make)](Exchange& exchange) -> asio::awaitable<void> {
        const auto asked = named(exchange);
        auto found = find(parts.catalog, asked);
        if (found.model) exchange.note_model(found.model->name);
        if (needs == Needs::loaded) {
            if (is_asleep(found)) found = co_await wake_up(parts, exchange, found, asked);
            note_call(parts, found);
        }
        if (found.refusal) {
            co_await refuse(exchange, std::move(*found.refusal));
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
        with_model(parts, Needs::loaded, [](const Found& found) {
            const auto& version = found.version ? found.version : newest_version(*found.model);
            return std::pair{
                200u, inference::model_metadata_body(found.model->name, version_names(*found.model),
                                                     version->pool->summary().io,
                                                     version->pool->summary().unverified)};
        }));
    add_for_versions(
        router, Method::get, "/ready", "Whether a model takes requests",
        with_model(parts, Needs::known, [&parts](const Found& found) {
            const auto& model = *found.model;
            const bool ready =
                parts.ready() && model.state != ModelState::loading &&
                (model.versions.empty() ||
                 (found.version ? found.version : newest_version(model))->pool->ready());
            return std::pair{ready ? 200u : 503u,
                             inference::model_ready_body(found.model->name, ready)};
        }));
    add_for_versions(router, Method::get, "/stats", "Statistics of a model",
                     with_model(parts, Needs::known, [&parts](const Found& found) {
                         std::vector<inference::ModelStatistics> all;
                         add_statistics(parts, *found.model, found.version.get(), all);
                         return std::pair{200u, inference::statistics_body(all)};
                     }));
    router.add(Method::get, "/v2/models/stats", {"Statistics of every model"},
               [&parts](Exchange& e) {
                   std::vector<inference::ModelStatistics> all;
                   const auto models = parts.catalog.models();
                   for (const auto& [name, model] : *models)
                       add_statistics(parts, *model, nullptr, all);
                   return answer(e, 200, inference::statistics_body(all));
               });
}

/// What a free call without a version runs.
const ServedVersion& free_choice(const ServedModel& model)
{
    if (model.canary.empty()) return *newest_version(model);
    return *model.versions.at(model.canary[model.use->runs.next(model.canary)].ver);
}

asio::awaitable<void> infer_free(const ServingParts& parts, Exchange& exchange,
                                 const ServedModel& model, const ServedVersion& version)
{
    const CallParts call{parts.limits(), &parts.metrics, parts.cache};
    CallerLimits::Permit permit;
    if (auto refused = take_permit(parts, exchange, caller_key(exchange.peer().address()),
                                   call.limits.free, permit)) {
        co_await exchange.refuse(std::move(*refused));
        co_return;
    }
    auto body = co_await exchange.read_body(call.limits.protocol.body_bytes);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return;
    }
    auto result =
        co_await infer(exchange, model, version, *body, call, parts.clock.now() + call.limits.run);
    co_await exchange.respond(std::move(result.response));
}

/// `refunds_only`: nothing is run, whatever is paid.
asio::awaitable<void> infer_any(const ServingParts& parts, Exchange& exchange,
                                bool refunds_only = false)
{
    auto asked = named(exchange);
    asked.has_payment = exchange.head().header("PAYMENT-SIGNATURE").has_value();
    auto found = find(parts.catalog, asked);
    if (found.model) exchange.note_model(found.model->name);
    if (is_asleep(found)) found = co_await wake_up(parts, exchange, found, asked);
    note_call(parts, found);
    if (found.refusal) {
        co_await refuse(exchange, std::move(*found.refusal));
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
                            found.version ? *found.version : free_choice(*found.model));
        co_return;
    }
    auto resource = paid_resource(parts, *found.model, found.version.get(),
                                  std::string{exchange.head().target.path()});
    if (!resource) {
        HttpError error{503, "not_on_the_ledger", resource.error().detail};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    resource->refunds_only = refunds_only;
    PaidModel runner{parts, *found.model, found.version.get(), *resource};
    if (!refunds_only &&
        co_await serve_unpaid(parts, exchange, resource->model, found.model->tiers, runner))
        co_return;
    co_await parts.payments->handle(exchange, std::move(*resource), runner);
}

/// A refund runs nothing and has no body: stock x402 clients ask for it with GET, first without
/// payment to learn the terms.
asio::awaitable<void> refund(const ServingParts& parts, Exchange& exchange)
{
    const auto found = find(parts.catalog, named(exchange));
    if (found.model && (!found.model->model || !parts.payments)) {
        exchange.add_header("Allow", "POST, OPTIONS");
        HttpError error{405, "method_not_allowed", "this model is free: call it with POST"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    co_await infer_any(parts, exchange, true);
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
    const Named named{name, asked->value("version", std::string{}), false};
    std::string path = "/v2/models/" + name;
    if (asked->contains("version")) path += "/versions/" + named.version;
    auto found = find(parts.catalog, named);
    if (is_asleep(found)) found = co_await wake_up(parts, exchange, found, named);
    note_call(parts, found);
    if (found.refusal && found.refusal->status == 503) {
        co_await refuse(exchange, std::move(*found.refusal));
        co_return;
    }
    if (!found.model || !found.model->model || !parts.offers) {
        co_await unknown(exchange, "no such model or version with a price is served here");
        co_return;
    }
    auto resource = paid_resource(parts, *found.model, found.version.get(), path + "/infer");
    if (!resource) {
        HttpError error{503, "not_on_the_ledger", resource.error().detail};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    co_await answer(exchange, 200,
                    parts.offers->quote(*resource, parts.clock.wall(), parts.random).dump());
}

}  // namespace

Router::Handle with_version(
    const ServingParts& parts,
    std::function<Response(const Exchange&, const ServedModel&, const ServedVersion&)> make)
{
    return [&parts, make = std::move(make)](Exchange& exchange) -> asio::awaitable<void> {
        const auto found = co_await find_loaded(parts, exchange);
        if (!found.model) co_return;
        Response response = make(exchange, *found.model,
                                 found.version ? *found.version : *newest_version(*found.model));
        co_await exchange.respond(std::move(response));
    };
}

std::optional<HttpError> take_permit(const ServingParts& parts, Exchange& exchange,
                                     const CallerKey& caller, const CallerLimit& limit,
                                     CallerLimits::Permit& permit)
{
    if (!parts.callers || limit.is_none()) return {};
    auto admitted = parts.callers->admit(caller, limit, parts.clock.now());
    if (const auto* refused = std::get_if<CallerLimits::Refused>(&admitted)) {
        exchange.add_header("Retry-After", std::to_string(refused->retry_after.count()));
        return HttpError{429, "too_many_calls", refused->why};
    }
    permit = std::move(std::get<CallerLimits::Permit>(admitted));
    return {};
}

asio::awaitable<std::shared_ptr<const ServedModel>> loaded_model(const ServingParts& parts,
                                                                 Exchange& exchange)
{
    const auto found = co_await find_loaded(parts, exchange);
    co_return found.model;
}

void add_inference_routes(Router& router, const ServingParts& parts)
{
    add_health(router, parts);
    add_models(router, parts);
    add_repository_routes(router, parts);
    add_for_versions(router, Method::post, "/infer", "Runs a model; 402 where it has a price",
                     [&parts](Exchange& e) { return infer_any(parts, e); });
    add_for_versions(router, Method::get, "/infer", "Terms of payment, and x402 refunds",
                     [&parts](Exchange& e) { return refund(parts, e); });
    router.add(Method::post, "/v1/quote", {"The signed offers that a call would get"},
               [&parts](Exchange& e) { return quote(parts, e); });
}

}  // namespace node
