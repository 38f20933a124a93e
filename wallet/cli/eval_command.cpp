#include "evaluation/results/results.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/evaluations.hpp"
#include "wallet/cli/measuring.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct EvalOptions {
    std::string model, version, dataset, svg_file;
    std::vector<std::uint32_t> top_k{5};
    Measuring measuring;
};

void print(const evaluation::Report& report)
{
    const auto row = [](const evaluation::NamedMeasure& named) {
        const auto& [name, measure] = named;
        const auto bounds =
            measure.interval
                ? fmt::format("{:.4f} to {:.4f}", measure.interval->low, measure.interval->high)
                : std::string{"-"};
        std::cout << fmt::format("{:<20} {:>10.4f}  {:<20} n {}\n", name, measure.value, bounds,
                                 measure.n);
    };
    const auto& results = report.results;
    std::cout << "model    " << ledger::to_hex0x(report.model.content_id.view()) << "\ndata     "
              << ledger::to_hex0x(report.model.dataset_root.view()) << ", " << results.samples
              << " samples\ntask     " << evaluation::name_of(results.task) << "\n";
    for (const auto& metric : results.metrics) row(metric);
    for (const auto& slice : results.slices) {
        std::cout << "\n"
                  << (slice.name.empty() ? "(no group)" : slice.name) << ", " << slice.samples
                  << " samples\n";
        for (const auto& metric : slice.metrics) row(metric);
    }
    for (const auto& note : results.notes) std::cout << "\n" << note << "\n";
}

void evaluate(Session& session, const EvalOptions& options)
{
    const auto model = options.measuring.load(options.model);
    std::optional<EvaluationTarget> target;
    if (!options.version.empty())
        target.emplace(session, options.version, model.content_id(), options.dataset);

    const auto answers = options.measuring.collect(model);
    evaluation::MeasureOptions how;
    how.top_k = options.top_k;
    how.by_slice = options.measuring.by_slice();
    how.bootstrap = options.measuring.bootstrap();
    evaluation::Report report;
    report.model = {model.name(), model.content_id(), answers.dataset_root};
    report.data = options.measuring.data_name();
    if (target) report.evaluator = ledger::to_checksum(target->evaluator());
    report.environment = model.environment();
    report.settings = options.measuring.settings(answers);
    if (answers.has_probabilities) report.settings.top_k = options.top_k;
    report.results = evaluation::measure(answers, how);

    const auto document = evaluation::to_json(report);
    options.measuring.write(document, evaluation::to_markdown(report));
    if (!options.svg_file.empty()) write_output(options.svg_file, evaluation::to_svg(report));
    json shown{
        {"report", document},
        {"reportHash", ledger::to_hex0x(evaluation::hash_of(document).view())},
        {"suiteHash", ledger::to_hex0x(evaluation::hash_of(evaluation::suite_of(report)).view())},
        {"registered", nullptr}};
    if (target) shown["registered"] = target->send(report);
    session.show(shown, [&] { print(report); });
}

}  // namespace

void add_eval_command(CLI::App& app, Session& session)
{
    auto options = std::make_shared<EvalOptions>();
    auto* group = app.add_subcommand("eval", "Measure a model on samples, with bounds");
    group->footer(
        "Runs the file on this machine and asks no node, unless the results are registered.\n"
        "Example: millrace eval digits.onnx --data t10k-images-idx3-ubyte --slice \\\n"
        "           --report digits.json --svg digits.svg --register digits@2\n"
        "Bounds hold with 95 % confidence; docs/evaluation.md says how each is made.");
    group->add_option("MODEL", options->model, "the ONNX file")->required();
    options->measuring.add_to(*group);
    group->add_option("--top", options->top_k, "also the share among the best K classes")
        ->delimiter(',')
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    group->add_option("--svg", options->svg_file, "write a picture here");
    group->add_option("--register", options->version,
                      "sign the metrics and put them on the ledger for NAME@VERSION, whose content "
                      "must be this file's");
    group->add_option("--dataset", options->dataset,
                      "with --register: the data, where they are on the ledger");
    group->callback([=, &session] { evaluate(session, *options); });
}

}  // namespace wallet::cli
