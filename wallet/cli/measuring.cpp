#include "wallet/cli/measuring.hpp"

#include "wallet/cli/progress.hpp"

namespace wallet::cli {

void Measuring::add_to(CLI::App& app)
{
    data_.add_to(app);
    app.add_option("--task", task_, "instead of what data and model tell")
        ->check(CLI::IsMember({"classification", "regression", "clustering", "detection"}));
    app.add_option("--output", output_, "of the model, where not the first that fits answers");
    app.add_option("--scores", scores_, "what the output holds; told from the first batch")
        ->check(CLI::IsMember({"probabilities", "logits"}));
    app.add_flag("--slice", by_slice_, "also for each group of samples");
    app.add_option("--batch", batch_, "samples of a run, where the model leaves it open")
        ->check(CLI::Range(1, 65'536))
        ->capture_default_str();
    app.add_option("--seed", seed_, "of resamples, and of samples where not all can be kept")
        ->capture_default_str();
    app.add_option("--threads", engine_.threads, "of a run (0: as many as processors)")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--engine", engine_.library, "path of libonnxruntime.so, instead of ours");
    app.add_option("--report", report_file_, "write the report here, as JSON");
    app.add_option("--markdown", markdown_file_, "write its tables here");
}

evaluation::Answers Measuring::collect(const LocalModel& model) const
{
    const auto source = data_.open(model.io());
    ProgressBar bar{model.name(), source->size(), ProgressBar::Counted::samples};
    evaluation::CollectOptions options;
    if (!task_.empty()) options.plan.task = evaluation::task_named(task_);
    options.plan.output = output_;
    if (scores_ == "logits") options.plan.scores = evaluation::ScoreKind::logits;
    if (scores_ == "probabilities") options.plan.scores = evaluation::ScoreKind::probabilities;
    options.batch = batch_;
    options.seed = seed_;
    options.progress = bar.teller();
    auto answers = must(evaluation::collect(*source, model.io(), model.infer(), options));
    if (by_slice_ && answers.slice_names.empty())
        fail(Fault::usage, "--slice, but the data name no groups");
    return answers;
}

evaluation::Settings Measuring::settings(const evaluation::Answers& answers) const
{
    evaluation::Settings made;
    made.seed = seed_;
    made.by_slice = by_slice_;
    if (answers.has_probabilities)
        made.scores = answers.scores == evaluation::ScoreKind::logits ? "logits" : "probabilities";
    return made;
}

void Measuring::write(const json& report, const std::string& markdown) const
{
    if (!report_file_.empty()) write_output(report_file_, evaluation::canonical_text(report));
    if (!markdown_file_.empty()) write_output(markdown_file_, markdown);
}

}  // namespace wallet::cli
