#include "wallet/cli/rental/holdout.hpp"

#include "evaluation/run/collect.hpp"
#include "wallet/cli/progress.hpp"

#include <filesystem>

namespace wallet::cli {

Measured measured(const std::string& model, const samples::SampleArguments& holdout)
{
    const LocalModel local{model, {}};
    const auto source = must(samples::open_samples(samples::open_options(holdout), local.io()));
    ProgressBar bar{local.name(), source->size(), ProgressBar::Counted::samples};
    evaluation::CollectOptions options;
    options.progress = bar.teller();
    Measured made;
    made.answers = must(evaluation::collect(*source, local.io(), local.infer(), options));
    auto& report = made.report;
    report.model = {local.name(), local.content_id(), made.answers.dataset_root};
    report.data = std::filesystem::path{holdout.path}.filename().string();
    report.environment = local.environment();
    report.settings.seed = options.seed;
    if (made.answers.has_probabilities)
        report.settings.scores =
            made.answers.scores == evaluation::ScoreKind::logits ? "logits" : "probabilities";
    report.results = evaluation::measure(made.answers, {});
    return made;
}

json metrics_json(const evaluation::Report& report)
{
    auto all = json::object();
    for (const auto& [name, measure] : report.results.metrics) {
        all[name] = {{"value", measure.value}, {"n", measure.n}};
        if (measure.interval) all[name]["bounds"] = {measure.interval->low, measure.interval->high};
    }
    return all;
}

Gain gain_of(const Measured& before, const Measured& after)
{
    const auto comparison = must(evaluation::compare(before.answers, after.answers, {}));
    const auto& first = comparison.results.front();
    return {first.name, first.a, first.b, first.verdict, first.p};
}

json gain_json(const Gain& gain)
{
    return {{"metric", gain.metric},
            {"before", gain.before},
            {"after", gain.after},
            {"verdict", evaluation::name_of(gain.verdict)},
            {"p", gain.p}};
}

}  // namespace wallet::cli
