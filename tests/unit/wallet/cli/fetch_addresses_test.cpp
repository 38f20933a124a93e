#include "tests/unit/wallet/cli/program_fixture.hpp"
#include "wallet/client/http_client.hpp"

namespace wallet {
namespace {

const auto batch_root = "0x" + std::string(64, '5');
const std::string manifest = "/v1/batches/{root}/manifest";

/// A node that was told by a stranger who has a batch: somebody on this very machine.
class FetchAddressesTest : public testing::Test {
protected:
    FetchAddressesTest()
    {
        const auto has_none = [](const FakeRequest&) { return node::Response::json(404, "{}"); };
        here.on(node::Method::get, manifest, has_none);
        here.start();
        asked.on(node::Method::get, manifest, has_none);
        asked.on(node::Method::get, "/v1/batches/{root}/providers", [this](const FakeRequest&) {
            const json by_address{{"url", here.url()}};
            // Another way to write 127.0.0.1, that no text of addresses has: a name like any other.
            const json by_name{{"url", "http://127.1:" + port_of(here)}};
            return node::Response::json(200,
                                        json{{"items", json::array({by_address, by_name})}}.dump());
        });
        asked.start();
    }
    static std::string port_of(const FakeNode& node) { return parse_url(node.url())->port; }
    /// What is said to people.
    std::string fetch(const std::string& from, std::vector<std::string> more = {})
    {
        std::vector<std::string> words{"millrace",
                                       "--home",
                                       (folder.path() / "home").string(),
                                       "--node",
                                       from,
                                       "data",
                                       "fetch",
                                       batch_root,
                                       "--to",
                                       (folder.path() / "to").string()};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<const char*> arguments;
        for (const auto& word : words) arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        EXPECT_EQ(cli::run(static_cast<int>(arguments.size()), arguments.data()),
                  static_cast<int>(Fault::not_found));
        testing::internal::GetCapturedStdout();
        return testing::internal::GetCapturedStderr();
    }

    ledger::TemporaryFolder folder;
    FakeNode here, asked;
};

TEST_F(FetchAddressesTest, WhatANodeElsewhereSaysMakesNobodyAskThisMachine)
{
    const auto said = fetch("http://127.1:" + port_of(asked));
    EXPECT_EQ(asked.calls(manifest), 1) << said;
    EXPECT_EQ(here.calls(manifest), 0) << "by the address or by the name";
    EXPECT_NE(said.find("1 that say they have the batch are at addresses that are not public"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("--private-addresses"), std::string::npos);
}

TEST_F(FetchAddressesTest, ThePersonMayWantThemAskedAllTheSame)
{
    const auto said = fetch("http://127.1:" + port_of(asked), {"--private-addresses"});
    EXPECT_EQ(here.calls(manifest), 2);
    EXPECT_EQ(said.find("not public"), std::string::npos) << said;
}

TEST_F(FetchAddressesTest, WhereTheNodeIsOnAPrivateNetworkTheOthersMayBeThereToo)
{
    fetch(asked.url());
    EXPECT_EQ(here.calls(manifest), 2);
}

}  // namespace
}  // namespace wallet
