#include "node/serving/pass_routes.hpp"

#include "ledger/codec/json.hpp"
#include "market/price_history.hpp"
#include "node/serving/openai_routes.hpp"
#include "node/serving/paid_model.hpp"

#include <nlohmann/json.hpp>

namespace node {
namespace {

using nlohmann::json;
namespace codec = ledger::codec;

/// A model that passes may be sold for, and what one is paid to.
struct Sale {
    std::string name;
    Tiers tiers;
    PaidResource resource;
};

Response json_answer(const json& body)
{
    return Response::json(200, body.dump());
}

json terms_json(const std::string& name, const market::ModelId& model, const Tiers& tiers)
{
    const auto& pass = tiers.subscription;
    json made{{"model", name}, {"modelId", codec::to_json(model)}};
    if (pass.calls != 0)
        made["subscription"] = {{"calls", pass.calls},
                                {"periodS", pass.period.count()},
                                {"price", codec::to_json(pass.price)}};
    if (tiers.free.calls != 0)
        made["free"] = {{"calls", tiers.free.calls}, {"periodS", tiers.free.period.count()}};
    return made;
}

/// The pass's price in the place of the model's: one sheet that charges the same for every call.
void set_price(PaidResource& resource, const ledger::Amount& price)
{
    market::PriceSheet sheet;
    sheet.asset = resource.versions.front().sheets.front().sheet.asset;
    sheet.base = sheet.min = sheet.cap = price;
    resource.versions.resize(1);
    resource.versions.front().sheets = {{sheet, market::sheet_hash(sheet), 0}};
    resource.on_channels = false;
}

/// Makes the pass for who pays for it; it is worth something only where the answer is given out.
class PassSale final : public PaidRunner {
public:
    PassSale(const ServingParts& parts, const Sale& sale) : parts_{parts}, sale_{sale} {}

    std::size_t body_limit() const override { return 1024; }
    std::optional<HttpError> admit(Exchange& exchange, const ledger::Address& payer) override
    {
        return take_permit(parts_, exchange, caller_key(payer), parts_.limits().paid, permit_);
    }
    asio::awaitable<RunResult> run(Exchange&, Run, const ledger::Bytes&, Clock::Steady) override
    {
        const auto& sold = sale_.tiers.subscription;
        const auto& resource = sale_.resource;
        const auto period_ms = static_cast<std::uint64_t>(sold.period.count()) * 1000;
        const Pass pass{parts_.random.next<PassId>(), resource.model, sold.calls,
                        parts_.clock.wall().value + period_ms};
        Response response = json_answer({{"pass", parts_.passes->issue(pass)},
                                         {"model", sale_.name},
                                         {"modelId", codec::to_json(pass.model)},
                                         {"calls", pass.calls},
                                         {"untilMs", pass.until_ms},
                                         {"price", codec::to_json(sold.price)}});
        response.with("Cache-Control", "no-store");
        UnitCounts units{};
        units[static_cast<std::size_t>(market::Unit::call)] = 1;
        co_return Served{std::move(response), resource.versions.front().ver, units};
    }

private:
    const ServingParts& parts_;
    const Sale& sale_;
    CallerLimits::Permit permit_;
};

/// The model that the path names, ready to be sold; empty: the request was refused.
asio::awaitable<std::optional<Sale>> sale_of(const ServingParts& parts, const OpenAiModels& openai,
                                             Exchange& exchange)
{
    const std::string path{exchange.head().target.path()};
    const std::string name{exchange.parameter("model")};
    Sale sale{name, {}, {}};
    ledger::Result<PaidResource> resource = ledger::invalid("");
    if (const auto* other = openai.find(name)) {
        sale.tiers = other->tiers;
        if (other->model) resource = paid_resource(parts, *other, path);
    } else {
        const auto model = co_await loaded_model(parts, exchange);
        if (!model) co_return std::nullopt;
        sale.tiers = model->tiers;
        if (model->model) resource = paid_resource(parts, *model, nullptr, path);
    }
    exchange.note_model(name);
    if (sale.tiers.subscription.calls == 0 || !parts.passes || !parts.payments) {
        HttpError error{404, "no_subscription", "no passes are sold for " + name};
        co_await exchange.refuse(std::move(error));
        co_return std::nullopt;
    }
    if (!resource) {
        HttpError error{503, "not_on_the_ledger", resource.error().detail};
        co_await exchange.refuse(std::move(error));
        co_return std::nullopt;
    }
    sale.resource = std::move(*resource);
    set_price(sale.resource, sale.tiers.subscription.price);
    co_return sale;
}

asio::awaitable<void> sell(const ServingParts& parts, const OpenAiModels& openai,
                           Exchange& exchange)
{
    auto sale = co_await sale_of(parts, openai, exchange);
    if (!sale) co_return;
    PassSale runner{parts, *sale};
    co_await parts.payments->handle(exchange, sale->resource, runner);
}

asio::awaitable<void> show(const ServingParts& parts, const OpenAiModels& openai,
                           Exchange& exchange)
{
    // Stock x402 clients ask for refunds with GET.
    if (exchange.head().header("PAYMENT-SIGNATURE")) {
        co_await sell(parts, openai, exchange);
        co_return;
    }
    const auto pass =
        parts.passes ? parts.passes->read(exchange.head().bearer_token()) : std::optional<Pass>{};
    if (!pass) {
        exchange.add_header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        HttpError error{401, "invalid_pass", "show a pass of this node as Authorization: Bearer"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    Response response = json_answer({{"modelId", codec::to_json(pass->model)},
                                     {"calls", pass->calls},
                                     {"left", parts.passes->left(*pass)},
                                     {"untilMs", pass->until_ms},
                                     {"ended", parts.clock.wall().value >= pass->until_ms}});
    response.with("Cache-Control", "no-store");
    co_await exchange.respond(std::move(response));
}

json all_terms(const ServingParts& parts, const OpenAiModels& openai)
{
    auto all = json::array();
    const auto add = [&](const std::string& name, const std::optional<market::ModelId>& model,
                         const Tiers& tiers) {
        if (model && (tiers.subscription.calls != 0 || tiers.free.calls != 0))
            all.push_back(terms_json(name, *model, tiers));
    };
    const auto models = parts.catalog.models();
    for (const auto& [name, model] : *models) add(name, model->model, model->tiers);
    for (const auto& [name, model] : openai.all()) add(name, model.model, model.tiers);
    return {{"passes", std::move(all)}};
}

}  // namespace

void add_pass_routes(Router& router, const ServingParts& parts, const OpenAiModels& openai)
{
    router.add(Method::get, "/v1/passes", {"What is given away of each model, and sold ahead"},
               [&parts, &openai](Exchange& exchange) -> asio::awaitable<void> {
                   Response response = json_answer(all_terms(parts, openai));
                   co_await exchange.respond(std::move(response));
               });
    router.add(Method::post, "/v1/passes/{model}",
               {"Buys calls of a model ahead; 402 says for how much", {}, {}, {402, 404}},
               [&parts, &openai](Exchange& exchange) { return sell(parts, openai, exchange); });
    router.add(Method::get, "/v1/passes/{model}",
               {"What is left of the pass in Authorization", {}, {}, {401}},
               [&parts, &openai](Exchange& exchange) { return show(parts, openai, exchange); });
}

}  // namespace node
