#include "evaluation/report/report.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"

#include <cmath>

namespace evaluation {

using nlohmann::json;
namespace {

constexpr std::size_t most_written = 256;  ///< of a matrix that is written out

json number(double value)
{
    return std::isfinite(value) ? json(value) : json(nullptr);
}

json measure_json(const Measure& measure)
{
    json made{{"value", number(measure.value)},
              {"n", measure.n},
              {"low", nullptr},
              {"high", nullptr},
              {"method", name_of(measure.method)}};
    if (!measure.interval) return made;
    made["low"] = number(measure.interval->low);
    made["high"] = number(measure.interval->high);
    return made;
}

json measures_json(const std::vector<NamedMeasure>& measures)
{
    auto list = json::array();
    for (const auto& [name, measure] : measures) {
        auto row = measure_json(measure);
        row["name"] = name;
        list.push_back(std::move(row));
    }
    return list;
}

json confusion_json(const Results& results)
{
    if (!results.confusion || results.class_names.size() > most_written) return nullptr;
    const auto& matrix = *results.confusion;
    auto rows = json::array();
    for (std::size_t i = 0; i < matrix.classes(); ++i) {
        auto row = json::array();
        for (std::size_t j = 0; j < matrix.classes(); ++j) row.push_back(matrix.at(i, j));
        rows.push_back(std::move(row));
    }
    return {{"classes", results.class_names}, {"counts", std::move(rows)}};
}

json reliability_json(const Results& results)
{
    if (!results.reliability) return nullptr;
    auto bins = json::array();
    for (std::size_t i = 0; i < reliability_bins; ++i) {
        const auto& bin = (*results.reliability)[i];
        json row{{"above", real(i) / real(reliability_bins)},
                 {"upTo", real(i + 1) / real(reliability_bins)},
                 {"n", bin.n},
                 {"right", bin.right},
                 {"meanConfidence", nullptr}};
        if (bin.n > 0) row["meanConfidence"] = bin.confidence / real(bin.n);
        bins.push_back(std::move(row));
    }
    return bins;
}

json curves_json(const Results& results)
{
    auto curves = json::array();
    for (const auto& curve : results.curves) {
        auto points = json::array();
        for (const auto& point : curve.points)
            points.push_back({point.false_positives, point.true_positives});
        curves.push_back({{"class", curve.name}, {"points", std::move(points)}});
    }
    return curves;
}

json model_json(const MeasuredModel& model)
{
    return {{"file", model.file}, {"contentId", ledger::to_hex0x(model.content_id.view())}};
}

json environment_json(const Environment& environment)
{
    return {{"program", environment.program},
            {"engine", environment.engine},
            {"provider", environment.provider}};
}

json settings_json(const Settings& settings)
{
    json made{{"seed", settings.seed},
              {"bySlice", settings.by_slice},
              {"confidenceLevel", confidence_level}};
    if (!settings.top_k.empty()) made["topK"] = settings.top_k;
    if (!settings.scores.empty()) made["scores"] = settings.scores;
    if (settings.margin) made["margin"] = *settings.margin;
    return made;
}

json pairs_json(const std::vector<PairedResult>& results)
{
    auto list = json::array();
    for (const auto& result : results)
        list.push_back({{"name", result.name},
                        {"a", number(result.a)},
                        {"b", number(result.b)},
                        {"gain", measure_json(result.gain)},
                        {"test", result.test},
                        {"p", number(result.p)},
                        {"midP", result.mid_p ? number(*result.mid_p) : json(nullptr)},
                        {"verdict", name_of(result.verdict)},
                        {"margin", number(result.margin)},
                        {"nonInferiority", name_of(result.non_inferiority)}});
    return list;
}

/// Whatever names held, the document is UTF-8 from here on.
json cleaned(const json& document)
{
    return json::parse(canonical_text(document));
}

}  // namespace

json to_json(const Report& report)
{
    const auto& results = report.results;
    auto classes = json::array(), slices = json::array();
    for (const auto& row : results.classes)
        classes.push_back({{"name", row.name},
                           {"support", row.support},
                           {"measures", measures_json(row.measures)}});
    for (const auto& slice : results.slices)
        slices.push_back({{"name", slice.name},
                          {"samples", slice.samples},
                          {"metrics", measures_json(slice.metrics)}});
    json document{{"format", "millrace/evaluation/v1"},
                  {"model", model_json(report.model)},
                  {"dataset",
                   {{"name", report.data},
                    {"root", ledger::to_hex0x(report.model.dataset_root.view())},
                    {"samples", results.samples}}},
                  {"evaluator", report.evaluator.empty() ? json(nullptr) : json(report.evaluator)},
                  {"environment", environment_json(report.environment)},
                  {"settings", settings_json(report.settings)},
                  {"task", name_of(results.task)},
                  {"metrics", measures_json(results.metrics)},
                  {"classes", std::move(classes)},
                  {"slices", std::move(slices)},
                  {"confusion", confusion_json(results)},
                  {"reliability", reliability_json(results)},
                  {"curves", curves_json(results)},
                  {"notes", results.notes}};
    return cleaned(document);
}

json to_json(const ComparisonReport& report)
{
    const auto& comparison = report.comparison;
    auto slices = json::array();
    for (const auto& slice : comparison.slices)
        slices.push_back({{"name", slice.name},
                          {"samples", slice.samples},
                          {"results", pairs_json(slice.results)}});
    auto a = model_json(report.a), b = model_json(report.b);
    a["datasetRoot"] = ledger::to_hex0x(report.a.dataset_root.view());
    b["datasetRoot"] = ledger::to_hex0x(report.b.dataset_root.view());
    json document{{"format", "millrace/comparison/v1"},
                  {"a", std::move(a)},
                  {"b", std::move(b)},
                  {"dataset", {{"name", report.data}, {"samples", comparison.samples}}},
                  {"environment", environment_json(report.environment)},
                  {"settings", settings_json(report.settings)},
                  {"task", name_of(comparison.task)},
                  {"verdict", name_of(comparison.verdict())},
                  {"counts", nullptr},
                  {"results", pairs_json(comparison.results)},
                  {"slices", std::move(slices)}};
    if (comparison.counts)
        document["counts"] = {{"both", comparison.counts->both},
                              {"onlyA", comparison.counts->only_a},
                              {"onlyB", comparison.counts->only_b},
                              {"neither", comparison.counts->neither}};
    return cleaned(document);
}

std::string canonical_text(const json& report)
{
    return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

ledger::Hash hash_of(const json& report)
{
    return ledger::sha256(ledger::as_bytes(canonical_text(report)));
}

json suite_of(const Report& report)
{
    return {{"format", "millrace/evaluation-suite/v1"},
            {"datasetRoot", ledger::to_hex0x(report.model.dataset_root.view())},
            {"samples", report.results.samples},
            {"task", name_of(report.results.task)},
            {"settings", settings_json(report.settings)}};
}

}  // namespace evaluation
