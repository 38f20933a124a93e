#pragma once

#include "node/api/api.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "node/core/ledger_service.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <future>

namespace node {

using nlohmann::json;

/// The routes over a real chain of one validator, its log on a disk in memory.
class ApiTest : public testing::Test {
public:
    enum class Start { now, by_hand };  ///< of the ledger's thread

    explicit ApiTest(ledger::Genesis genesis = test_genesis(), LedgerServiceLimits wanted = {},
                     Start start = Start::now)
        : network{genesis, *genesis_id(genesis)}, limits{small_log(wanted)}
    {
        if (start == Start::now) service->start();
        add_api_routes(router, parts);
    }

    struct Answer {
        unsigned status = 0;
        std::string text;
        json body;
        std::string code() const { return body["error"]["code"]; }
    };
    Answer ask(std::string_view method, std::string_view target, std::string_view body = {})
    {
        FakeExchange exchange{method, target, {}, body};
        exchange.run(router);
        return {exchange.status(), exchange.text(), json::parse(exchange.text(), nullptr, false)};
    }
    Answer get(std::string_view target) { return ask("GET", target); }
    /// The body of a GET that must succeed.
    json read(std::string_view target)
    {
        auto answer = get(target);
        EXPECT_EQ(answer.status, 200u) << target << ": " << answer.text;
        return answer.body;
    }
    Answer post(std::string_view target, const json& body)
    {
        return ask("POST", target, body.dump());
    }

    /// Signs by person `n` with the next nonce and puts it into a block of its own.
    json send(std::uint8_t n, const market::Message& message)
    {
        const auto encoded =
            signed_transaction(network, n, nonces[n]++, message, network.params().min_fee);
        auto answer = post("/v1/transactions?wait=final", {{"tx", ledger::to_hex0x(encoded)}});
        EXPECT_EQ(answer.status, 200u) << answer.text;
        EXPECT_EQ(answer.body["receipt"]["status"], "applied") << answer.text;
        return answer.body;
    }
    json pay(std::uint64_t micros)
    {
        return send(2, market::Transfer{test_account(3), ledger::Amount::micros(micros)});
    }

    template <class Struct>
    ledger::Signature sign_struct(std::uint8_t n, const Struct& value) const
    {
        return sign(test_key(n), ledger::eip712::digest(network.transactions,
                                                        ledger::eip712::struct_hash(value)));
    }

    market::Network network;
    static LedgerServiceLimits small_log(LedgerServiceLimits limits)
    {
        limits.log = {1 << 20, 1 << 20, 1 << 20};
        return limits;
    }
    LedgerServiceLimits limits;
    ledger::SimDisk disk;
    ManualClock clock;
    ledger::SeededRandom random{1};
    std::unique_ptr<ledger::BlockStore> store = ledger::make_memory_store();
    std::unique_ptr<Chain> chain = *Chain::open(network, *store);
    std::unique_ptr<LedgerService> service = *LedgerService::open(
        {network, *chain, *store, disk, "log", clock, random, test_key(1)}, limits);
    ApiParts parts{network,
                   *store,
                   *service,
                   {"1.2.3", test_account(1), test_account(5)},
                   [](const ledger::Hash& digest) { return sign(test_key(5), digest); }};
    Router router;
    std::map<std::uint8_t, std::uint64_t> nonces;
};

}  // namespace node
