#include "inference/protocol/infer_request.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace inference {
namespace {

template <class Number>
std::vector<Number> numbers(const Tensor& tensor)
{
    std::vector<Number> all(tensor.data.size() / sizeof(Number));
    std::memcpy(all.data(), tensor.data.data(), tensor.data.size());
    return all;
}

ModelIo image_io()
{
    return {{{"image", DataType::FP32, {-1, 2, 2}}},
            {{"scores", DataType::FP32, {-1, 3}}, {"half", DataType::FP16, {-1}}}};
}

ModelIo io_of(DataType type)
{
    return {{{"x", type, {-1}}}, {{"y", type, {-1}}}};
}

auto parse(std::string_view text, const ModelIo& io = image_io(), const ProtocolLimits& limits = {})
{
    return parse_infer_request(ledger::as_bytes(text), {}, io, limits);
}

std::string error_of(std::string_view text, const ModelIo& io = image_io(),
                     const ProtocolLimits& limits = {})
{
    const auto request = parse(text, io, limits);
    return request ? "none" : request.error().message;
}

// The output is named where the default would ask for FP16 in JSON.
std::string image_request(const std::string& data, const std::string& shape = "[1,2,2]")
{
    return R"({"inputs":[{"name":"image","shape":)" + shape + R"(,"datatype":"FP32","data":)" +
           data + R"(}],"outputs":[{"name":"scores"}]})";
}

TEST(InferRequest, ReadsEverythingThatTheProtocolHas)
{
    const auto request = parse(R"({
        "id": "a\u00e9", "parameters": {"timeout": 2500, "priority": 1, "note": "n", "ratio": 0.5,
                                        "binary_data_output": true},
        "inputs": [{"name": "image", "shape": [1, 2, 2], "datatype": "FP32",
                    "parameters": {"ours": true}, "data": [[[1, 2.5], [-3e2, 0.1]]]}],
        "outputs": [{"name": "half"},
                    {"name": "scores", "parameters": {"binary_data": false, "classification": 2}}],
        "unknown": {"deep": [1, null, {"a": "b"}]}})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->id, "aé");
    EXPECT_EQ(request->timeout_us, 2500u);
    EXPECT_EQ(request->priority, 1u);
    EXPECT_EQ(std::get<std::string>(request->parameters.at("note")), "n");
    EXPECT_EQ(std::get<double>(request->parameters.at("ratio")), 0.5);
    EXPECT_EQ(numbers<float>(request->inputs[0]), (std::vector<float>{1, 2.5F, -300, 0.1F}));
    EXPECT_EQ(request->outputs,
              (std::vector<RequestedOutput>{{"half", true, 0}, {"scores", false, 2}}));
    EXPECT_EQ(request->output_names(), (std::vector<std::string>{"half", "scores"}));
    EXPECT_EQ(request->rows, 1u);
    EXPECT_EQ(request->input_bytes, 16u);
}

TEST(InferRequest, ReadsDataNestedOrFlatAlike)
{
    const auto nested = parse(image_request("[[[1,2],[3,4]],[[5,6],[7,8]]]", "[2,2,2]"));
    const auto flat = parse(image_request("[1,2,3,4,5,6,7,8]", "[2,2,2]"));
    ASSERT_TRUE(nested && flat);
    EXPECT_EQ(nested->inputs[0], flat->inputs[0]);
    EXPECT_EQ(nested->rows, 2u);
}

TEST(InferRequest, ReadsDataThatComesBeforeItsShape)
{
    const auto request = parse(
        R"({"outputs":[{"name":"scores"}],
            "inputs":[{"data":[1,2,3,4],"datatype":"FP32","shape":[1,2,2],"name":"image"}]})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(numbers<float>(request->inputs[0]), (std::vector<float>{1, 2, 3, 4}));
}

TEST(InferRequest, AsksForAllOutputsWhereNoneIsNamed)
{
    const auto request =
        parse(R"({"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[-128]}]})",
              io_of(DataType::INT8));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->outputs, (std::vector<RequestedOutput>{{"y", false, 0}}));
    EXPECT_FALSE(request->id);
}

struct Typed {
    DataType type;
    const char* good;
    Bytes data;
    const char* bad;
    const char* why;
};

class JsonOfType : public testing::TestWithParam<Typed> {};

std::string typed_request(DataType type, const std::string& data, std::size_t count)
{
    return R"({"inputs":[{"name":"x","shape":[)" + std::to_string(count) + R"(],"datatype":")" +
           std::string{name_of(type)} + R"(","data":)" + data + "}]}";
}

TEST_P(JsonOfType, IsReadExactlyAndToldWhatDoesNotFit)
{
    const auto& [type, good, data, bad, why] = GetParam();
    const auto request = parse(typed_request(type, good, 2), io_of(type));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->inputs[0].data, data);
    const auto error = error_of(typed_request(type, bad, 2), io_of(type));
    EXPECT_EQ(error.substr(0, error.find(" (")),
              "data of 'x', element 1: not a " + std::string{name_of(type)});
    EXPECT_NE(error.find(why), std::string::npos) << error;
}

const Typed all_typed[] = {
    {DataType::BOOL, "[true,false]", {1, 0}, "[true,1]", "type"},
    {DataType::UINT8, "[255,0]", {255, 0}, "[0,256]", "too large or too small"},
    {DataType::UINT16, "[65535,1]", {255, 255, 1, 0}, "[0,-1]", "type"},
    {DataType::UINT32,
     "[4294967295,1]",
     {255, 255, 255, 255, 1, 0, 0, 0},
     "[0,4294967296]",
     "too large or too small"},
    {DataType::UINT64,
     "[18446744073709551615,9007199254740993]",
     {255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 32, 0},
     "[0,18446744073709551616]",
     "type"},
    {DataType::INT8, "[-128,127]", {128, 127}, "[0,128]", "too large or too small"},
    {DataType::INT16, "[-32768,1]", {0, 128, 1, 0}, "[0,1.5]", "type"},
    {DataType::INT32, "[-2147483648,1]", {0, 0, 0, 128, 1, 0, 0, 0}, "[0,\"1\"]", "type"},
    {DataType::INT64,
     "[-9223372036854775808,9007199254740993]",
     {0, 0, 0, 0, 0, 0, 0, 128, 1, 0, 0, 0, 0, 0, 32, 0},
     "[0,9223372036854775808]",
     "type"},
    {DataType::FP32,
     "[1.5,-2]",
     {0, 0, 192, 63, 0, 0, 0, 192},
     "[0,1e39]",
     "too large or too small"},
    {DataType::FP64,
     "[1.5,-2]",
     {0, 0, 0, 0, 0, 0, 248, 63, 0, 0, 0, 0, 0, 0, 0, 192},
     "[0,null]",
     "type"},
    {DataType::BYTES,
     R"(["ab","\u0000\n"])",
     {2, 0, 0, 0, 'a', 'b', 2, 0, 0, 0, 0, '\n'},
     "[\"a\",1]",
     "type"},
};

INSTANTIATE_TEST_SUITE_P(All, JsonOfType, testing::ValuesIn(all_typed),
                         [](const auto& each) { return std::string{name_of(each.param.type)}; });

TEST(InferRequest, HasNoJsonForHalfPrecision)
{
    for (const auto type : {DataType::FP16, DataType::BF16})
        EXPECT_EQ(error_of(typed_request(type, "[1,2]", 2), io_of(type)),
                  "data of 'x': " + std::string{name_of(type)} +
                      " has no JSON form, send it as binary data");
    EXPECT_EQ(error_of(image_request("[1,2,3,4]")
                           .replace(image_request("[1,2,3,4]").find("scores"), 6, "half")),
              "output 'half' is FP16, which has no JSON form: ask for it with binary_data");
}

TEST(InferRequest, SaysExactlyWhatIsWrongWithAnInput)
{
    EXPECT_EQ(error_of(R"({"inputs":[]})"), "input 'image' is missing");
    EXPECT_EQ(error_of("{}"), "'inputs' is missing");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"img","shape":[1],"datatype":"FP32","data":[1]}]})"),
              "the model has no input 'img'");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","shape":[1],"datatype":"FP32","data":[1]}]})"),
              "input 'image' has shape [1], the model takes [-1,2,2]");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","shape":[1],"datatype":"float","data":[]}]})"),
              "there is no datatype 'float'");
    EXPECT_EQ(
        error_of(R"({"inputs":[{"name":"image","shape":[1,2,2],"datatype":"INT8","data":[]}]})"),
        "input 'image' is INT8, the model takes FP32");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","shape":[1,2,2],"datatype":"FP32"}]})"),
              "input 'image' has no 'data'");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","datatype":"FP32","data":[]}]})"),
              "input 'image' has no 'shape'");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","shape":[1,2,2],"data":[]}]})"),
              "input 'image' has no 'datatype'");
    EXPECT_EQ(error_of(R"({"inputs":[{"shape":[1,2,2],"data":[]}]})"), "an input has no 'name'");
    EXPECT_EQ(error_of(R"({"inputs":{}})"), "'inputs' is not an array");
    EXPECT_EQ(error_of(R"({"inputs":[1]})"), "an item of 'inputs' is not an object");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":7}]})"), "'name' is not a string");
}

TEST(InferRequest, SaysExactlyWhatIsWrongWithData)
{
    EXPECT_EQ(error_of(image_request("[1,2,3]")),
              "data of 'image' has 3 elements, its shape [1,2,2] needs 4");
    EXPECT_EQ(error_of(image_request("[1,2,3,4,5]")),
              "data of 'image' has more elements than its shape [1,2,2]");
    EXPECT_EQ(error_of(image_request("[[[1,2],[3]]]")),
              "data of 'image' has 1 items at depth 3, its shape is [1,2,2]");
    EXPECT_EQ(error_of(image_request("[[1,2,3,4]]")),
              "data of 'image' is nested 2 deep, its shape is [1,2,2]");
    EXPECT_EQ(error_of(image_request("[[[[1,2,3,4]]]]")),
              "data of 'image' is nested deeper than its shape [1,2,2]");
    EXPECT_EQ(error_of(image_request("[[[1,2],3]]")), "data of 'image' is nested unevenly");
    EXPECT_EQ(error_of(image_request("[[],[]]")),
              "data of 'image' has 0 items at depth 2, its shape is [1,2,2]");
    EXPECT_EQ(error_of(image_request("7")), "data of 'image' is not an array");
    EXPECT_EQ(error_of(image_request("{}")), "data of 'image' is not an array");
    EXPECT_NE(error_of(image_request("[1,2,NaN,4]")).find("element 2: not a FP32"),
              std::string::npos);
    EXPECT_NE(error_of(image_request("[1,2,3,4")).find("the JSON is broken"), std::string::npos);
}

TEST(InferRequest, SaysExactlyWhatIsWrongWithShapes)
{
    EXPECT_EQ(error_of(image_request("[]", "[-1,2,2]")), "'shape' has an item that is not a size");
    EXPECT_EQ(error_of(image_request("[]", "[1.5,2,2]")), "'shape' has an item that is not a size");
    EXPECT_EQ(error_of(image_request("[]", "7")), "'shape' is not an array");
    EXPECT_EQ(error_of(image_request("[]", "[1,1,1,1,1,1,1,1,1]")),
              "'shape' has more than 8 dimensions");
    EXPECT_EQ(error_of(image_request("[]", "[9223372036854775807,2,2]")),
              "input 'image' is too large");
}

TEST(InferRequest, MakesNoRoomForElementsThatWereNotSent)
{
    EXPECT_EQ(error_of(image_request("[1]", "[1000000,2,2]")),
              "data of 'image' has fewer elements than its shape [1000000,2,2]");
}

TEST(InferRequest, RefusesOutputsThatTheModelHasNot)
{
    const auto with_outputs = [](const std::string& outputs) {
        return R"({"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":)" +
               outputs + "}";
    };
    const auto io = io_of(DataType::BYTES);
    EXPECT_EQ(error_of(with_outputs(R"([{"name":"z"}])"), io), "the model has no output 'z'");
    EXPECT_EQ(error_of(with_outputs(R"([{"name":"y"},{"name":"y"}])"), io),
              "output 'y' is asked for twice");
    EXPECT_EQ(error_of(with_outputs(R"([{}])"), io), "an output has no 'name'");
    EXPECT_EQ(error_of(with_outputs(R"([{"name":"y","parameters":{"classification":3}}])"), io),
              "output 'y' is BYTES and has no classes");
    EXPECT_EQ(error_of(with_outputs(R"([{"name":"y","parameters":{"classification":-1}}])"), io),
              "parameter 'classification' is not a whole number of at least 0");
    EXPECT_EQ(error_of(with_outputs(R"([{"name":"y","parameters":{"binary_data":1}}])"), io),
              "parameter 'binary_data' is not a boolean");
}

TEST(InferRequest, SaysWhatItDoesNotSupport)
{
    const auto request = parse(R"({"inputs":[{"name":"image","shape":[1,2,2],"datatype":"FP32",
        "parameters":{"shared_memory_region":"r","shared_memory_byte_size":16}}]})");
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().status, 501);
    EXPECT_EQ(request.error().message, "shared memory is not supported");
}

TEST(InferRequest, RefusesWhatIsGivenTwice)
{
    EXPECT_EQ(error_of(R"({"inputs":[],"inputs":[]})"), "'inputs' is given twice");
    EXPECT_EQ(error_of(R"({"id":"a","id":"b"})"), "'id' is given twice");
    EXPECT_EQ(error_of(R"({"parameters":{"a":1,"a":2}})"), "parameter 'a' is given twice");
    EXPECT_EQ(error_of(R"({"inputs":[{"name":"image","name":"b"}]})"), "'name' is given twice");
}

TEST(InferRequest, RefusesBrokenJsonEvenInPartsItDoesNotRead)
{
    const std::string good = image_request("[1,2,3,4]");
    ASSERT_EQ(error_of(good), "none");
    const auto with = [&](const std::string& more) {
        return good.substr(0, good.size() - 1) + ",\"more\":" + more + "}";
    };
    EXPECT_EQ(error_of(with("[1,2]")), "none");
    for (const auto* broken : {"[1,,2]", "tru", "nul", "01", "\"\\x\"", "@"})
        EXPECT_NE(error_of(with(broken)), "none") << broken;
    EXPECT_NE(error_of(good + "x"), "none");
    EXPECT_NE(error_of(good + "{}"), "none");
    EXPECT_NE(error_of(""), "none");
    EXPECT_NE(error_of("[]"), "none");
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_NE(error_of(good.substr(0, length)), "none") << length;
}

TEST(InferRequest, KeepsToItsBounds)
{
    ProtocolLimits limits;
    limits.inputs = 1;
    limits.parameters = 1;
    limits.body_bytes = 300;
    EXPECT_EQ(error_of(R"({"parameters":{"a":1,"b":2}})", image_io(), limits),
              "more than 1 parameters");
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    EXPECT_EQ(error_of("{\"x\":" + deep + "}", image_io(), limits), "the JSON nests too deep");
    const auto large = parse(std::string(301, ' '), image_io(), limits);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().status, 413);
    EXPECT_EQ(error_of(R"({"id":")" + std::string(20'000, 'i') + "\"}"),
              "'id' is longer than 16384 bytes");
}

Bytes with_binary(std::string_view text, const Bytes& tail)
{
    const auto view = ledger::as_bytes(text);
    Bytes body{view.begin(), view.end()};
    ledger::append(body, tail);
    return body;
}

const ModelIo two{
    {{"a", DataType::FP16, {-1}}, {"b", DataType::BYTES, {-1}}, {"c", DataType::INT8, {1}}},
    {{"y", DataType::INT8, {1}}}};
constexpr std::string_view mixed =
    R"({"inputs":[{"name":"a","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}},)"
    R"({"name":"c","shape":[1],"datatype":"INT8","data":[-1]},)"
    R"({"name":"b","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}}]})";

TEST(BinaryRequest, TakesBinaryTensorsInTheOrderOfTheInputsAndJsonBetween)
{
    const auto body = with_binary(mixed, {1, 2, 3, 4, 2, 0, 0, 0, 'h', 'i'});
    const auto request = parse_infer_request(body, mixed.size(), two);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->inputs[0].data, (Bytes{1, 2, 3, 4}));
    EXPECT_EQ(request->inputs[1].data, (Bytes{255}));
    EXPECT_EQ(request->inputs[2].data, (Bytes{2, 0, 0, 0, 'h', 'i'}));
    EXPECT_EQ(request->input_bytes, 11u);
}

TEST(BinaryRequest, RefusesLengthsThatDoNotAddUp)
{
    const auto error = [](const Bytes& tail, std::uint64_t json_bytes = mixed.size()) {
        const auto request = parse_infer_request(with_binary(mixed, tail), json_bytes, two);
        return request ? "none" : request.error().message;
    };
    EXPECT_EQ(error({1, 2, 3}), "input 'a' has binary_data_size 4, 3 bytes are left in the body");
    EXPECT_EQ(error({1, 2, 3, 4, 2, 0, 0, 0, 'h', 'i', '!'}),
              "the body has 1 bytes after the last binary tensor");
    EXPECT_EQ(error({1, 2, 3, 4, 3, 0, 0, 0, 'h', 'i'}),
              "input 'b' must hold 1 elements, each with its length in 4 bytes");
    EXPECT_EQ(error({}, 10'000), "Inference-Header-Content-Length is 10000, the body has " +
                                     std::to_string(mixed.size()) + " bytes");
    EXPECT_NE(error({1, 2, 3, 4, 2, 0, 0, 0, 'h', 'i'}, mixed.size() - 1), "none");
}

TEST(BinaryRequest, RefusesDataOfTheWrongLengthForItsShape)
{
    const std::string text =
        R"({"inputs":[{"name":"x","shape":[3],"datatype":"INT16","parameters":{"binary_data_size":4}}]})";
    const auto request =
        parse_infer_request(with_binary(text, Bytes(4)), text.size(), io_of(DataType::INT16));
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().message, "input 'x' has 4 bytes of data, its shape [3] needs 6");
}

TEST(RawRequest, IsTheOnlyInputAndFindsTheOpenSizeItself)
{
    const ModelIo io{{{"x", DataType::INT16, {-1, 2}}}, {{"y", DataType::FP16, {-1}}}};
    const auto request = parse_infer_request(Bytes{1, 0, 2, 0, 3, 0, 4, 0}, 0, io);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->inputs[0].shape, (std::vector<std::int64_t>{2, 2}));
    EXPECT_EQ(numbers<std::int16_t>(request->inputs[0]), (std::vector<std::int16_t>{1, 2, 3, 4}));
    EXPECT_EQ(request->outputs, (std::vector<RequestedOutput>{{"y", true, 0}}));
    EXPECT_EQ(request->rows, 2u);
}

TEST(RawRequest, OfBytesIsOneElement)
{
    const auto request = parse_infer_request(ledger::as_bytes("hi"), 0, io_of(DataType::BYTES));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->inputs[0].data, (Bytes{2, 0, 0, 0, 'h', 'i'}));
}

TEST(RawRequest, IsRefusedWhereItCannotBeUnderstood)
{
    const auto error = [](const ModelIo& io, const Bytes& body) {
        const auto request = parse_infer_request(body, 0, io);
        return request ? "none" : request.error().message;
    };
    EXPECT_EQ(error(two, {1}), "a raw request needs a model with exactly one input");
    EXPECT_EQ(error({{{"x", DataType::INT8, {-1, -1}}}, {}}, {1}),
              "a raw request needs a model with at most one variable dimension");
    EXPECT_EQ(error(io_of(DataType::INT32), {1, 2, 3}), "the body is not a whole number of INT32");
    EXPECT_EQ(error({{{"x", DataType::INT8, {-1, 2}}}, {}}, {1, 2, 3}),
              "the body does not fill the shape [-1,2]");
    EXPECT_EQ(error({{{"x", DataType::INT8, {4}}}, {}}, {1, 2, 3}),
              "input 'x' has 3 bytes of data, its shape [4] needs 4");
    EXPECT_EQ(error({{{"x", DataType::INT8, {-1, 0}}}, {}}, {1}),
              "the body does not fill the shape [-1,0]");
    EXPECT_EQ(error({{{"x", DataType::INT8, {1LL << 62, 1LL << 62}}}, {}}, {1}),
              "the model's input is too large");
}

TEST(JsonBytesHeader, IsDigitsAndNothingElse)
{
    EXPECT_EQ(parse_json_bytes_header("0"), 0u);
    EXPECT_EQ(parse_json_bytes_header("1234"), 1234u);
    for (const auto* bad :
         {"", "-1", "+1", " 1", "1 ", "1x", "0x10", "18446744073709551616", "9223372036854775808"})
        EXPECT_FALSE(parse_json_bytes_header(bad)) << bad;
}

}  // namespace
}  // namespace inference
