#pragma once

#include "wallet/cli/program.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/execute.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"
#include "wallet/client/failure.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wallet {

using nlohmann::json;

/// The program `millrace` in a home of its own, before a fake node that takes every transaction.
class ProgramTest : public testing::Test {
protected:
    ProgramTest()
    {
        write("passphrase", "correct horse\n");
        write("key", ledger::to_hex0x(node::test_key(2).view()) + "\n");
        write("genesis.json", ledger::genesis_json(network->genesis));
        fake.on(node::Method::get, "/v1/genesis", [this](const FakeRequest&) {
            return node::Response::json(200, ledger::genesis_json(network->genesis));
        });
        fake.on(node::Method::get, "/v1/accounts/{address}", [](const FakeRequest&) {
            return node::Response::json(
                200, R"({"balance":"5000000","locked":"0","nonce":7,"host":false})");
        });
        fake.on(node::Method::get, "/v1/proof/state/{key}", [](const FakeRequest&) {
            return node::Response::json(200, R"({"value":null,"proof":"0x"})");
        });
        fake.on(node::Method::post, "/v1/simulate", [this](const FakeRequest&) {
            return node::Response::json(200, json{{"accepted", rejection == "none"},
                                                  {"rejection", rejection},
                                                  {"events", json::array()}}
                                                 .dump());
        });
        fake.on(node::Method::post, "/v1/transactions",
                [this](const FakeRequest& request) { return take(request); });
        fake.start();
    }

    node::Response take(const FakeRequest& request)
    {
        const auto body = json::parse(ledger::as_text(request.body));
        const auto encoded = ledger::from_hex(body["tx"].get<std::string>());
        const auto checked = market::check_transaction(*network, *encoded);
        EXPECT_TRUE(checked) << checked.error().detail;
        if (!checked) return node::Response::json(400, "{}");
        taken.push_back(*checked);
        market::Receipt receipt;
        receipt.tx_id = checked->id;
        return node::Response::json(200, json{{"txId", ledger::codec::to_json(checked->id)},
                                              {"status", "final"},
                                              {"height", 3},
                                              {"index", 0},
                                              {"receipt", ledger::codec::to_json(receipt)}}
                                             .dump());
    }

    std::string path(const std::string& name) const { return (folder.path() / name).string(); }
    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream{path(name)} << text;
        chmod(path(name).c_str(), 0600);
    }

    int run(std::vector<std::string> words)
    {
        words.insert(words.begin(), {"--home", path("home"), "--node", fake.url(), "--json",
                                     "--passphrase-file", path("passphrase")});
        return run_alone(std::move(words));
    }
    /// With nothing on the command line but these.
    int run_alone(std::vector<std::string> words)
    {
        words.insert(words.begin(), "millrace");
        std::vector<const char*> arguments;
        for (const auto& word : words) arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int status = cli::run(static_cast<int>(arguments.size()), arguments.data());
        out = testing::internal::GetCapturedStdout();
        err = testing::internal::GetCapturedStderr();
        return status;
    }
    void import_key()
    {
        ASSERT_EQ(run({"key", "import", "bob", "--hex", "--file", path("key"), "--light"}), 0)
            << err;
    }
    static int status(Fault fault) { return static_cast<int>(fault); }

    ledger::TemporaryFolder folder;
    std::shared_ptr<const market::Network> network = node::test_network();
    std::vector<market::CheckedTransaction> taken;
    std::string rejection = "none";
    FakeNode fake;
    std::string out, err;
};

}  // namespace wallet
