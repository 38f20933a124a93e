#include "node/serving/model_api_routes.hpp"

#include "inference/clients/clients.hpp"
#include "ledger/codec/json.hpp"
#include "node/http/http_error.hpp"

namespace node {
namespace {

using Make = ledger::Result<std::string> (*)(const inference::ModelApi&,
                                             const inference::ClientLimits&);

struct Kind {
    const char* file;
    const char* summary;
    const char* content_type;
    Make make;
};

constexpr Kind kinds[]{
    {"openapi.json", "OpenAPI document of a model", "application/json",
     inference::openapi_document},
    {"client.hpp", "C++ client of a model, one header", "text/plain; charset=utf-8",
     inference::cpp_client},
    {"client.mjs", "JavaScript client of a model, one module", "text/javascript; charset=utf-8",
     inference::js_client},
    {"try.sh", "A shell script that calls a model with curl", "text/plain; charset=utf-8",
     inference::curl_script},
};

/// The sheet in force; empty while the ledger has none.
std::string price_of(const ServingParts& parts, const ServedModel& model, market::Version ver)
{
    if (!model.model) return {};
    const auto sheets = parts.ledger.sheets(*model.model, ver);
    if (sheets.empty()) return "null";
    return ledger::codec::to_json(sheets.front().sheet).dump();
}

Response describe(const ServingParts& parts, const Kind& kind, const Exchange& exchange,
                  const ServedModel& model, const ServedVersion& version)
{
    const auto& summary = version.pool->summary();
    const auto text =
        kind.make({model.name, std::string{exchange.parameter("version")}, parts.public_url,
                   summary.io, price_of(parts, model, version.ver), summary.unverified},
                  {});
    if (!text)
        return error_response(exchange.head().target.path(),
                              {422, "no_client", text.error().detail});
    Response response{200, kind.content_type, Body{std::move(*text)}};
    // It is a stranger's model: no browser shall take the text for anything but what it is.
    response.with("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace

void add_model_api_routes(Router& router, const ServingParts& parts)
{
    for (const auto& kind : kinds) {
        const auto handle =
            with_version(parts, [&parts, &kind](const Exchange& exchange, const ServedModel& model,
                                                const ServedVersion& version) {
                return describe(parts, kind, exchange, model, version);
            });
        router.add(Method::get, std::string{"/v2/models/{model}/"} + kind.file,
                   {kind.summary, {}, {}, {404, 422, 503}}, handle);
        router.add(Method::get, std::string{"/v2/models/{model}/versions/{version}/"} + kind.file,
                   {std::string{kind.summary} + ", of one version", {}, {}, {404, 422, 503}},
                   handle);
    }
}

}  // namespace node
