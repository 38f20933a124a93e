#include "inference/architectures/new_model.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_card.hpp"
#include "wallet/cli/new_clusters.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

namespace wallet::cli {
namespace {

struct NewModelOptions {
    std::string file, kind, input, layers, channels;
    ClusterOptions clusters;
    inference::NewModelOptions model;
    bool force = false;
};

/// "1,28,28".
std::vector<std::int64_t> sizes_of(const std::string& text, const char* option)
{
    std::vector<std::int64_t> sizes;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, ',');) {
        const auto size = ledger::codec::parse_decimal(part);
        if (!size || *size == 0 || *size > INT32_MAX || sizes.size() == 256)
            fail(Fault::usage,
                 std::string{option} + " is sizes from 1 on, as 1,28,28, not " + text);
        sizes.push_back(static_cast<std::int64_t>(*size));
    }
    return sizes;
}

ledger::Bytes written(const NewModelOptions& options)
{
    const auto architecture = inference::architecture_named(options.kind);
    if (!architecture) fail(Fault::usage, "there is no kind " + options.kind);
    auto model = options.model;
    model.architecture = *architecture;
    model.input = sizes_of(options.input, "--input");
    if (model.input.empty())
        fail(Fault::usage, "--input is needed: the shape of one sample, as 1,28,28");
    model.layers = sizes_of(options.layers, "--layers");
    model.channels = sizes_of(options.channels, "--channels");
    return must(inference::write_new_model(model));
}

void print(const inference::ModelSummary& summary, const json& document)
{
    const auto specs = [](const char* what, const auto& all) {
        for (const auto& spec : all)
            std::cout << what << spec.name << " " << inference::name_of(spec.datatype) << " "
                      << inference::to_text(spec.shape) << "\n";
    };
    std::cout << "content     " << ledger::to_hex0x(summary.content_id.view()) << "\nparameters  "
              << summary.parameters << "\n";
    specs("input       ", summary.io.inputs);
    specs("output      ", summary.io.outputs);
    if (document.contains("silhouettes"))
        for (const auto& each : document["silhouettes"])
            std::cout << "silhouette  " << each["silhouette"].get<double>() << " with "
                      << each["clusters"] << " clusters\n";
    if (document.contains("clusters"))
        std::cout << "clusters    " << document["clusters"] << "\nradius      "
                  << document["radius"].get<double>() << "\n";
    std::cout << "written     " << document["file"].get<std::string>() << ", " << summary.file_bytes
              << " bytes\n";
}

void make_model(const Session& session, const NewModelOptions& options)
{
    std::error_code ignored;
    if (!options.force && std::filesystem::exists(options.file, ignored))
        fail(Fault::denied, options.file + " is there already; --force writes over it");
    if (options.kind != "kmeans" && !options.clusters.data.empty())
        fail(Fault::usage, "--data is for kmeans; other kinds are trained on theirs later");
    json document = json::object();
    auto clusters = options.clusters;
    clusters.input = sizes_of(options.input, "--input");
    clusters.seed = options.model.seed;
    const auto model =
        options.kind == "kmeans" ? cluster_model(clusters, document) : written(options);
    const auto summary = must(inference::inspect_model(model));
    write_output(options.file, ledger::as_text(model));
    document.update(summary_json(summary));
    document["file"] = options.file;
    document["kind"] = options.kind;
    session.show(document, [&] { print(summary, document); });
}

}  // namespace

void add_new_model_command(CLI::App& group, Session& session)
{
    auto options = std::make_shared<NewModelOptions>();
    auto& model = options->model;
    auto* app = group.add_subcommand("new", "Write a model that can be trained, or clusters");
    app->footer(
        "The first output, logits, is what training takes. The same options and seed give the "
        "same\n"
        "content id on every machine. kmeans looks at --data and needs no training.\n"
        "Examples: millrace model new --kind cnn --input 1,28,28 --outputs 10 digits.onnx\n"
        "          millrace model new --kind autoencoder --input 64 --layers 32,8 pump.onnx\n"
        "          millrace model new --kind kmeans --data rows.csv --clusters 2..10 heaps.onnx");
    app->add_option("OUT", options->file, "file to write")->required();
    app->add_option("--kind", options->kind,
                    "mlp, logistic, autoencoder, cnn, dscnn, transformer or kmeans")
        ->required()
        ->check(CLI::IsMember(
            {"mlp", "logistic", "autoencoder", "cnn", "dscnn", "transformer", "kmeans"}));
    app->add_option("--input", options->input,
                    "shape of one sample: 64, or 1,28,28 (channels first), or 50,12 (time first "
                    "for a transformer)");
    app->add_option("--outputs", model.outputs, "classes or numbers (10)");
    app->add_flag("--probabilities", model.probabilities,
                  "a second output, probabilities, beside the logits");
    app->add_option("--layers", options->layers, "sizes of hidden layers, as 200,200");
    app->add_option("--channels", options->channels, "of each convolution, as 16,32");
    app->add_option("--kernel", model.kernel, "side of a convolution, odd (3)");
    app->add_flag("--batch-norm", model.batch_normalisation, "after each convolution of a cnn");
    app->add_option("--width", model.width, "of a transformer (64)");
    app->add_option("--heads", model.heads, "of a transformer (4)");
    app->add_option("--blocks", model.blocks, "of a transformer (2)");
    app->add_option("--seed", model.seed, "what the first weights follow from (0)");
    app->add_option("--data", options->clusters.data,
                    "kmeans: file or folder of samples, as a trainer takes it");
    app->add_option("--clusters", options->clusters.count,
                    "kmeans: how many, or 2..10 to choose by the Silhouette (2..10)");
    app->add_option("--ignore", options->clusters.ignored,
                    "kmeans: a column of a CSV file that is no feature; may be repeated")
        ->allow_extra_args(false);
    app->add_option("--threshold", options->clusters.threshold,
                    "kmeans: adds the output anomaly, true beyond this distance; seen: beyond all "
                    "of the data");
    app->add_flag("--force", options->force, "write over a file that is there");
    app->callback([=, &session] { make_model(session, *options); });
}

}  // namespace wallet::cli
