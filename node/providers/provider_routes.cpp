#include "node/providers/provider_routes.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/batch_requests.hpp"

namespace node {
namespace {

using namespace batches;

constexpr std::size_t most_shown = 64;
constexpr std::uint64_t answer_bytes = 32 * 1024;

json provider_json(const ProviderBook::Keeper& keeper)
{
    return {{"peer", to_hex0x(keeper.key.view())},
            {"url", keeper.url},
            {"expiresS", keeper.expires_s},
            {"mirrors", keeper.mirrors}};
}

asio::awaitable<json> show_providers(const BatchParts& parts, const ProviderService& providers,
                                     Exchange& exchange)
{
    const auto root = root_of(exchange);
    const auto permit = admit(parts, exchange, answer_bytes);
    const auto known = providers.known(root);
    auto items = json::array();
    for (const auto& keeper : known.keepers) {
        if (items.size() >= most_shown) break;
        items.push_back(provider_json(keeper));
    }
    const auto wanted = known.wanted.value_or(ProviderBook::Wanted{});
    co_return json{{"root", codec::to_json(root)},
                   {"copies", wanted.copies},
                   {"untilS", wanted.until_s},
                   {"items", std::move(items)}};
}

}  // namespace

void add_provider_routes(Router& router, const BatchParts& parts, const ProviderService& providers)
{
    router.add(Method::get, "/v1/batches/{root}/providers",
               {"Who says it has this batch, and how many copies are wanted", {}, {}, {400, 429}},
               api::guarded([parts, &providers](Exchange& exchange) {
                   return show_providers(parts, providers, exchange);
               }));
}

void add_provider_metrics(Metrics& metrics, const ProviderService& providers)
{
    const auto gauge = [&](const char* name, const char* help, auto member) {
        metrics.add_gauge(name, help, [&providers, member] {
            return static_cast<double>(providers.numbers().*member);
        });
    };
    using Numbers = ProviderService::Numbers;
    gauge("millrace_providers", "Nodes whose provider pages are known", &Numbers::providers);
    gauge("millrace_provider_batches", "Batches that all these pages name", &Numbers::batches);
    gauge("millrace_batches_lacking_copies",
          "Known batches of which fewer copies are known than are wanted", &Numbers::lacking);
    gauge("millrace_batches_mirrored", "Batches kept here for others alone", &Numbers::mirrored);
}

}  // namespace node
