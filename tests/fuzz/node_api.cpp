// Bodies for the JSON routes of a node, over a small ledger. The first byte chooses the route.
#include "ledger/base/ensure.hpp"
#include "node/api/api.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace node;

struct World {
    std::shared_ptr<const market::Network> network = test_network();
    ledger::SimDisk disk;
    ManualClock clock;
    ledger::SeededRandom random{1};
    std::unique_ptr<ledger::BlockStore> store = ledger::make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(*network, *store);
    std::unique_ptr<LedgerService> ledger =
        *LedgerService::open({*network, *chain, *store, disk, "log", clock, random, test_key(1)});
    LedgerService& service = *ledger;
    ApiParts parts{*network, *store, service, {}};
    Router router;

    World()
    {
        service.start();
        add_api_routes(router, parts);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static World world;
    static constexpr const char* routes[] = {"/rpc", "/v1/simulate", "/v1/transactions"};
    if (size == 0) return 0;
    FakeExchange exchange{"POST", routes[data[0] % 3], {}, ledger::as_text({data + 1, size - 1})};
    exchange.run(world.router);
    ledger::ensure(exchange.status() < 500, "a stranger's bytes are not our fault");
    const auto text = exchange.text();
    ledger::ensure(text.empty() || nlohmann::json::accept(text), "every answer is JSON");
    return 0;
}
