#include "wallet/cli/version_words.hpp"

#include "ledger/codec/json.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/model_names.hpp"

#include <sstream>

namespace wallet::cli {
namespace {

/// What stands before and after the last `=`, the latter a number of at most `most`.
std::optional<std::pair<std::string, std::uint32_t>> split_number(const std::string& text,
                                                                  std::uint32_t most)
{
    const auto equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) return {};
    const auto number = ledger::codec::parse_decimal(text.substr(equals + 1));
    if (!number || *number > most) return {};
    return std::pair{text.substr(0, equals), static_cast<std::uint32_t>(*number)};
}

market::Parent parent_of(const Session& session, const std::string& text)
{
    const auto split = split_number(text, market::BasisPoints::whole);
    const auto at = split ? split->first.rfind('@') : std::string::npos;
    if (at == std::string::npos)
        fail(Fault::usage, "--parent is MODEL@VERSION=BPS, as in 0x.../digits@1=500, not " + text);
    const auto ver = ledger::codec::parse_decimal(split->first.substr(at + 1));
    if (!ver || *ver == 0 || *ver > 0xffffffffU)
        fail(Fault::usage, "--parent: " + text + " names no version from 1 on");
    return {model_of(session, split->first.substr(0, at)),
            {static_cast<std::uint32_t>(*ver)},
            {split->second}};
}

market::DatasetWeight dataset_weight_of(const Session& session, const std::string& text)
{
    const auto split = split_number(text, 0xffffffffU);
    if (!split || split->second == 0)
        fail(Fault::usage, "--dataset is DATASET=WEIGHT, as in 0x.../orchard=3, not " + text);
    return {dataset_of(session, split->first), split->second};
}

}  // namespace

std::vector<std::string> labels_of(const std::string& text)
{
    std::vector<std::string> labels;
    std::stringstream in{text};
    for (std::string label; std::getline(in, label, ',');) labels.push_back(label);
    return labels;
}

void VersionWords::add_to(CLI::App& app, const std::string& group)
{
    const auto add = [&](CLI::Option* option) {
        return group.empty() ? option : option->group(group);
    };
    price.add_to(app, group);
    add(app.add_option("--license", license, "SPDX id or name"));
    add(app.add_option("--semver", semver, "a field of the card"));
    add(app.add_option("--description", description, "a field of the card"));
    add(app.add_option("--parent", parents,
                       "MODEL@VERSION=BPS: a base model and its royalty; may be repeated"));
    add(app.add_option("--dataset", datasets,
                       "DATASET=WEIGHT: whose contributors earn by that weight; may be repeated"));
    add(app.add_option("--data-ppm", data_ppm,
                       "what all datasets get, in millionths of what royalties leave"))
        ->check(CLI::Range(0U, market::PartsPerMillion::whole));
    add(app.add_option("--min-derivative-bps", min_derivative_bps,
                       "least royalty of models made from this one"))
        ->check(CLI::Range(0U, market::BasisPoints::whole));
    add(app.add_option("--alias", alias, "points at this version then; empty for none"))
        ->capture_default_str();
    add(app.add_option("--host", host, "name or address of who serves it"));
    add(app.add_option("--host-ppm", host_ppm, "the host's share of what is minted"))
        ->check(CLI::Range(0U, market::PartsPerMillion::whole))
        ->capture_default_str();
    add(app.add_option("--card", card_file, "where to write the card (FILE.card.json)"));
}

market::ModelVersion VersionWords::terms(const Session& session) const
{
    market::ModelVersion version;
    if (!price.price.empty()) version.price_sheet = price.sheet(*session.network());
    version.license = license;
    version.min_derivative_bps = {min_derivative_bps.value_or(0)};
    for (const auto& parent : parents) version.parents.push_back(parent_of(session, parent));
    for (const auto& dataset : datasets)
        version.datasets.push_back(dataset_weight_of(session, dataset));
    version.data_ppm = {data_ppm.value_or(0)};
    return version;
}

}  // namespace wallet::cli
