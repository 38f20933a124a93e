#include "evaluation/results/compare.hpp"
#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/measuring.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct CompareOptions {
    std::string a, b;
    evaluation::VerdictRules rules;
    Measuring measuring;
};

void print(const std::vector<evaluation::PairedResult>& results)
{
    for (const auto& result : results) {
        std::cout << fmt::format("{:<12} A {:.4f}  B {:.4f}  gain {:+.4f}", result.name, result.a,
                                 result.b, result.gain.value);
        if (const auto& bounds = result.gain.interval)
            std::cout << fmt::format(" ({:+.4f} to {:+.4f})", bounds->low, bounds->high);
        std::cout << fmt::format("  p {:.4g} ({})\n{:<12} B: {}; not inferior by {:.4g}: {}\n",
                                 result.p, result.test, "", evaluation::name_of(result.verdict),
                                 result.margin, evaluation::name_of(result.non_inferiority));
    }
}

void print(const evaluation::ComparisonReport& report)
{
    const auto& comparison = report.comparison;
    const auto model = [](const char* name, const evaluation::MeasuredModel& of) {
        std::cout << name << "        " << of.file << "  " << ledger::to_hex0x(of.content_id.view())
                  << "\n";
    };
    model("A", report.a);
    model("B", report.b);
    std::cout << "samples  " << comparison.samples << "\n";
    if (const auto& counts = comparison.counts)
        std::cout << "right    both " << counts->both << ", only A " << counts->only_a
                  << ", only B " << counts->only_b << ", neither " << counts->neither << "\n";
    print(comparison.results);
    for (const auto& slice : comparison.slices) {
        std::cout << "\n"
                  << (slice.name.empty() ? "(no group)" : slice.name) << ", " << slice.samples
                  << " samples\n";
        print(slice.results);
    }
}

void compare(const Session& session, const CompareOptions& options)
{
    const auto a = options.measuring.load(options.a), b = options.measuring.load(options.b);
    const auto of_a = options.measuring.collect(a), of_b = options.measuring.collect(b);
    const evaluation::CompareOptions how{options.rules, options.measuring.bootstrap(),
                                         options.measuring.by_slice()};
    evaluation::ComparisonReport report;
    report.a = {a.name(), a.content_id(), of_a.dataset_root};
    report.b = {b.name(), b.content_id(), of_b.dataset_root};
    report.data = options.measuring.data_name();
    report.environment = a.environment();
    report.settings = options.measuring.settings(of_a);
    report.settings.margin = options.rules.margin;
    report.comparison = must(evaluation::compare(of_a, of_b, how));
    const auto document = evaluation::to_json(report);
    options.measuring.write(document, evaluation::to_markdown(report));
    session.show(document, [&] { print(report); });
}

}  // namespace

void add_compare_command(CLI::App& model, Session& session)
{
    auto options = std::make_shared<CompareOptions>();
    auto* app = model.add_subcommand("compare", "Which of two models is better, by a paired test");
    app->footer(
        "Runs both files on the same samples, on this machine, and asks no node. Says whether B "
        "is\n"
        "better or worse than A, whether no difference is shown, or whether the data are not\n"
        "enough, and whether B loses at most the margin.\n"
        "Example: millrace model compare old.onnx new.onnx --data holdout.csv --slice");
    app->add_option("A", options->a, "the ONNX file that is compared with")->required();
    app->add_option("B", options->b, "the one that is judged")->required();
    options->measuring.add_to(*app);
    app->add_option("--margin", options->rules.margin,
                    "a loss that can be borne: of accuracy, or as a share of an error")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app->callback([=, &session] { compare(session, *options); });
}

}  // namespace wallet::cli
