#include "tests/unit/wallet/cli/program_fixture.hpp"

#include <filesystem>

namespace wallet {
namespace {

class NewModelTest : public ProgramTest {
protected:
    int make(std::vector<std::string> words)
    {
        words.insert(words.begin(), {"model", "new"});
        return run(std::move(words));
    }
};

TEST_F(NewModelTest, WritesAModelAndSaysWhatItIs)
{
    ASSERT_EQ(make({"--kind", "mlp", "--input", "1,28,28", "--layers", "200,200", "--outputs", "10",
                    path("net.onnx")}),
              0)
        << err;
    const auto said = json::parse(out);
    EXPECT_EQ(said["parameters"], 199'210);
    EXPECT_EQ(said["file"], path("net.onnx"));
    const auto size = std::filesystem::file_size(path("net.onnx"));
    ASSERT_EQ(run({"model", "inspect", path("net.onnx")}), 0) << err;
    const auto inspected = json::parse(out);
    EXPECT_EQ(inspected["contentId"], said["contentId"]);
    EXPECT_EQ(inspected["fileBytes"], size);
}

TEST_F(NewModelTest, WritesOverAFileOnlyWhereItIsToldTo)
{
    write("net.onnx", "mine");
    const std::vector<std::string> words{"--kind", "logistic", "--input", "4", path("net.onnx")};
    EXPECT_EQ(make(words), status(Fault::denied));
    EXPECT_NE(err.find("--force"), std::string::npos) << err;
    EXPECT_EQ(std::filesystem::file_size(path("net.onnx")), 4u);
    auto forced = words;
    forced.emplace_back("--force");
    ASSERT_EQ(make(forced), 0) << err;
    EXPECT_GT(std::filesystem::file_size(path("net.onnx")), 4u);
}

TEST_F(NewModelTest, FindsAsManyClustersAsTheDataHave)
{
    std::string rows = "id,a,b\n";
    for (int i = 0; i < 60; ++i)
        rows += std::to_string(i) + "," + std::to_string(i % 3 * 50 + i % 5) + "," +
                std::to_string(i % 4) + "\n";
    write("rows.csv", rows);
    ASSERT_EQ(make({"--kind", "kmeans", "--data", path("rows.csv"), "--clusters", "2..6",
                    "--threshold", "seen", "--ignore", "id", path("heaps.onnx")}),
              0)
        << err;
    const auto said = json::parse(out);
    EXPECT_EQ(said["clusters"], 3);
    EXPECT_EQ(said["samples"], 60);
    EXPECT_EQ(said["silhouettes"].size(), 5u);
    EXPECT_GT(said["silhouettes"][1]["silhouette"], 0.8);
    EXPECT_LT(said["radius"], 4);
    EXPECT_EQ(said["io"]["inputs"][0]["shape"], json::parse("[-1,2]"));
    EXPECT_EQ(said["io"]["outputs"].back()["name"], "anomaly");
}

TEST_F(NewModelTest, SaysWhatIsWrong)
{
    const auto why = [&](const std::vector<std::string>& words) {
        EXPECT_EQ(make(words), status(Fault::usage));
        return err;
    };
    EXPECT_NE(why({"--kind", "mlp", path("x")}).find("--input is needed"), std::string::npos);
    EXPECT_NE(why({"--kind", "mlp", "--input", "1,x", path("x")}).find("--input is sizes"),
              std::string::npos);
    EXPECT_NE(why({"--kind", "cnn", "--input", "784", path("x")}).find("[C,H,W]"),
              std::string::npos);
    EXPECT_NE(why({"--kind", "tree", "--input", "784", path("x")}).find("tree"), std::string::npos);
    EXPECT_NE(why({"--kind", "kmeans", path("x")}).find("--data is needed"), std::string::npos);
    EXPECT_NE(why({"--kind", "kmeans", "--data", path("x"), "--clusters", "5..2", path("x")})
                  .find("--clusters is"),
              std::string::npos);
    EXPECT_NE(why({"--kind", "kmeans", "--data", path("x"), "--threshold", "far", path("x")})
                  .find("--threshold is"),
              std::string::npos);
    EXPECT_NE(why({"--kind", "mlp", "--input", "4", "--data", path("x"), path("x")})
                  .find("--data is for kmeans"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path("x")));
}

}  // namespace
}  // namespace wallet
