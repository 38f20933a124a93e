#include "node/serving/repository_routes.hpp"

#include "inference/protocol/metadata.hpp"
#include "ledger/codec/json.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using nlohmann::json;

constexpr std::size_t body_bytes = 256 * 1024;
/// Longer than any model should take; the work itself goes on.
constexpr std::chrono::minutes load_patience{10};

/// A JSON object, or nothing where there is no body.
Result<json> read_object(const ledger::Bytes& body)
{
    const auto text = body.empty() ? std::string_view{"{}"} : ledger::as_text(body);
    auto parsed = ledger::codec::parse_json(text, {body_bytes, 16});
    if (parsed && parsed->is_object()) return parsed;
    return Error{ErrorKind::invalid, "the body is not a JSON object"};
}

/// ready of {"ready"}; false where there is none.
Result<bool> ready_only(const ledger::Bytes& body)
{
    const auto asked = read_object(body);
    if (!asked) return asked.error();
    if (!asked->contains("ready")) return false;
    if (!(*asked)["ready"].is_boolean())
        return Error{ErrorKind::invalid, "'ready' is true or false"};
    return (*asked)["ready"].get<bool>();
}

/// The value of "config" among the parameters of a load; empty where there is none.
Result<std::string> config_of(const ledger::Bytes& body)
{
    const auto asked = read_object(body);
    if (!asked) return asked.error();
    const auto parameters = asked->value("parameters", json::object());
    if (!parameters.is_object()) return Error{ErrorKind::invalid, "'parameters' is an object"};
    std::string config;
    for (const auto& [key, value] : parameters.items()) {
        if (key.starts_with("file:"))
            return Error{ErrorKind::denied, "files are not taken over HTTP: put '" + key.substr(5) +
                                                "' into the node's home and name it in 'config'"};
        if (key != "config")
            return Error{ErrorKind::invalid, "a load has no parameter '" + key + "'"};
        if (!value.is_string() || value.get_ref<const std::string&>().empty())
            return Error{ErrorKind::invalid, "'config' is the text of a JSON object"};
        config = value.get<std::string>();
    }
    return config;
}

/// Nothing here depends on another model, so the parameter is looked at and has no effect.
Result<void> check_unload(const ledger::Bytes& body)
{
    const auto asked = read_object(body);
    if (!asked) return asked.error();
    const auto parameters = asked->value("parameters", json::object());
    if (!parameters.is_object()) return Error{ErrorKind::invalid, "'parameters' is an object"};
    for (const auto& [key, value] : parameters.items())
        if (key != "unload_dependents" || !value.is_boolean())
            return Error{ErrorKind::invalid,
                         "an unload has 'unload_dependents', true or false, alone"};
    return {};
}

HttpError http_error(const Error& error)
{
    switch (error.kind) {
        case ErrorKind::not_found:
            return {404, "not_found", error.detail};
        case ErrorKind::denied:
            return {501, "not_supported", error.detail};
        case ErrorKind::full:
        case ErrorKind::unavailable:
            return {503, "unavailable", error.detail};
        case ErrorKind::io:
            return {500, "failed", error.detail};
        default:
            return {400, "invalid", error.detail};
    }
}

/// Does it where the keeper works, so that no other request waits for it.
asio::awaitable<Result<void>> in_keeper(const ServingParts& parts,
                                        std::function<Result<void>()> work)
{
    auto done = co_await await_callback<Result<void>>(
        [&](std::function<void(Result<void>)> tell) {
            if (!parts.jobs->post([work = std::move(work), tell] { tell(work()); }))
                tell(Error{ErrorKind::unavailable, "too many changes wait; try again"});
        },
        load_patience);
    if (!done) co_return Error{ErrorKind::unavailable, "it takes longer than anybody waits"};
    co_return std::move(*done);
}

using Change = std::function<Result<std::function<Result<void>()>>(const std::string& name,
                                                                   const ledger::Bytes& body)>;

/// A route for the operator alone, answered when the change is made.
Router::Handle for_operator(const ServingParts& parts, Change change)
{
    return [&parts, change = std::move(change)](Exchange& exchange) -> asio::awaitable<void> {
        std::optional<HttpError> refusal;
        if (!parts.gate || !parts.keeper || !parts.jobs)
            refusal = HttpError{403, "forbidden", "models are loaded as the configuration says"};
        else
            refusal = parts.gate->refusal(exchange);
        if (refusal) {
            co_await exchange.refuse(std::move(*refusal));
            co_return;
        }
        auto body = co_await exchange.read_body(body_bytes);
        if (!body) {
            co_await exchange.refuse(body.error());
            co_return;
        }
        const std::string name{exchange.parameter("model")};
        auto work = change(name, *body);
        Result<void> done = Error{};
        if (work)
            done = co_await in_keeper(parts, std::move(*work));
        else
            done = work.error();
        if (!done) {
            auto error = http_error(done.error());
            co_await exchange.refuse(std::move(error));
            co_return;
        }
        Response response{200};
        co_await exchange.respond(std::move(response));
    };
}

/// `detail`: with why a load failed, which may name files of this machine.
void add_entries(const ServedModel& model, bool ready_only, bool detail,
                 std::vector<inference::RepositoryEntry>& to)
{
    const auto reason = [&](const char* without) {
        if (model.reason.empty()) return std::string{without};
        return detail ? model.reason : std::string{"the last load failed"};
    };
    const auto add = [&](const std::string& version, const char* state, std::string why) {
        if (!ready_only || state == std::string_view{"READY"})
            to.push_back({model.name, version, state, std::move(why)});
    };
    for (const auto& [ver, version] : model.versions)
        add(std::to_string(ver.value), "READY", reason(""));
    for (const auto& [ver, version] : model.leaving)
        add(std::to_string(ver.value), "UNLOADING", "for callers who hold an offer");
    switch (model.state) {
        case ModelState::ready:
            break;
        case ModelState::loading:
            return add("", "LOADING", reason(""));
        case ModelState::idle:
            return add("", "UNAVAILABLE", reason("idle: the next call loads it"));
        case ModelState::unloaded:
            return add("", "UNAVAILABLE", reason("unloaded"));
        case ModelState::failed:
            return add("", "UNAVAILABLE", reason("failed"));
    }
}

asio::awaitable<void> index(const ServingParts& parts, Exchange& exchange)
{
    auto body = co_await exchange.read_body(body_bytes);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return;
    }
    const auto only = ready_only(*body);
    if (!only) {
        auto error = http_error(only.error());
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    std::vector<inference::RepositoryEntry> entries;
    const bool detail = parts.gate && parts.gate->is_operator(exchange);
    const auto models = parts.catalog.models();
    for (const auto& [name, model] : *models) add_entries(*model, *only, detail, entries);
    Response response = Response::json(200, inference::repository_index_body(entries));
    co_await exchange.respond(std::move(response));
}

}  // namespace

void add_repository_routes(Router& router, const ServingParts& parts)
{
    router.add(Method::post, "/v2/repository/index",
               {"Models, versions and their state", {}, {}, {400}},
               [&parts](Exchange& exchange) { return index(parts, exchange); });
    const std::vector<unsigned> errors{400, 401, 403, 404, 501, 503};
    router.add(
        Method::post, "/v2/repository/models/{model}/load",
        {"For the operator: loads a model, or again with what has changed", {}, {}, errors},
        for_operator(parts,
                     [&parts](const std::string& name,
                              const ledger::Bytes& body) -> Result<std::function<Result<void>()>> {
                         const auto config = config_of(body);
                         if (!config) return config.error();
                         auto wanted = parts.wanted(name, *config);
                         if (!wanted) return wanted.error();
                         return std::function<Result<void>()>{
                             [keeper = parts.keeper, wanted = std::move(*wanted)] {
                                 return keeper->load(wanted);
                             }};
                     }));
    router.add(
        Method::post, "/v2/repository/models/{model}/unload",
        {"For the operator: lets a model go", {}, {}, errors},
        for_operator(parts,
                     [&parts](const std::string& name,
                              const ledger::Bytes& body) -> Result<std::function<Result<void>()>> {
                         if (const auto good = check_unload(body); !good) return good.error();
                         return std::function<Result<void>()>{
                             [keeper = parts.keeper, name] { return keeper->unload(name); }};
                     }));
}

}  // namespace node
