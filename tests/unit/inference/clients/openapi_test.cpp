#include "inference/clients/clients.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace inference {
namespace {

using nlohmann::json;

const ModelApi digits{"digits",
                      "2",
                      "http://node:8700",
                      {{{"image", DataType::FP32, {-1, 4}}, {"on", DataType::BOOL, {}}},
                       {{"out", DataType::FP16, {1}}}},
                      R"({"min":"5"})",
                      true};

json document_of(const ModelApi& api, const ClientLimits& limits = {})
{
    const auto text = openapi_document(api, limits);
    EXPECT_TRUE(text) << text.error().detail;
    return json::parse(text ? *text : "{}");
}

TEST(OpenApi, DescribesInputsOutputsPriceAndAnswers)
{
    const auto document = document_of(digits);
    EXPECT_EQ(document["openapi"], "3.1.0");
    EXPECT_EQ(document["servers"], json::parse(R"([{"url":"http://node:8700"}])"));
    const auto& post = document["paths"]["/v2/models/digits/versions/2/infer"]["post"];
    EXPECT_TRUE(post["responses"].contains("402"));
    EXPECT_EQ(post["parameters"][1]["name"], "PAYMENT-SIGNATURE");
    EXPECT_EQ(document["x-millrace-price"]["min"], "5");
    EXPECT_EQ(document["x-millrace-unverified"], true);

    const auto& schemas = document["components"]["schemas"];
    EXPECT_EQ(schemas["ImageInput"]["properties"]["shape"]["prefixItems"],
              json::parse(R"([{"type":"integer","minimum":0},{"const":4}])"));
    EXPECT_EQ(schemas["ImageInput"]["properties"]["data"]["$ref"],
              "#/components/schemas/Data_FP32");
    EXPECT_FALSE(schemas["OutOutput"]["properties"].contains("data"));
    EXPECT_EQ(schemas["Request"]["properties"]["inputs"]["minItems"], 2);
}

TEST(OpenApi, NamesOnlySchemasThatAreThere)
{
    const auto document = document_of(digits);
    std::function<void(const json&)> walk = [&](const json& value) {
        if (value.is_object() && value.contains("$ref")) {
            const auto pointer = value["$ref"].get<std::string>().substr(1);
            EXPECT_TRUE(document.contains(json::json_pointer{pointer})) << pointer;
        }
        for (const auto& item : value)
            if (item.is_structured()) walk(item);
    };
    walk(document);
}

TEST(OpenApi, HasAnExampleOfTheRightShapeWhereOneIsShort)
{
    const auto body = [](const json& document, const char* path) {
        return document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
    };
    const auto* path = "/v2/models/digits/versions/2/infer";
    const auto example = body(document_of(digits), path)["example"];
    EXPECT_EQ(example["inputs"][0]["shape"], json({1, 4}));
    EXPECT_EQ(example["inputs"][0]["data"].size(), 4u);
    EXPECT_EQ(example["inputs"][1]["data"], json::array({false}));
    ClientLimits short_ones;
    short_ones.json_elements = 4;
    EXPECT_FALSE(body(document_of(digits, short_ones), path).contains("example"));
}

TEST(OpenApi, OfAFreeModelSaysNothingOfPayment)
{
    auto free = digits;
    free.price.clear();
    free.unverified = false;
    const auto text = document_of(free).dump();
    for (const auto* word : {"402", "PAYMENT", "x-millrace"})
        EXPECT_EQ(text.find(word), std::string::npos) << word;
}

TEST(OpenApi, KeepsHostileNamesInsideStrings)
{
    auto hostile = digits;
    hostile.name = "a/../{b}\"";
    hostile.io.inputs[0].name = "\"},\"x\":{\n</script>";
    const auto document = document_of(hostile);
    EXPECT_TRUE(document["paths"].contains("/v2/models/a%2F..%2F%7Bb%7D%22/versions/2/infer"));
    EXPECT_EQ(document["info"]["title"], hostile.name);
    EXPECT_EQ(document["components"]["schemas"]["XScriptInput"]["properties"]["name"]["const"],
              hostile.io.inputs[0].name);
}

}  // namespace
}  // namespace inference
