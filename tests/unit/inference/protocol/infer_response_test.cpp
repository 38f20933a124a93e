#include "inference/protocol/infer_response.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>

namespace inference {
namespace {

template <class Number>
Tensor tensor_of(DataType type, std::vector<std::int64_t> shape, const std::vector<Number>& values)
{
    Tensor tensor{"y", type, std::move(shape), Bytes(values.size() * sizeof(Number))};
    if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return tensor;
}

std::string text_of(const RenderedResponse& response)
{
    return std::string{ledger::as_text(response.body)};
}

InferRequest asking(RequestedOutput output = {"y", false, 0})
{
    InferRequest request;
    request.outputs.push_back(std::move(output));
    return request;
}

TEST(InferResponse, NamesTheModelEchoesTheIdAndHoldsFlatData)
{
    auto request = asking();
    request.id = "a\"é\n";
    const auto response = render_infer_response(
        request, {"digits", "3", {}},
        std::vector{tensor_of<float>(DataType::FP32, {1, 3}, {0.1F, 1e30F, -0.0F})});
    ASSERT_TRUE(response);
    EXPECT_EQ(text_of(*response),
              R"({"model_name":"digits","model_version":"3","id":"a\"é\u000a","outputs":[)"
              R"({"name":"y","datatype":"FP32","shape":[1,3],"data":[0.1,1e+30,-0]}]})");
    EXPECT_FALSE(response->json_bytes);
    EXPECT_STREQ(response->content_type, "application/json");
    EXPECT_EQ(nlohmann::json::parse(response->body).at("id"), "a\"é\n");
}

TEST(InferResponse, WritesEveryTypeThatHasAJsonForm)
{
    const auto data = [](const Tensor& tensor) {
        const auto response = render_infer_response(asking(), {"m", "", {}}, std::vector{tensor});
        EXPECT_TRUE(response);
        return nlohmann::json::parse(response->body).at("outputs").at(0).at("data").dump();
    };
    EXPECT_EQ(data(tensor_of<std::uint8_t>(DataType::BOOL, {2}, {1, 0})), "[true,false]");
    EXPECT_EQ(data(tensor_of<std::uint8_t>(DataType::UINT8, {2}, {255, 0})), "[255,0]");
    EXPECT_EQ(data(tensor_of<std::uint16_t>(DataType::UINT16, {1}, {65535})), "[65535]");
    EXPECT_EQ(data(tensor_of<std::uint32_t>(DataType::UINT32, {1}, {4294967295u})), "[4294967295]");
    EXPECT_EQ(data(tensor_of<std::uint64_t>(DataType::UINT64, {1}, {UINT64_MAX})),
              "[18446744073709551615]");
    EXPECT_EQ(data(tensor_of<std::int8_t>(DataType::INT8, {1}, {-128})), "[-128]");
    EXPECT_EQ(data(tensor_of<std::int16_t>(DataType::INT16, {1}, {-32768})), "[-32768]");
    EXPECT_EQ(data(tensor_of<std::int32_t>(DataType::INT32, {1}, {-7})), "[-7]");
    EXPECT_EQ(data(tensor_of<std::int64_t>(DataType::INT64, {1}, {INT64_MIN})),
              "[-9223372036854775808]");
    EXPECT_EQ(data(tensor_of<double>(DataType::FP64, {1}, {0.1})), "[0.1]");
    EXPECT_EQ(data(tensor_of<float>(DataType::FP32, {0}, {})), "[]");
    const Tensor texts{"y", DataType::BYTES, {2}, {1, 0, 0, 0, 'a', 0, 0, 0, 0}};
    EXPECT_EQ(data(texts), R"(["a",""])");
}

TEST(InferResponse, WritesNullWhereJsonHasNoNumber)
{
    const auto limit = std::numeric_limits<float>::infinity();
    const auto response = render_infer_response(
        asking(), {"m", "", {}},
        std::vector{tensor_of<float>(DataType::FP32, {3}, {limit, -limit, limit - limit})});
    ASSERT_TRUE(response);
    EXPECT_NE(text_of(*response).find("[null,null,null]"), std::string::npos);
}

TEST(InferResponse, PutsBinaryOutputsBehindTheJson)
{
    auto request = asking({"y", true, 0});
    request.outputs.push_back({"z", false, 0});
    request.outputs.push_back({"h", true, 0});
    auto z = tensor_of<std::int8_t>(DataType::INT8, {1}, {5});
    z.name = "z";
    auto h = tensor_of<std::uint16_t>(DataType::FP16, {1}, {0x3c00});
    h.name = "h";
    const auto response = render_infer_response(
        request, {"m", "", {}},
        std::vector{tensor_of<std::int32_t>(DataType::INT32, {1}, {-1}), z, h});
    ASSERT_TRUE(response);
    ASSERT_TRUE(response->json_bytes);
    EXPECT_STREQ(response->content_type, "application/octet-stream");
    const auto text = text_of(*response);
    EXPECT_EQ(text.substr(*response->json_bytes), std::string("\xff\xff\xff\xff\x00\x3c", 6));
    const auto json = nlohmann::json::parse(text.substr(0, *response->json_bytes));
    EXPECT_EQ(json["outputs"][0]["parameters"]["binary_data_size"], 4);
    EXPECT_FALSE(json["outputs"][0].contains("data"));
    EXPECT_EQ(json["outputs"][1]["data"].dump(), "[5]");
    EXPECT_EQ(json["outputs"][2]["parameters"]["binary_data_size"], 2);
}

TEST(InferResponse, HoldsClassesWhereTheyWereAskedFor)
{
    const std::vector<std::string> labels{"zero", "one"};
    const auto response = render_infer_response(
        asking({"y", false, 2}), {"m", "", labels},
        std::vector{tensor_of<float>(DataType::FP32, {1, 3}, {0.25F, 0.5F, 0.125F})});
    ASSERT_TRUE(response);
    const auto json = nlohmann::json::parse(response->body);
    EXPECT_EQ(json["outputs"][0]["datatype"], "BYTES");
    EXPECT_EQ(json["outputs"][0]["shape"].dump(), "[1,2]");
    EXPECT_EQ(json["outputs"][0]["data"].dump(), R"(["0.5:1:one","0.25:0:zero"])");
}

TEST(InferResponse, RefusesBytesThatAreNotTextAsJson)
{
    for (const std::string bad :
         {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
        Tensor tensor{"y", DataType::BYTES, {1}, {}};
        append_string(tensor.data, ledger::as_bytes(bad));
        const auto response = render_infer_response(asking(), {"m", "", {}}, std::vector{tensor});
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().status, 500);
        EXPECT_EQ(response.error().message, "output 'y' is not UTF-8: ask for it with binary_data");
        EXPECT_TRUE(
            render_infer_response(asking({"y", true, 0}), {"m", "", {}}, std::vector{tensor}));
    }
}

}  // namespace
}  // namespace inference
