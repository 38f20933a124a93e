#include "node/app/model_files.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace node {
namespace {

struct ModelFilesTest : testing::Test {
    ledger::TemporaryFolder home;
    ModelConfig config;

    ModelFilesTest()
    {
        config.name = "m";
        config.files = {"models"};
    }
    void touch(const std::string& name) const
    {
        const auto path = home.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << "x";
    }
    std::map<std::uint32_t, std::string> found() const
    {
        const auto files = version_files(home.path(), config);
        EXPECT_TRUE(files) << (files ? "" : files.error().detail);
        std::map<std::uint32_t, std::string> all;
        if (files)
            for (const auto& file : *files)
                all[file.ver.value] = file.path.lexically_relative(home.path()).string();
        return all;
    }
    std::string refusal() const
    {
        const auto files = version_files(home.path(), config);
        return files ? "" : files.error().detail;
    }
    using Found = std::map<std::uint32_t, std::string>;
};

TEST_F(ModelFilesTest, FindsTheVersionsInAFolderAndLeavesTheRestAlone)
{
    for (const auto* name : {"models/2/model.onnx", "models/10.onnx", "models/0.onnx",
                             "models/01.onnx", "models/x.onnx", "models/4.txt", "models/5.d/a"})
        touch(name);
    EXPECT_EQ(found(), (Found{{2, "models/2/model.onnx"}, {10, "models/10.onnx"}}));
}

TEST_F(ModelFilesTest, ServesAllTheLatestOrSomeOfThem)
{
    for (const auto* name : {"models/1.onnx", "models/2.onnx", "models/3.onnx"}) touch(name);
    config.files.push_back("7=far/seven.onnx");
    EXPECT_EQ(found().size(), 4u);
    config.versions.latest = 2;
    EXPECT_EQ(found(), (Found{{3, "models/3.onnx"}, {7, "far/seven.onnx"}}));
    config.versions.latest = 9;
    EXPECT_EQ(found().size(), 4u);
    config.versions = {0, {1, 7}};
    EXPECT_EQ(found(), (Found{{1, "models/1.onnx"}, {7, "far/seven.onnx"}}));
    config.versions = {0, {4}};
    EXPECT_EQ(refusal(), "model m: version 4 has no file");
}

TEST_F(ModelFilesTest, SaysWhatIsWrong)
{
    std::filesystem::create_directories(home.path() / "models");
    EXPECT_NE(refusal().find("has no VERSION.onnx"), std::string::npos);
    touch("models/1.onnx");
    config.files.push_back("one.onnx");
    EXPECT_EQ(refusal(), "model m: version 1 stands twice");
    config.files = {"0=one.onnx"};
    EXPECT_NE(refusal().find("VERSION=PATH"), std::string::npos);
}

}  // namespace
}  // namespace node
