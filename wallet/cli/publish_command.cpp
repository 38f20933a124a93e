#include "market/rules/text.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/publication.hpp"

#include <memory>

namespace wallet::cli {
namespace {

struct PublishOptions {
    std::string file, name, labels;
    std::string suite = "owner-reported", environment = "owner-reported";
    std::vector<std::string> metrics;
    std::uint64_t samples = 0;
    VersionWords words;
    bool remote = false;
};

std::vector<Metric> metrics_of(const PublishOptions& options)
{
    std::vector<Metric> metrics;
    for (const auto& text : options.metrics) {
        const auto equals = text.find('=');
        const auto value =
            equals == std::string::npos ? std::nullopt : parse_millionths(text.substr(equals + 1));
        if (!value || equals == 0 || equals > market::TextLimits::metric)
            fail(Fault::usage, "--metric is NAME=VALUE, as in accuracy=0.98, not " + text);
        metrics.push_back({text.substr(0, equals), *value});
    }
    if (!metrics.empty() && options.samples == 0)
        fail(Fault::usage, "a metric wants its number of samples: --n N");
    return metrics;
}

void publish(Session& session, const PublishOptions& options)
{
    const auto file = read_input(options.file, inference::ModelLimits{}.file_bytes);
    const auto summary = options.remote ? described(file) : must(inference::inspect_model(file));
    const auto& words = options.words;
    const CardFacts facts{options.name,
                          words.semver.empty() ? "1.0.0" : words.semver,
                          words.description,
                          words.license,
                          labels_of(options.labels),
                          metrics_of(options),
                          options.samples};
    Publication made;
    made.name = options.name;
    made.card = card_json(summary, facts);
    made.card_file = words.card_file.empty() ? options.file + ".card.json" : words.card_file;
    made.description = words.description;
    made.version = words.terms(session);
    made.version.content_id = ledger::retag<market::ContentId>(summary.content_id);
    made.version.format = options.remote ? "remote" : "onnx";
    made.version.io_schema = json_hash(io_json(summary.io));
    for (const auto& metric : facts.metrics) {
        market::ModelEval evaluation;
        evaluation.suite_hash = json_hash(options.suite);
        evaluation.metric = metric.name;
        evaluation.value_ppm = metric.value_ppm;
        evaluation.n = options.samples;
        evaluation.env_hash = json_hash(options.environment);
        made.evaluations.push_back(evaluation);
    }
    made.alias = words.alias;
    made.alias_reason = "published " + facts.semver;
    made.host = words.host;
    made.host_ppm = words.host_ppm;
    made.agreement_file = options.file + ".agreement.json";
    const auto document = cli::publish(session, made);
    session.show(document, [&] { print_published(document); });
}

}  // namespace

void add_publish_command(CLI::App& model, Session& session)
{
    auto options = std::make_shared<PublishOptions>();
    auto* app = model.add_subcommand("publish", "Register the next version of a model");
    app->footer(
        "Registers the line when it is new, adds the version with the id of its weights, reports\n"
        "the metrics, points the alias at it, and agrees with the host when its key is here.\n"
        "Example: millrace --account owner model publish digits.onnx --name digits --price 0.001 "
        "\\\n"
        "           --license MIT --metric accuracy=0.98 --n 2000 --host host --host-ppm 100000");
    app->add_option("FILE", options->file,
                    "the ONNX file, or with --remote the JSON file that describes the model")
        ->required();
    app->add_flag("--remote", options->remote,
                  "FILE describes, in JSON, a model that another server runs: unverified");
    app->add_option("--name", options->name, "of the model's line; yours alone")->required();
    options->words.add_to(*app);
    app->get_option("--price")->required();
    app->get_option("--license")->required();
    app->add_option("--labels", options->labels, "of the classes, with commas between");
    app->add_option("--metric", options->metrics, "NAME=VALUE, measured by you; may be repeated");
    app->add_option("--n", options->samples, "samples that the metrics were measured on");
    app->add_option("--suite", options->suite, "what was run to measure; its hash is kept");
    app->add_option("--environment", options->environment, "where; its hash is kept");
    app->callback([=, &session] { publish(session, *options); });
}

}  // namespace wallet::cli
