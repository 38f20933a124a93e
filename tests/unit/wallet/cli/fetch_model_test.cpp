#include "ledger/crypto/sha256.hpp"
#include "tests/unit/wallet/cli/program_fixture.hpp"

#include <filesystem>
#include <sstream>

namespace wallet {
namespace {

/// A model file, and a server that has it.
class FetchModelTest : public ProgramTest {
protected:
    void SetUp() override
    {
        ASSERT_EQ(run({"model", "new", "--kind", "logistic", "--input", "4", path("net.onnx")}), 0)
            << err;
        content = json::parse(out)["contentId"].get<std::string>();
        std::ifstream in{path("net.onnx"), std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        bytes = text.str();
        sha256 = ledger::to_hex0x(ledger::sha256(ledger::as_bytes(bytes)).view());
        server.on(node::Method::get, "/models/{name}", [this](const FakeRequest& request) {
            if (request.parameters.at("name") == "moved")
                return node::Response::json(301, "{}").with("Location", "/models/net");
            return node::Response{200, "application/octet-stream",
                                  ledger::Bytes{bytes.begin(), bytes.end()}};
        });
        server.start();
    }
    int fetch(std::vector<std::string> words)
    {
        words.insert(words.begin(), {"model", "fetch"});
        words.insert(words.end(), {"--out", path("got.onnx")});
        return run(std::move(words));
    }
    bool got() const { return std::filesystem::exists(path("got.onnx")); }
    std::string url(const std::string& name) const { return server.url() + "/models/" + name; }

    FakeNode server;
    std::string bytes, content, sha256;
};

TEST_F(FetchModelTest, TakesAFileAndSaysWhatItIs)
{
    ASSERT_EQ(fetch({path("net.onnx")}), 0) << err;
    const auto said = json::parse(out);
    EXPECT_EQ(said["contentId"], content);
    EXPECT_EQ(said["sha256"], sha256);
    EXPECT_EQ(said["bytes"], bytes.size());
    EXPECT_EQ(fetch({path("net.onnx")}), status(Fault::denied)) << "nothing is replaced";
}

TEST_F(FetchModelTest, TakesFromAServerWhatWasMeantAlone)
{
    EXPECT_EQ(fetch({url("net")}), status(Fault::usage)) << "a server could give anything";
    EXPECT_EQ(fetch({url("net"), "--sha256", "0x" + std::string(64, '1')}),
              status(Fault::unverified));
    EXPECT_NE(err.find(sha256), std::string::npos) << err;
    EXPECT_EQ(fetch({url("net"), "--content-id", "0x" + std::string(64, '1')}),
              status(Fault::unverified));
    EXPECT_FALSE(got());
    ASSERT_EQ(fetch({url("net"), "--sha256", sha256}), 0) << err;
    std::filesystem::remove(path("got.onnx"));
    ASSERT_EQ(fetch({url("net"), "--content-id", content}), 0) << err;
}

TEST_F(FetchModelTest, FollowsNoRedirectAndTakesNothingThatIsTooLarge)
{
    EXPECT_EQ(fetch({url("moved"), "--sha256", sha256}), status(Fault::not_found));
    EXPECT_NE(err.find("redirects are not followed"), std::string::npos) << err;
    EXPECT_NE(fetch({url("net"), "--sha256", sha256, "--most-bytes", "10"}), 0);
    EXPECT_NE(fetch({path("net.onnx"), "--most-bytes", "10"}), 0);
    EXPECT_FALSE(got());
}

TEST_F(FetchModelTest, WritesNothingThatIsNoModel)
{
    write("page.onnx", "<html>not here</html>");
    EXPECT_NE(fetch({path("page.onnx")}), 0);
    EXPECT_FALSE(got());
    EXPECT_EQ(fetch({"ann/digits@2"}), status(Fault::usage));
    EXPECT_NE(err.find("--from"), std::string::npos) << err;
}

}  // namespace
}  // namespace wallet
