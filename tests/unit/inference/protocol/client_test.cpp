#include "inference/protocol/client.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

namespace inference {
namespace {

Tensor sample(DataType type)
{
    Tensor tensor{"t", type, {2, 2}, {}};
    if (type == DataType::BYTES) {
        for (const auto* text : {"mill", "", "é", "race\n"})
            append_string(tensor.data, ledger::as_bytes(text));
    } else if (type == DataType::BOOL) {
        tensor.data = {1, 0, 0, 1};
    } else {
        tensor.data.resize(4 * size_of(type));
        std::iota(tensor.data.begin(), tensor.data.end(), std::uint8_t{10});
    }
    return tensor;
}

ModelIo pairs_io(DataType type)
{
    return {{{"t", type, {-1, 2}}}, {{"t", type, {-1, 2}}}};
}

class RoundTrip : public testing::TestWithParam<std::tuple<DataType, Encoding>> {};

TEST_P(RoundTrip, ThroughRequestAndResponseChangesNothing)
{
    const auto [type, encoding] = GetParam();
    const std::vector tensors{sample(type)};
    const auto sent = render_infer_request(tensors, encoding, "7");
    const auto has_json = type != DataType::FP16 && type != DataType::BF16;
    if (encoding == Encoding::json && !has_json) {
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().message, "input 't' has no JSON form: send it binary");
        return;
    }
    ASSERT_TRUE(sent);
    const auto request = parse_infer_request(sent->body, sent->json_bytes, pairs_io(type));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->inputs, tensors);
    EXPECT_EQ(request->outputs[0].binary, encoding == Encoding::binary);
    const auto answer = render_infer_response(*request, {"m", "2", {}}, request->inputs);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto response = parse_infer_response(answer->body, answer->json_bytes);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->outputs, tensors);
    EXPECT_EQ(response->id, "7");
    EXPECT_EQ(response->model_name, "m");
    EXPECT_EQ(response->model_version, "2");
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip,
                         testing::Combine(testing::ValuesIn(all_datatypes),
                                          testing::Values(Encoding::json, Encoding::binary)),
                         [](const auto& each) {
                             return std::string{name_of(std::get<0>(each.param))} +
                                    (std::get<1>(each.param) == Encoding::json ? "Json" : "Binary");
                         });

TEST(InferResponseReader, ReadsNullAsNan)
{
    const auto response = parse_infer_response(
        ledger::as_bytes(
            R"({"model_name":"m","outputs":[{"name":"y","datatype":"FP32","shape":[2],"data":[null,1]}]})"),
        {});
    ASSERT_TRUE(response) << response.error().message;
    float first = 0;
    std::memcpy(&first, response->outputs[0].data.data(), sizeof first);
    EXPECT_TRUE(std::isnan(first));
}

TEST(InferResponseReader, TrustsTheServerNoMoreThanACaller)
{
    const auto error = [](std::string_view body, std::optional<std::uint64_t> json_bytes = {}) {
        const auto response = parse_infer_response(ledger::as_bytes(body), json_bytes);
        return response ? "none" : response.error().message;
    };
    EXPECT_EQ(error(R"({"outputs":[{"name":"y","datatype":"FP32","shape":[9999999],"data":[1]}]})"),
              "an output has fewer elements than its shape");
    EXPECT_EQ(
        error(R"({"outputs":[{"name":"y","datatype":"FP32","shape":[99999999],"data":[1]}]})"),
        "an output is too large");
    EXPECT_EQ(error(R"({"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]})"),
              "an output has no data");
    const std::string_view binary =
        R"({"outputs":[{"name":"y","datatype":"INT8","shape":[2],"parameters":{"binary_data_size":2}}]})";
    EXPECT_EQ(error(binary), "an output is longer than the answer");
    EXPECT_EQ(error(std::string{binary} + "abc", binary.size()),
              "the answer has bytes after the last tensor");
    EXPECT_EQ(error(std::string{binary} + "ab", binary.size()), "none");
    EXPECT_EQ(error(binary, 5000), "the answer's JSON is longer than the answer");
}

}  // namespace
}  // namespace inference
