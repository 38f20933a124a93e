#include "training/conform/conform.hpp"

#include "tests/support/operator_case.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_models.hpp"
#include "training/app/commands.hpp"
#include "training/conform/case_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace training {
namespace {

namespace fs = std::filesystem;
using inference::DataType;

void write_file(const fs::path& path, const std::string& bytes)
{
    fs::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << bytes;
}

void write_tensor(const fs::path& path, const inference::Tensor& tensor)
{
    onnx::TensorProto proto;
    write_proto(tensor, proto);
    write_file(path, proto.SerializeAsString());
}

inference::Tensor numbers(const std::vector<double>& values, const std::string& name = {})
{
    auto tensor = tensor_of(DataType::FP32, {static_cast<std::int64_t>(values.size())}, values);
    tensor.name = name;
    return tensor;
}

// Relu over three numbers.
void write_case(const fs::path& folder, const std::vector<double>& expected)
{
    const auto each = Case{"Relu", "a case"}.values({3}, {-1, 0, 2}).made();
    write_file(folder / "model.onnx", each.model.SerializeAsString());
    write_tensor(folder / "test_data_set_0/input_0.pb", each.inputs[0]);
    write_tensor(folder / "test_data_set_0/output_0.pb", numbers(expected));
}

class ConformTest : public testing::Test {
protected:
    int conform(bool strict = false, bool json = false)
    {
        CommandOptions options;
        options.path = folder_.path().string();
        options.strict = strict;
        options.json = json;
        out_.str("");
        return conform_command(options, out_, error_);
    }

    int check(const onnx::ModelProto& model, bool json = false)
    {
        CommandOptions options;
        options.path = (folder_.path() / "checked.onnx").string();
        options.json = json;
        write_file(options.path, model.SerializeAsString());
        out_.str("");
        return check_command(options, out_, error_);
    }

    ledger::TemporaryFolder folder_;
    std::ostringstream out_, error_;
};

TEST_F(ConformTest, PassesACaseThatGivesWhatItsFolderExpects)
{
    write_case(folder_.path(), {0, 0, 2});
    EXPECT_EQ(conform(), all_good);
    EXPECT_EQ(out_.str(), "1 passed, 0 failed, 0 unsupported\n");
}

TEST_F(ConformTest, FindsCasesAtAnyDepthAndSaysWhatDiffers)
{
    write_case(folder_.path() / "node/good", {0, 0, 2});
    write_case(folder_.path() / "node/deeper/bad", {0, 0, 2.1});
    EXPECT_EQ(conform(), refused);
    EXPECT_EQ(out_.str(),
              "failed  bad: 'out0' differs in 1 of 3 numbers, most at 2: 2 instead of 2.0999999\n"
              "1 passed, 1 failed, 0 unsupported\n");
}

TEST_F(ConformTest, RunsEveryDataSet)
{
    write_case(folder_.path(), {0, 0, 2});
    write_tensor(folder_.path() / "test_data_set_1/input_0.pb", numbers({1, 1, 1}));
    write_tensor(folder_.path() / "test_data_set_1/output_0.pb", numbers({1, 1, 0}));
    EXPECT_EQ(conform(), refused);
    EXPECT_NE(out_.str().find("most at 2"), std::string::npos) << out_.str();
}

TEST_F(ConformTest, CountsWhatIsNotSupportedWithoutFailing)
{
    const auto loop = inference::tiny::slow(2);
    write_file(folder_.path() / "loop/model.onnx", loop.SerializeAsString());
    write_tensor(folder_.path() / "loop/test_data_set_0/input_0.pb", numbers({1}));
    auto newer = inference::tiny::add({1});
    newer.mutable_opset_import(0)->set_version(99);
    write_file(folder_.path() / "newer/model.onnx", newer.SerializeAsString());
    write_tensor(folder_.path() / "newer/test_data_set_0/input_0.pb", numbers({1}));
    EXPECT_EQ(conform(), all_good);
    EXPECT_NE(out_.str().find("unsupported  loop: Loop: the operator is not computed\n"),
              std::string::npos)
        << out_.str();
    EXPECT_NE(out_.str().find("unsupported  newer: refused: operator set ai.onnx version 99"),
              std::string::npos)
        << out_.str();
    EXPECT_EQ(conform(true), refused) << "--strict";
}

TEST_F(ConformTest, FailsACaseWithoutData)
{
    write_case(folder_.path(), {0, 0, 2});
    fs::remove_all(folder_.path() / "test_data_set_0");
    EXPECT_EQ(conform(), refused);
    EXPECT_NE(out_.str().find("there is no test_data_set_0"), std::string::npos) << out_.str();
    fs::create_directories(folder_.path() / "test_data_set_0");
    EXPECT_EQ(conform(), refused);
    EXPECT_NE(out_.str().find("there is no input 'in0'"), std::string::npos) << out_.str();
}

TEST_F(ConformTest, FailsACaseThatExpectsNothing)
{
    write_case(folder_.path(), {0, 0, 2});
    fs::remove(folder_.path() / "test_data_set_0/output_0.pb");
    EXPECT_EQ(conform(), refused);
    EXPECT_NE(out_.str().find("there is no output"), std::string::npos) << out_.str();
}

TEST_F(ConformTest, PrintsOneDocumentOfJson)
{
    write_case(folder_.path() / "a", {0, 0, 2});
    write_case(folder_.path() / "b", {1, 0, 2});
    EXPECT_EQ(conform(false, true), refused);
    const auto report = nlohmann::json::parse(out_.str());
    EXPECT_EQ(report["passed"], 1);
    EXPECT_EQ(report["failed"], 1);
    EXPECT_EQ(report["cases"][1]["name"], "b");
    EXPECT_EQ(report["cases"][1]["verdict"], "failed");
}

TEST_F(ConformTest, SaysThatAFolderHoldsNoModel)
{
    EXPECT_EQ(conform(), unreadable);
    EXPECT_NE(error_.str().find("holds no model.onnx"), std::string::npos);
}

TEST_F(ConformTest, MatchesInputsByNameBeforePlace)
{
    const auto each = Case{"Sub", "named"}.values({1}, {5}).values({1}, {3}).made();
    write_file(folder_.path() / "model.onnx", each.model.SerializeAsString());
    write_tensor(folder_.path() / "test_data_set_0/input_0.pb", each.inputs[1]);
    write_tensor(folder_.path() / "test_data_set_0/input_1.pb", each.inputs[0]);
    write_tensor(folder_.path() / "test_data_set_0/output_0.pb", numbers({2}));
    EXPECT_EQ(conform(), all_good) << out_.str();
}

TEST_F(ConformTest, ChecksAModelAndNamesWhatCanBeTrained)
{
    EXPECT_EQ(check(inference::tiny::mlp(), true), all_good);
    const auto report = nlohmann::json::parse(out_.str());
    EXPECT_EQ(report["supported"], true);
    EXPECT_EQ(report["trainable"].size(), 4u) << report;
}

TEST_F(ConformTest, ChecksAModelAndNamesEveryNodeThatIsNotComputed)
{
    auto model = inference::tiny::slow(2);
    EXPECT_EQ(check(model), refused);
    EXPECT_EQ(out_.str(), "Loop: the operator is not computed\n");
    model = inference::tiny::identity(DataType::BYTES, {2});
    EXPECT_EQ(check(model), refused);
    EXPECT_EQ(out_.str(), "input 'in': numbers of type BYTES are not computed with\n");
    EXPECT_EQ(check(Case{"Cast", "to text"}.floats({2}).set("to", 8).made().model), refused);
    EXPECT_EQ(out_.str(), "Cast: attribute 'to' names a type that is not computed with\n");
    EXPECT_EQ(check(onnx::ModelProto{}), refused) << "nothing in it";
}

TEST(Difference, AllowsARelativeAndAnAbsoluteDistance)
{
    const Tolerance within{1e-3, 1e-7};
    EXPECT_FALSE(difference(numbers({1000}), numbers({1000.9}), within));
    EXPECT_TRUE(difference(numbers({1000}), numbers({1001.1}), within));
    EXPECT_FALSE(difference(numbers({0}), numbers({1e-8}), within));
    EXPECT_TRUE(difference(numbers({0}), numbers({1e-6}), within));
}

TEST(Difference, TakesWhatIsNotANumberForEqualToItselfOnly)
{
    EXPECT_FALSE(difference(numbers({NAN, HUGE_VAL}), numbers({NAN, HUGE_VAL}), {}));
    EXPECT_TRUE(difference(numbers({NAN}), numbers({1}), {}));
    EXPECT_TRUE(difference(numbers({1}), numbers({NAN}), {}));
    EXPECT_TRUE(difference(numbers({HUGE_VAL}), numbers({-HUGE_VAL}), {}));
    EXPECT_TRUE(difference(numbers({1}), numbers({HUGE_VAL}), {}));
}

TEST(Difference, NamesAnotherShapeAndAnotherType)
{
    EXPECT_EQ(difference(numbers({1, 2}, "y"), numbers({1}), {}),
              "'y' has shape [2] instead of [1]");
    EXPECT_EQ(difference(tensor_of(DataType::INT64, {1}, {1}), numbers({1}), {}),
              "'' is INT64 instead of FP32");
}

TEST(Difference, ReadsHalves)
{
    const auto half = [](std::uint16_t bits, DataType type = DataType::FP16) {
        return inference::Tensor{
            "h",
            type,
            {1},
            {static_cast<std::uint8_t>(bits & 255), static_cast<std::uint8_t>(bits >> 8)}};
    };
    EXPECT_EQ(difference(half(0x3C00), half(0xC000), {}),
              "'h' differs in 1 of 1 numbers, most at 0: 1 instead of -2");
    EXPECT_EQ(difference(half(0x0001), half(0x7BFF), {}),
              "'h' differs in 1 of 1 numbers, most at 0: 5.96046448e-08 instead of 65504");
    EXPECT_EQ(difference(half(0x3F80, DataType::BF16), half(0x4000, DataType::BF16), {}),
              "'h' differs in 1 of 1 numbers, most at 0: 1 instead of 2");
}

}  // namespace
}  // namespace training
