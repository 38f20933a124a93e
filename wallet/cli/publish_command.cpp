#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/rules/text.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/cli/agreements.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_card.hpp"
#include "wallet/cli/model_names.hpp"
#include "wallet/cli/price_options.hpp"

#include <iostream>
#include <memory>
#include <sstream>

namespace wallet::cli {
namespace {

struct Options {
    std::string file, name, semver = "1.0.0", description, license, labels, card_file, host,
                            alias = "latest";
    std::string suite = "owner-reported", environment = "owner-reported";
    std::vector<std::string> metrics, parents;
    std::uint64_t samples = 0;
    std::uint32_t host_ppm = 100'000, min_derivative_bps = 0;
    PriceOptions price;
    bool remote = false;
};

std::vector<Metric> metrics_of(const Options& options)
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

/// MODEL@VER=BPS
market::Parent parent_of(const Session& session, const std::string& text)
{
    const auto at = text.rfind('@');
    const auto equals = text.rfind('=');
    if (at == std::string::npos || equals == std::string::npos || equals < at)
        fail(Fault::usage, "--parent is MODEL@VERSION=BPS, as in 0x.../digits@1=500");
    const auto ver = ledger::codec::parse_decimal(text.substr(at + 1, equals - at - 1));
    const auto bps = ledger::codec::parse_decimal(text.substr(equals + 1));
    if (!ver || *ver == 0 || *ver > 0xffffffffU || !bps || *bps > 10'000)
        fail(Fault::usage, "--parent is MODEL@VERSION=BPS, as in 0x.../digits@1=500");
    return {model_of(session, text.substr(0, at)),
            {static_cast<std::uint32_t>(*ver)},
            {static_cast<std::uint32_t>(*bps)}};
}

std::vector<std::string> labels_of(const std::string& text)
{
    std::vector<std::string> labels;
    std::stringstream in{text};
    for (std::string label; std::getline(in, label, ',');) labels.push_back(label);
    return labels;
}

void publish(Session& session, const Options& options)
{
    if (!market::valid_name(options.name))
        fail(Fault::usage, "a model's name is 1 to 64 of a-z 0-9 . _ -");
    const auto file = read_input(options.file, inference::ModelLimits{}.file_bytes);
    const auto summary = options.remote ? described(file) : must(inference::inspect_model(file));
    const auto owner = session.account();
    const auto network = session.network();
    CardFacts facts{options.name,
                    options.semver,
                    options.description,
                    options.license,
                    labels_of(options.labels),
                    metrics_of(options),
                    options.samples};
    const auto card = card_json(summary, facts);
    const auto sheet = options.price.sheet(*network);

    const auto model = market::model_id(owner.address, options.name);
    const auto line = session.record<market::Model>(model);
    const market::Version ver{line ? line->versions + 1 : 1};
    if (line && line->versions != 0) {
        const auto newest = session.record<market::VersionRecord>({model, {line->versions}});
        if (newest && newest->version.content_id.bytes == summary.content_id.bytes)
            fail(Fault::refused, "version " + std::to_string(line->versions) + " of " +
                                     options.name + " has exactly these weights already");
    }
    market::ModelVersion version;
    version.model = model;
    version.ver = ver;
    version.content_id = ledger::retag<market::ContentId>(summary.content_id);
    version.card_hash = json_hash(card);
    version.format = options.remote ? "remote" : "onnx";
    version.io_schema = json_hash(io_json(summary.io));
    version.price_sheet = sheet;
    version.license = options.license;
    version.min_derivative_bps = {options.min_derivative_bps};
    for (const auto& parent : options.parents)
        version.parents.push_back(parent_of(session, parent));

    const auto key = session.unlock(owner);
    auto steps = json::array();
    const auto send = [&](const market::Message& message) {
        const auto sent = session.send(message, owner, key);
        session.note(std::string{market::name_of(message)} + " in block " +
                     (sent.height ? std::to_string(sent.height->value) : "?"));
        auto step = to_json(sent);
        step["type"] = std::string{market::name_of(message)};
        steps.push_back(std::move(step));
    };
    if (!line)
        send(
            market::ModelRegister{options.name, json_hash({{"format", "millrace/model-line/v1"},
                                                           {"name", options.name},
                                                           {"description", options.description}})});
    send(version);
    for (const auto& metric : facts.metrics) {
        market::ModelEval evaluation;
        evaluation.model = model;
        evaluation.ver = ver;
        evaluation.suite_hash = json_hash(options.suite);
        evaluation.metric = metric.name;
        evaluation.value_ppm = metric.value_ppm;
        evaluation.n = options.samples;
        evaluation.env_hash = json_hash(options.environment);
        send(evaluation);
    }
    if (!options.alias.empty())
        send(market::ModelAlias{model, options.alias, {{ver, 1}}, "published " + options.semver});

    const auto card_file =
        options.card_file.empty() ? options.file + ".card.json" : options.card_file;
    write_output(card_file, ledger::codec::canonical_json(card));
    json document{{"model", ledger::to_hex0x(model.view())},
                  {"name", options.name},
                  {"owner", ledger::to_checksum(owner.address)},
                  {"ver", ver.value},
                  {"contentId", ledger::to_hex0x(summary.content_id.view())},
                  {"cardHash", ledger::to_hex0x(version.card_hash.view())},
                  {"cardFile", card_file},
                  {"agreementFile", nullptr}};
    if (!options.host.empty()) {
        const auto host = session.address_of(options.host);
        const market::HostingAgreement terms{
            model, ver, host, {options.host_ppm}, 0, next_serial(session, model, ver, host)};
        if (host == owner.address) {
            send(market::ModelHost{terms, {}});
        } else if (session.has_key(host)) {
            const auto other = session.unlock(must(session.keys().find(ledger::to_checksum(host))));
            send(market::ModelHost{terms, sign_agreement(*network, terms, other)});
        } else {
            const auto path = options.file + ".agreement.json";
            write_output(path, agreement_json(*network, terms, key).dump(2) + "\n");
            document["agreementFile"] = path;
            session.note("the host's key is not here: send it " + path +
                         ", to be accepted with: millrace model agree accept FILE");
        }
        document["payTo"] = ledger::to_checksum(market::split_address(model, ver, host));
        document["payToLine"] =
            ledger::to_checksum(market::split_address(model, market::model_line, host));
    }
    document["transactions"] = std::move(steps);
    session.show(document, [&] {
        std::cout << "published  " << options.name << " version " << ver.value << "\nmodel      "
                  << ledger::to_hex0x(model.view()) << "\ncontent    "
                  << ledger::to_hex0x(summary.content_id.view()) << "\ncard       " << card_file
                  << "\n";
    });
}

}  // namespace

void add_publish_command(CLI::App& model, Session& session)
{
    auto options = std::make_shared<Options>();
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
    options->price.add_to(*app);
    app->add_option("--license", options->license, "SPDX id or name")->required();
    app->add_option("--semver", options->semver, "a field of the card")->capture_default_str();
    app->add_option("--description", options->description, "a field of the card");
    app->add_option("--labels", options->labels, "of the classes, with commas between");
    app->add_option("--metric", options->metrics, "NAME=VALUE, measured by you; may be repeated");
    app->add_option("--n", options->samples, "samples that the metrics were measured on");
    app->add_option("--suite", options->suite, "what was run to measure; its hash is kept");
    app->add_option("--environment", options->environment, "where; its hash is kept");
    app->add_option("--parent", options->parents,
                    "MODEL@VERSION=BPS: a base model and its royalty");
    app->add_option("--min-derivative-bps", options->min_derivative_bps,
                    "least royalty of models made from this one")
        ->check(CLI::Range(0, 10'000));
    app->add_option("--alias", options->alias, "points at this version then; empty for none")
        ->capture_default_str();
    app->add_option("--host", options->host, "name or address of who serves it");
    app->add_option("--host-ppm", options->host_ppm, "the host's share of what is minted")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    app->add_option("--card", options->card_file, "where to write the card (FILE.card.json)");
    app->callback([=, &session] { publish(session, *options); });
}

}  // namespace wallet::cli
