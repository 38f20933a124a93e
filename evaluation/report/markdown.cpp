#include "evaluation/report/report.hpp"
#include "ledger/base/hex.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evaluation {
namespace {

/// A cell of a table, whatever the text holds.
std::string cell(std::string_view text)
{
    std::string made;
    for (const auto letter : text) {
        if (static_cast<unsigned char>(letter) < 0x20)
            made += ' ';
        else if (std::string_view{"\\`*{}[]<>#|!&~$"}.find(letter) != std::string_view::npos)
            made += fmt::format("&#{};", static_cast<int>(letter));
        else
            made += letter;
    }
    return made;
}

std::string value_cell(double value)
{
    return fmt::format("{:.4f}", value);
}

std::string bounds_cell(const Measure& measure)
{
    if (!measure.interval) return "–";
    return fmt::format("{:.4f} to {:.4f}", measure.interval->low, measure.interval->high);
}

/// A row for each thing, a column for each measure of the first of them.
template <class Row, class Count, class Measures>
std::string wide_table(const std::vector<Row>& rows, const char* first, const char* second,
                       Count count, Measures measures)
{
    if (rows.empty()) return {};
    auto head = fmt::format("\n| {} | {} |", first, second);
    std::string line = "\n| --- | ---: |";
    std::vector<std::string> names;
    for (const auto& row : rows)
        for (const auto& measure : measures(row)) {
            if (std::find(names.begin(), names.end(), measure.name) != names.end()) continue;
            names.push_back(measure.name);
            head += " " + cell(measure.name) + " |";
            line += " ---: |";
        }
    auto made = head + line;
    for (const auto& row : rows) {
        made += fmt::format("\n| {} | {} |", row.name.empty() ? "–" : cell(row.name), count(row));
        for (const auto& name : names) {
            std::string shown = "–";
            for (const auto& measure : measures(row))
                if (measure.name == name)
                    shown = fmt::format("{:.4f} ({})", measure.measure.value,
                                        bounds_cell(measure.measure));
            made += " " + shown + " |";
        }
    }
    return made + "\n";
}

std::string pairs_table(const std::vector<PairedResult>& results)
{
    std::string made =
        "\n| | A | B | gain of B | 95 % bounds | p | verdict on B | not inferior by |\n"
        "| --- | ---: | ---: | ---: | --- | ---: | --- | --- |\n";
    for (const auto& result : results)
        made +=
            fmt::format("| {} | {:.4f} | {:.4f} | {:+.4f} | {} | {:.4g} ({}) | {} | {:.4g}: {} |\n",
                        cell(result.name), result.a, result.b, result.gain.value,
                        bounds_cell(result.gain), result.p, cell(result.test),
                        name_of(result.verdict), result.margin, name_of(result.non_inferiority));
    return made;
}

}  // namespace

std::string to_markdown(const Report& report)
{
    const auto& results = report.results;
    auto made = fmt::format(
        "# {} on {}\n\n- model `{}`\n- data `{}`, {} samples\n- {}, {}, {}\n- evaluator: {}\n",
        cell(report.model.file), cell(report.data),
        ledger::to_hex0x(report.model.content_id.view()),
        ledger::to_hex0x(report.model.dataset_root.view()), results.samples,
        cell(report.environment.program), cell(report.environment.engine),
        cell(report.environment.provider),
        report.evaluator.empty() ? "nobody signs for this" : cell(report.evaluator));
    made += fmt::format(
        "\n## {}\n\n| metric | value | 95 % bounds | n | method |\n"
        "| --- | ---: | --- | ---: | --- |\n",
        name_of(results.task));
    for (const auto& [name, measure] : results.metrics)
        made += fmt::format("| {} | {} | {} | {} | {} |\n", cell(name), value_cell(measure.value),
                            bounds_cell(measure), measure.n, cell(name_of(measure.method)));
    if (!results.classes.empty())
        made += "\n## By class\n" + wide_table(
                                        results.classes, "class", "support",
                                        [](const ClassResult& row) { return row.support; },
                                        [](const ClassResult& row) { return row.measures; });
    if (!results.slices.empty())
        made += "\n## By group\n" + wide_table(
                                        results.slices, "group", "samples",
                                        [](const SliceResult& row) { return row.samples; },
                                        [](const SliceResult& row) { return row.metrics; });
    if (!results.notes.empty()) made += "\n## Notes\n\n";
    for (const auto& note : results.notes) made += "- " + cell(note) + "\n";
    return made;
}

std::string to_markdown(const ComparisonReport& report)
{
    const auto& comparison = report.comparison;
    const auto model = [](const char* name, const MeasuredModel& of) {
        return fmt::format("- {}: {}, `{}`\n", name, cell(of.file),
                           ledger::to_hex0x(of.content_id.view()));
    };
    auto made = fmt::format("# B against A on {}: {}\n\n{}{}- {} samples\n", cell(report.data),
                            name_of(comparison.verdict()), model("A", report.a),
                            model("B", report.b), comparison.samples);
    if (comparison.counts)
        made += fmt::format("- right: both {}, only A {}, only B {}, neither {}\n",
                            comparison.counts->both, comparison.counts->only_a,
                            comparison.counts->only_b, comparison.counts->neither);
    made += pairs_table(comparison.results);
    for (const auto& slice : comparison.slices)
        made += fmt::format("\n## {} ({} samples)\n",
                            slice.name.empty() ? "no group" : cell(slice.name), slice.samples) +
                pairs_table(slice.results);
    return made;
}

}  // namespace evaluation
