#include "tests/unit/wallet/cli/program_fixture.hpp"
#include "wallet/cli/progress.hpp"

namespace wallet {
namespace {

struct DataCommandsTest : ProgramTest {
    std::string make_master(const std::string& name)
    {
        EXPECT_EQ(run({"master", "new", name, "--light"}), 0) << err;
        return json::parse(out)["publicKey"];
    }
    int seal(const std::string& to)
    {
        return run({"data", "seal", path("rows.csv"), "--to", to, "--dataset",
                    "0x" + std::string(64, 'a'), "--out", path("batch")});
    }
    std::string text(const std::string& name) const
    {
        std::ifstream file{path(name)};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
};

TEST_F(DataCommandsTest, SealsToAPublicKeyAndOpensWithItsMaster)
{
    const auto key = make_master("farm");
    write("rows.csv", "t,x\n1,2\n");
    ASSERT_EQ(seal(key), 0) << err;
    const auto sealed = json::parse(out);
    EXPECT_EQ(sealed["items"], 1);
    EXPECT_EQ(sealed["wraps"][0]["to"], key);
    ASSERT_EQ(run({"data", "verify", path("batch")}), 0) << err;
    EXPECT_EQ(json::parse(out)["root"], sealed["root"]);
    ASSERT_EQ(run({"data", "open", path("batch"), "--master", "farm", "--out", path("out")}), 0)
        << err;
    EXPECT_EQ(json::parse(out)["items"], 1);
    EXPECT_EQ(text("out/rows.csv"), "t,x\n1,2\n");
}

TEST_F(DataCommandsTest, SealsToAMasterOfThisWalletByName)
{
    const auto key = make_master("farm");
    write("rows.csv", "1\n");
    ASSERT_EQ(seal("farm"), 0) << err;
    EXPECT_EQ(json::parse(out)["wraps"][0]["to"], key);
    ASSERT_EQ(run({"master", "list"}), 0);
    EXPECT_EQ(json::parse(out)["masters"][0]["publicKey"], key);
    ASSERT_EQ(run({"master", "show", "farm"}), 0);
    EXPECT_FALSE(json::parse(out).contains("words"));
}

TEST_F(DataCommandsTest, BringsAMasterBackFromItsWords)
{
    ASSERT_EQ(run({"master", "new", "farm", "--light"}), 0) << err;
    const auto made = json::parse(out);
    write("words", made["words"].get<std::string>() + "\n");
    ASSERT_EQ(run({"master", "import", "again", "--file", path("words"), "--light"}),
              status(Fault::denied))
        << "the same key under two names";
    std::filesystem::remove_all(path("home") + "/masters");
    ASSERT_EQ(run({"master", "import", "again", "--file", path("words"), "--light"}), 0) << err;
    EXPECT_EQ(json::parse(out)["publicKey"], made["publicKey"]);
}

TEST_F(DataCommandsTest, SaysWhatIsWrongAndLeavesNothing)
{
    make_master("farm");
    make_master("other");
    write("rows.csv", "1\n");
    EXPECT_EQ(seal("0x12"), status(Fault::usage));
    EXPECT_EQ(seal("nobody"), status(Fault::not_found));
    ASSERT_EQ(seal("farm"), 0) << err;
    EXPECT_EQ(seal("farm"), status(Fault::denied)) << "the folder is there";
    EXPECT_EQ(run({"data", "open", path("batch"), "--master", "other", "--out", path("out")}),
              status(Fault::denied));
    std::filesystem::resize_file(path("batch/batch.sealed"), 20);
    EXPECT_EQ(run({"data", "verify", path("batch")}), status(Fault::usage));
    EXPECT_EQ(run({"data", "open", path("batch"), "--master", "farm", "--out", path("out")}),
              status(Fault::usage));
    EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST(Progress, SaysHowFarHowFastAndHowLong)
{
    using namespace std::chrono_literals;
    EXPECT_EQ(cli::progress_line("sealing", 1 << 20, 4 << 20, 2s),
              "sealing   25 %  1.0 MiB of 4.0 MiB  512.0 KiB/s  6 s left");
    EXPECT_EQ(cli::progress_line("sealing", 0, 10, 0s), "sealing    0 %  0 B of 10 B");
    EXPECT_EQ(cli::progress_line("sealing", 0, 0, 1s), "sealing  100 %  0 B of 0 B");
    EXPECT_EQ(cli::sample_progress_line("net", 1500, 3000, 3s),
              "net   50 %  1500 of 3000  500/s  3 s left");
    EXPECT_EQ(cli::bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(cli::bytes_text(std::uint64_t{5} << 40), "5.0 TiB");
}

}  // namespace
}  // namespace wallet
