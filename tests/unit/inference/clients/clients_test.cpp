#include "inference/clients/clients.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

ModelApi api()
{
    return {"digits",
            {},
            "http://node",
            {{{"image", DataType::FP32, {-1, 4}}}, {{"class", DataType::INT64, {-1}}}},
            {},
            false};
}

bool has(const Result<std::string>& text, std::string_view part)
{
    EXPECT_TRUE(text);
    return text && text->find(part) != std::string::npos;
}

TEST(CppClient, HasTypesNamedFromInputsAndOutputs)
{
    const auto text = cpp_client(api());
    EXPECT_TRUE(has(text, "namespace millrace_digits {"));
    EXPECT_TRUE(has(text,
                    "struct ImageInput {\n    std::vector<std::int64_t> shape = {1, 4};\n"
                    "    std::vector<float> data;"));
    EXPECT_TRUE(has(text, "    Class1Output class_1;\n"));
    EXPECT_TRUE(has(text, "\"/v2/models/digits/infer\""));
}

TEST(JsClient, NamesInputsAndOutputs)
{
    const auto text = js_client(api());
    EXPECT_TRUE(has(text, "{ key: 'image', name: \"image\", datatype: 'FP32', shape: [-1, 4] }"));
    EXPECT_TRUE(has(text, "key: 'class_1', name: \"class\""));
    EXPECT_TRUE(has(text, "const DEFAULT_BASE = \"http://node\";"));
}

TEST(CurlScript, SendsJsonWhereItIsShort)
{
    EXPECT_EQ(*curl_script(api()),
              "#!/bin/sh\n# Calls the model digits once; the inputs have the right shape and say "
              "nothing.\ncurl --silent --show-error --globoff --request POST \\\n"
              "  --url 'http://node/v2/models/digits/infer' \\\n"
              "  --header 'Content-Type: application/json' \\\n"
              "  --data-binary '{\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\","
              "\"shape\":[1,4],\"data\":[0,0,0,0]}]}'\n");
}

TEST(CurlScript, SendsZerosInBinaryWhereJsonIsLongOrImpossible)
{
    auto large = api();
    large.io.inputs[0].shape = {-1, 3, 224, 224};
    EXPECT_TRUE(has(curl_script(large), "head -c 602112 /dev/zero"));
    EXPECT_TRUE(has(curl_script(large), "\"parameters\":{\"binary_data_size\":602112}"));
    auto half = api();
    half.io.inputs[0].datatype = DataType::FP16;
    EXPECT_TRUE(has(curl_script(half), "head -c 8 /dev/zero"));
    auto strings = api();
    strings.io.inputs[0].datatype = DataType::BYTES;
    strings.io.outputs[0].datatype = DataType::BF16;
    EXPECT_TRUE(has(curl_script(strings), "head -c 16 /dev/zero"));
    EXPECT_TRUE(has(curl_script(strings), "--output answer.bin"));
}

TEST(CurlScript, IsRefusedWhereTheModelWantsMoreThanAnExampleMayHold)
{
    auto huge = api();
    huge.io.inputs[0].shape = {1'000'000, 1'000'000, 1'000'000, 1'000'000};
    EXPECT_EQ(curl_script(huge).error().kind, ledger::ErrorKind::full);
    EXPECT_TRUE(cpp_client(huge));
    EXPECT_TRUE(openapi_document(huge));
}

TEST(Clients, AreRefusedForWhatNoRequestCanName)
{
    const auto refused = [](const ModelApi& wrong) {
        for (const auto make : {openapi_document, curl_script, cpp_client, js_client}) {
            const auto made = make(wrong, {});
            EXPECT_TRUE(!made && made.error().kind == ledger::ErrorKind::invalid);
        }
    };
    auto wrong = api();
    wrong.io.inputs[0].name = "\xff";
    refused(wrong);
    wrong = api();
    wrong.io.outputs[0].name = std::string(1025, 'x');
    refused(wrong);
    wrong = api();
    wrong.io.outputs[0].shape = {-2};
    refused(wrong);
    wrong = api();
    wrong.io.inputs[0].shape.assign(9, 1);
    refused(wrong);
    wrong = api();
    wrong.io.inputs.assign(65, wrong.io.inputs[0]);
    refused(wrong);
    wrong = api();
    wrong.version = "1\n";
    refused(wrong);
    wrong = api();
    wrong.name.clear();
    refused(wrong);
}

TEST(Clients, SayThatAModelHasAPrice)
{
    auto priced = api();
    EXPECT_FALSE(has(cpp_client(priced), "has a price"));
    priced.price = "{}";
    for (const auto make : {curl_script, cpp_client, js_client})
        EXPECT_TRUE(has(make(priced, {}), "has a price"));
}

}  // namespace
}  // namespace inference
