#include "tests/unit/wallet/cli/program_fixture.hpp"

namespace wallet {
namespace {

TEST_F(ProgramTest, MakesKeysAndShowsTheirWordsOnce)
{
    ASSERT_EQ(run({"key", "new", "alice", "--light"}), 0) << err;
    const auto made = json::parse(out);
    EXPECT_EQ(std::count(made["words"].get_ref<const std::string&>().begin(),
                         made["words"].get_ref<const std::string&>().end(), ' '),
              11);
    ASSERT_EQ(run({"key", "show", "alice"}), 0);
    EXPECT_EQ(json::parse(out)["address"], made["address"]);
    EXPECT_FALSE(json::parse(out).contains("words"));
    EXPECT_EQ(run({"key", "new", "alice", "--light"}), status(Fault::denied));
}

TEST_F(ProgramTest, ImportsAKeyAndGivesItBack)
{
    import_key();
    EXPECT_EQ(json::parse(out)["address"], ledger::to_checksum(node::test_account(2)));
    ASSERT_EQ(run({"--yes", "key", "export", "bob", "--hex"}), 0) << err;
    EXPECT_EQ(json::parse(out)["key"], ledger::to_hex0x(node::test_key(2).view()));
}

TEST_F(ProgramTest, SendsWhatItsKeySigned)
{
    import_key();
    const auto to = ledger::to_checksum(node::test_account(3));
    ASSERT_EQ(run({"send", to, "1.5"}), 0) << err;
    EXPECT_EQ(json::parse(out)["status"], "final");
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].envelope.sender, node::test_account(2));
    EXPECT_EQ(taken[0].envelope.nonce.value, 7u);
    EXPECT_EQ(taken[0].envelope.fee, network->params().min_fee);
    EXPECT_EQ(std::get<market::Transfer>(taken[0].message),
              (market::Transfer{node::test_account(3), ledger::Amount::micros(1'500'000)}));
}

TEST_F(ProgramTest, SignsOfflineAndSubmitsLater)
{
    import_key();
    const auto to = ledger::to_checksum(node::test_account(3));
    ASSERT_EQ(run({"--node", "http://127.0.0.1:1", "--offline", path("tx.json"), "--genesis",
                   path("genesis.json"), "--nonce", "9", "send", to, "2"}),
              0)
        << err;
    const auto id = json::parse(out)["txId"];
    ASSERT_EQ(run({"tx", "submit", path("tx.json")}), 0) << err;
    EXPECT_EQ(json::parse(out)["txId"], id);
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].envelope.nonce.value, 9u);
    EXPECT_EQ(
        run({"--offline", path("x.json"), "--genesis", path("genesis.json"), "send", to, "2"}),
        status(Fault::usage));
}

TEST_F(ProgramTest, SendsNothingThatTheRulesWouldRefuse)
{
    import_key();
    rejection = "insufficient_funds";
    EXPECT_EQ(run({"send", ledger::to_checksum(node::test_account(3)), "1"}),
              status(Fault::refused));
    EXPECT_TRUE(taken.empty());
    EXPECT_NE(err.find("too little"), std::string::npos) << err;
    EXPECT_EQ(json::parse(out)["error"]["detail"]["rejection"], "insufficient_funds");
}

TEST_F(ProgramTest, TellsEachFailureByItsStatus)
{
    const auto to = ledger::to_checksum(node::test_account(3));
    EXPECT_EQ(run({}), status(Fault::usage));
    EXPECT_EQ(run({"nonsense"}), status(Fault::usage));
    EXPECT_EQ(run({"balance"}), status(Fault::not_found));  // there is no key yet
    import_key();
    EXPECT_EQ(run({"send", to, "1.0000001"}), status(Fault::usage));
    EXPECT_EQ(run({"send", "nobody", "1"}), status(Fault::not_found));
    EXPECT_EQ(run({"--node", "http://127.0.0.1:1", "balance"}), status(Fault::unreachable));
    EXPECT_EQ(run({"tx", "show", "0x" + std::string(64, 'a')}), status(Fault::not_found));
    EXPECT_EQ(run({"balance", "--verify"}), status(Fault::unverified));
    EXPECT_EQ(run({"balance"}), 0);
    write("passphrase", "wrong\n");
    EXPECT_EQ(run({"send", to, "1"}), status(Fault::denied));
    EXPECT_TRUE(taken.empty());
}

TEST_F(ProgramTest, SaysInJsonWhatIsWrongWithACommandLine)
{
    const std::vector<std::vector<std::string>> mistakes{
        {}, {"nonsense"}, {"--nonsense"}, {"send"}, {"--lane", "999", "balance"}, {"--wait", "x"}};
    for (const auto& words : mistakes) {
        EXPECT_EQ(run(words), status(Fault::usage));
        const auto error = json::parse(out)["error"];
        EXPECT_EQ(error["status"], status(Fault::usage));
        EXPECT_NE(err.find("millrace: " + error["message"].get<std::string>()), std::string::npos)
            << err;
        EXPECT_NE(err.find("More: millrace --help"), std::string::npos) << err;
    }
}

TEST_F(ProgramTest, SaysInJsonWhatIsWrongHoweverJsonIsAskedFor)
{
    EXPECT_EQ(run_alone({"nonsense"}), status(Fault::usage));
    EXPECT_EQ(out, "");
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"nonsense", "--json"}, {"--fee", "--json"}, {"balance", "--nonsense", "--json"}}) {
        EXPECT_EQ(run_alone(words), status(Fault::usage));
        EXPECT_EQ(json::parse(out)["error"]["status"], status(Fault::usage)) << out;
    }
    EXPECT_EQ(run_alone({"--json=false", "nonsense"}), status(Fault::usage));
    EXPECT_EQ(out, "");

    ASSERT_EQ(setenv("MILLRACE_JSON", "1", 1), 0);
    EXPECT_EQ(run_alone({"nonsense"}), status(Fault::usage));
    EXPECT_EQ(json::parse(out)["error"]["status"], status(Fault::usage));
    ASSERT_EQ(unsetenv("MILLRACE_JSON"), 0);

    import_key();
    write("home/config.toml", "json = true\n");
    EXPECT_EQ(run_alone({"--home", path("home"), "nonsense"}), status(Fault::usage));
    EXPECT_EQ(json::parse(out)["error"]["status"], status(Fault::usage));
    write("home/config.toml", "wait = \"soon\"\n");
    EXPECT_EQ(run_alone({"--home", path("home"), "--json", "balance"}), status(Fault::usage));
    EXPECT_EQ(json::parse(out)["error"]["status"], status(Fault::usage));
}

TEST_F(ProgramTest, RefusesAPassphraseFileThatOthersCanRead)
{
    import_key();
    chmod(path("passphrase").c_str(), 0644);
    EXPECT_EQ(run({"send", ledger::to_checksum(node::test_account(3)), "1"}),
              status(Fault::denied));
}

TEST_F(ProgramTest, StopsWhenANodeSpeaksForAnotherNetworkThanBefore)
{
    import_key();
    const auto to = ledger::to_checksum(node::test_account(3));
    ASSERT_EQ(run({"send", to, "1"}), 0);
    auto genesis = network->genesis;
    genesis.name = "another";
    network = std::make_shared<market::Network>(genesis, ledger::BlockId{});
    EXPECT_EQ(run({"send", to, "1"}), status(Fault::unverified));
}

TEST_F(ProgramTest, ReadsItsSettingsFromTheHome)
{
    import_key();
    write("home/config.toml", "account = \"bob\"\nwait = 5\n");
    ASSERT_EQ(run({"config", "show"}), 0) << err;
    EXPECT_EQ(json::parse(out)["account"], "bob");
    EXPECT_EQ(json::parse(out)["wait"], 5);
}

TEST_F(ProgramTest, CompletesItsCommands)
{
    for (const auto* shell : {"bash", "zsh", "fish"}) {
        ASSERT_EQ(run({"completion", shell}), 0);
        EXPECT_NE(out.find("publish"), std::string::npos) << shell;
    }
}

}  // namespace
}  // namespace wallet
