#include "evaluation/report/report.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evaluation {
namespace {

Report report(const std::string& name = "ant")
{
    Report made;
    made.model.file = "insects.onnx";
    made.model.content_id.bytes[0] = 0xab;
    made.model.dataset_root.bytes[31] = 1;
    made.data = "test.csv";
    made.environment = {"millrace 0.1.0", "ONNX Runtime 1.21.0", "cpu"};
    made.settings.top_k = {5};
    made.settings.scores = "logits";
    auto& results = made.results;
    results.samples = 3;
    results.metrics = {{"accuracy", {0.1, 3, Interval{0, 0.7}, Method::clopper_pearson}},
                       {"log_loss", {0.3, 1, {}, Method::none}}};
    results.classes = {{name, 2, {{"f1", {0.5, 2, Interval{0.1, 0.9}, Method::overlap}}}},
                       {"bee", 1, {{"f1", {1, 1, Interval{0.2, 1}, Method::overlap}}}}};
    ConfusionMatrix matrix{2};
    matrix.add(0, 0);
    matrix.add(0, 1);
    matrix.add(1, 1);
    results.confusion = matrix;
    results.class_names = {name, "bee"};
    results.reliability = Reliability{};
    (*results.reliability)[14] = {3, 2, 2.9};
    results.curves = {{"bee", {{0, 0}, {0.5, 1}, {1, 1}}}};
    results.slices = {{name, 3, {results.metrics[0]}}};
    results.notes = {"2 < 3"};
    return made;
}

TEST(Report, JsonHoldsWhatWasMeasuredAndOfWhat)
{
    const auto document = to_json(report());
    EXPECT_EQ(document["format"], "millrace/evaluation/v1");
    EXPECT_EQ(document["model"]["contentId"], "0xab" + std::string(62, '0'));
    EXPECT_EQ(document["dataset"]["root"], "0x" + std::string(62, '0') + "01");
    EXPECT_EQ(document["metrics"][0]["name"], "accuracy");
    EXPECT_EQ(document["metrics"][0]["value"], 0.1);
    EXPECT_EQ(document["metrics"][0]["high"], 0.7);
    EXPECT_TRUE(document["metrics"][1]["low"].is_null());
    EXPECT_EQ(document["confusion"]["counts"], (nlohmann::json{{1, 1}, {0, 1}}));
    EXPECT_EQ(document["reliability"][14]["right"], 2);
    EXPECT_TRUE(document["reliability"][0]["meanConfidence"].is_null());
    EXPECT_EQ(document["curves"][0]["points"][1][0], 0.5);
    EXPECT_TRUE(document["evaluator"].is_null());
}

TEST(Report, TextIsCanonicalAndItsHashIsThatOfTheText)
{
    const auto document = to_json(report());
    const auto text = canonical_text(document);
    EXPECT_EQ(text.substr(0, 34), R"({"classes":[{"measures":[{"high":0)");
    EXPECT_EQ(canonical_text(nlohmann::json::parse(text)), text);
    EXPECT_EQ(hash_of(document), ledger::sha256(ledger::as_bytes(text)));
    EXPECT_NE(text.find(R"("value":0.1})"), std::string::npos);
}

TEST(Report, NumbersThatAreNoneAreNull)
{
    auto made = report();
    made.results.metrics[0].measure.value = std::numeric_limits<double>::infinity();
    EXPECT_TRUE(to_json(made)["metrics"][0]["value"].is_null());
}

TEST(Report, NamesThatAreNoUtf8AreReplaced)
{
    const auto document = to_json(report("\xff\xfe"));
    EXPECT_EQ(document["classes"][0]["name"], "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_NO_THROW(document.dump());
}

TEST(Report, TheSuiteIsTheSameForOtherResultsAndEvaluators)
{
    auto other = report();
    other.model.content_id = {};
    other.evaluator = "0x1";
    other.environment.engine = "another";
    other.results.metrics.clear();
    EXPECT_EQ(suite_of(other), suite_of(report()));
    other.settings.seed = 2;
    EXPECT_NE(suite_of(other), suite_of(report()));
}

TEST(Report, MarkdownHasATableOfEach)
{
    const auto text = to_markdown(report());
    EXPECT_NE(text.find("| accuracy | 0.1000 | 0.0000 to 0.7000 | 3 | clopper_pearson |"),
              std::string::npos);
    EXPECT_NE(text.find("| log_loss | 0.3000 | – | 1 | none |"), std::string::npos);
    EXPECT_NE(text.find("| ant | 2 | 0.5000 (0.1000 to 0.9000) |"), std::string::npos);
    EXPECT_NE(text.find("## By group"), std::string::npos);
    EXPECT_NE(text.find("- 2 &#60; 3"), std::string::npos);
}

TEST(Report, NamesDoNotBreakOutOfTables)
{
    const auto text = to_markdown(report("a | b\n# <b>`x`</b>[l](j)"));
    EXPECT_EQ(text.find("<b>"), std::string::npos);
    EXPECT_EQ(text.find("\n# <"), std::string::npos);
    EXPECT_NE(text.find("a &#124; b &#35; &#60;b&#62;"), std::string::npos);
}

TEST(Report, PictureHasItsParts)
{
    const auto text = to_svg(report());
    EXPECT_EQ(text.substr(0, 5), "<svg ");
    for (const auto* part : {"Metrics", "Label (rows)", "Share right", "ROC, each", "By group"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
    EXPECT_EQ(text.find("href"), std::string::npos);
}

TEST(Report, NamesDoNotBreakOutOfThePicture)
{
    const auto text = to_svg(report("<script>alert(1)</script>\"'&"));
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_NE(text.find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"),
              std::string::npos);
}

TEST(Report, ComparisonSaysWhichIsBetter)
{
    ComparisonReport made;
    made.a.file = "old.onnx";
    made.b.file = "new.onnx";
    made.data = "test.csv";
    made.comparison.samples = 100;
    made.comparison.counts = PairedCounts{70, 5, 15, 10};
    made.comparison.results = {{"accuracy", 0.75, 0.85, accuracy_gain({70, 5, 15, 10}), "mcnemar",
                                0.0414, 0.0266, Verdict::better, 0.01, NonInferiority::shown}};
    const auto document = to_json(made);
    EXPECT_EQ(document["verdict"], "better");
    EXPECT_EQ(document["counts"]["onlyB"], 15);
    EXPECT_EQ(document["results"][0]["gain"]["method"], "newcombe");
    EXPECT_EQ(document["results"][0]["midP"], 0.0266);
    const auto text = to_markdown(made);
    EXPECT_NE(text.find("# B against A on test.csv: better"), std::string::npos);
    EXPECT_NE(text.find("| accuracy | 0.7500 | 0.8500 | +0.1000 | 0.0115 to 0.1892 |"),
              std::string::npos);
}

}  // namespace
}  // namespace evaluation
