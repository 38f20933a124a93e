#include "node/serving/openai_routes.hpp"

#include "node/payment/streamed_answer.hpp"
#include "node/serving/openai_call.hpp"
#include "node/serving/unpaid_call.hpp"

#include <nlohmann/json.hpp>

namespace node {
namespace {

using inference::OpenAiCall;

/// Runs such a call for a payer. Lives for one request.
class PaidOpenAi final : public PaidRunner {
public:
    PaidOpenAi(const ServingParts& parts, const OpenAiModel& model, OpenAiCall call,
               const TokenTerms& terms)
        : parts_{parts}, model_{model}, call_{call}, terms_{terms}
    {
    }

    std::size_t body_limit() const override { return inference::OpenAiLimits{}.body_bytes; }
    std::optional<HttpError> admit(Exchange& exchange, const ledger::Address& payer) override
    {
        return take_permit(parts_, exchange, caller_key(payer), parts_.limits().paid, permit_);
    }
    std::optional<Response> unfit(Exchange&, const ledger::Bytes& body) override
    {
        return unfit_for(model_, call_, body, terms_);
    }
    asio::awaitable<RunResult> run(Exchange& exchange, Run order, const ledger::Bytes& body,
                                   Clock::Steady deadline) override
    {
        auto terms = terms_;
        terms.may_stream = order.may_stream;
        auto result =
            co_await call_openai(exchange, model_, call_, body, terms, deadline, &parts_.metrics);
        if (!result.served) co_return Failed{std::move(result.response)};
        co_return Served{std::move(result.response), model_.ver, result.units, result.sent};
    }

private:
    const ServingParts& parts_;
    const OpenAiModel& model_;
    const OpenAiCall call_;
    const TokenTerms terms_;
    CallerLimits::Permit permit_;
};

asio::awaitable<void> serve_free(const ServingParts& parts, Exchange& exchange,
                                 const OpenAiModel& model, OpenAiCall call)
{
    CallerLimits::Permit permit;
    if (auto refused = take_permit(parts, exchange, caller_key(exchange.peer().address()),
                                   parts.limits().free, permit)) {
        co_await exchange.refuse(std::move(*refused));
        co_return;
    }
    auto body = co_await exchange.read_body(inference::OpenAiLimits{}.body_bytes);
    if (!body) {
        co_await exchange.refuse(body.error());
        co_return;
    }
    auto result = co_await call_openai(exchange, model, call, *body, {},
                                       parts.clock.now() + parts.limits().run, &parts.metrics);
    co_await give_answer(exchange, std::move(result.response), result.sent);
}

asio::awaitable<void> serve(const ServingParts& parts, const OpenAiModels& models,
                            Exchange& exchange, OpenAiCall call)
{
    auto name = exchange.parameter("model");
    if (name.empty()) name = exchange.head().target.parameter("model").value_or("");
    const auto* model = name.empty() ? models.only() : models.find(name);
    if (model == nullptr) {
        HttpError error{404, "model_not_found",
                        "name a model that is served here: /openai/NAME/v1, or ?model=NAME"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    exchange.note_model(model->name);
    if (!model->model) {
        co_await serve_free(parts, exchange, *model, call);
        co_return;
    }
    auto resource = paid_resource(parts, *model, std::string{exchange.head().target.path()});
    if (!parts.payments || !resource) {
        HttpError error{503, "not_on_the_ledger", "the ledger has no price for this model yet"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    PaidOpenAi runner{parts, *model, call, token_terms(resource->versions)};
    if (co_await serve_unpaid(parts, exchange, resource->model, model->tiers, runner)) co_return;
    co_await parts.payments->handle(exchange, std::move(*resource), runner);
}

}  // namespace

ledger::Result<PaidResource> paid_resource(const ServingParts& parts, const OpenAiModel& model,
                                           std::string path)
{
    PaidResource resource;
    resource.url = parts.public_url + path;
    resource.path = std::move(path);
    resource.model = *model.model;
    auto sheets = parts.ledger.sheets(*model.model, model.ver);
    if (sheets.empty())
        return ledger::Error{ledger::ErrorKind::unavailable,
                             "the ledger has no price for this model yet"};
    resource.versions.push_back({model.ver, std::move(sheets)});
    return resource;
}

nlohmann::json openai_list(const OpenAiModels& models)
{
    auto data = nlohmann::json::array();
    for (const auto& [name, model] : models.all())
        data.push_back(
            {{"id", name}, {"object", "model"}, {"created", 0}, {"owned_by", "millrace"}});
    return {{"object", "list"}, {"data", std::move(data)}};
}

void add_openai_routes(Router& router, const ServingParts& parts, const OpenAiModels& models)
{
    for (const auto call :
         {OpenAiCall::chat_completions, OpenAiCall::completions, OpenAiCall::embeddings})
        for (const auto* base : {"/v1", "/openai/{model}/v1"}) {
            const auto path = base + std::string{inference::path_of(call)};
            const auto handle = [&parts, &models, call](Exchange& exchange) {
                return serve(parts, models, exchange, call);
            };
            router.add(Method::post, path,
                       {"OpenAI's call; 402 where it has a price", {}, {}, {402, 404}}, handle);
            // Stock x402 clients ask for refunds with GET.
            router.add(Method::get, path, {"Terms of payment, and x402 refunds", {}, {}, {402}},
                       handle);
        }
    router.add(Method::get, "/openai/{model}/v1/models", {"The models of OpenAI's calls"},
               [&models](Exchange& exchange) -> asio::awaitable<void> {
                   Response response = Response::json(200, openai_list(models).dump());
                   co_await exchange.respond(std::move(response));
               });
}

}  // namespace node
