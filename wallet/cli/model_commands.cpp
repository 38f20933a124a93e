#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/pricing.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_card.hpp"
#include "wallet/cli/model_names.hpp"
#include "wallet/cli/price_options.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

void inspect(const Session& session, const std::string& path)
{
    const auto file = read_input(path, inference::ModelLimits{}.file_bytes);
    const auto summary = must(inference::inspect_model(file));
    const auto document = summary_json(summary);
    session.show(document, [&] {
        const auto specs = [](const char* what, const auto& all) {
            for (const auto& spec : all)
                std::cout << what << spec.name << " " << inference::name_of(spec.datatype) << " "
                          << inference::to_text(spec.shape) << "\n";
        };
        std::cout << "content     " << ledger::to_hex0x(summary.content_id.view())
                  << "\nfile        " << summary.file_bytes << " bytes\nparameters  "
                  << summary.parameters << "\nopset       " << summary.opset << "\n";
        specs("input       ", summary.io.inputs);
        specs("output      ", summary.io.outputs);
        for (const auto& use : summary.operators)
            std::cout << "operator    " << use.op << " x " << use.nodes << "\n";
    });
}

void list_models(const Session& session)
{
    json document{{"models", json::array()}};
    std::string after;
    do {
        const auto page = must(session.client().get("/v1/models?limit=1000" + after));
        for (const auto& item : page["items"]) document["models"].push_back(item);
        const auto next = page.value("next", json{});
        after = next.is_string() ? "&after=" + next.get<std::string>() : "";
    } while (!after.empty() && document["models"].size() < 100'000);
    session.show(document, [&] {
        for (const auto& item : document["models"])
            std::cout << item["id"].get<std::string>() << "  " << item["owner"].get<std::string>()
                      << "  " << item["name"].get<std::string>() << "  versions "
                      << item["versions"] << "\n";
        if (document["models"].empty()) session.note("no model is registered");
    });
}

/// Writes the members of a record, as the state has it, over those that the node says.
void write_over(json& shown, const json& record)
{
    for (const auto& [name, value] : record.items()) shown[name] = value;
}

/// The model and its versions as the state has them, in the place of what the node says of these;
/// what else it says of them stays its word.
void show_proven(const Session& session, json& document, const market::ModelId& id)
{
    const auto proven = must(session.proofs().state(market::state_key<market::Model>(id)));
    if (!proven.value) fail(Fault::not_found, "there is no such model, as is proven");
    const auto model = must(ledger::codec::decode<market::Model>(*proven.value));
    write_over(document, ledger::codec::to_json(model));
    document["id"] = ledger::codec::to_json(id);
    document["proof"] = proof_json(proven.block);
    if (document["versionList"].size() != std::min(model.versions, 100u))
        fail(Fault::unverified, "the node leaves versions out, or adds some");
    for (auto& version : document["versionList"]) {
        const auto read = ledger::codec::from_json<market::Version>(version.value("ver", json{}));
        if (!read) fail(Fault::unverified, "the node shows a version without a number");
        const auto ver = *read;
        const auto found =
            must(session.proofs().state(market::state_key<market::VersionRecord>({id, ver})));
        if (!found.value)
            fail(Fault::unverified,
                 "the node shows version " + std::to_string(ver.value) + ", which does not exist");
        auto record = ledger::codec::to_json(
            must(ledger::codec::decode<market::VersionRecord>(*found.value)));
        const auto registered = record["version"];
        record.erase("version");
        record.erase("evaluations");  // a count there, a list here
        record.erase("prices");
        write_over(version, record);
        write_over(version, registered);
    }
    session.keep_checkpoint();
    session.note("verified: " + proof_text(proven.block) +
                 "; owner, cards, contents, licences and shares hold. Prices in force, metrics, "
                 "hosts and aliases are the node's word.");
}

void show_model(const Session& session, const std::string& text, bool verify)
{
    const auto id = model_of(session, text);
    const auto base = "/v1/models/" + ledger::to_hex0x(id.view());
    auto document = must(session.client().get(base));
    document["versionList"] = must(session.client().get(base + "/versions"))["items"];
    document["aliases"] = must(session.client().get(base + "/aliases"))["items"];
    document["verified"] = verify;
    if (verify) show_proven(session, document, id);
    session.show(document, [&] {
        std::cout << "model    " << document["id"].get<std::string>() << "\nname     "
                  << document["name"].get<std::string>() << "\nowner    "
                  << document["owner"].get<std::string>() << "\n";
        for (const auto& version : document["versionList"]) {
            const auto top = must(ledger::codec::from_json<ledger::Amount>(version["ceiling"]));
            std::cout << "version  " << version["ver"] << ", at most " << tokens(top) << " a call, "
                      << version["license"].get<std::string>()
                      << (version["yankedMs"] == 0 ? "" : ", yanked") << "\n         content "
                      << version["contentId"].get<std::string>() << "\n";
            for (const auto& record : version["evaluations"]) {
                const auto& evaluation = record["evaluation"];
                const auto value =
                    ledger::Amount::micros(evaluation["valuePpm"].get<std::uint64_t>());
                std::cout << "         " << evaluation["metric"].get<std::string>() << " "
                          << tokens(value) << " on " << evaluation["n"] << " samples, by "
                          << record["evaluator"].get<std::string>() << "\n";
            }
            for (const auto& host : version["hosts"])
                std::cout << "         host " << host["host"].get<std::string>() << " at "
                          << host["endpoint"].get<std::string>() << ", " << host["hostPpm"]
                          << " ppm\n";
        }
        for (const auto& alias : document["aliases"]) {
            std::cout << "alias    " << alias["name"].get<std::string>() << " ->";
            for (const auto& target : alias["targets"])
                std::cout << " " << target["ver"] << " (weight " << target["weight"] << ")";
            std::cout << "\n";
        }
    });
}

struct ModelOptions {
    std::string file, model, ver, name, reason;
    std::vector<std::string> targets;
    std::uint64_t from = 0;
    PriceOptions price;
    bool verify = false;
};

void change_price(Session& session, const ModelOptions& options)
{
    const auto network = session.network();
    const auto id = model_of(session, options.model);
    auto from = options.from;
    if (from == 0) {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch());
        from = static_cast<std::uint64_t>(now.count()) + network->params().price_notice_s + 60;
    }
    session.transact(market::ModelPrice{id, version_of(session, id, options.ver),
                                        options.price.sheet(*network), from},
                     "the new price holds from " + std::to_string(from) + " (Unix seconds)");
}

void set_alias(Session& session, const ModelOptions& options)
{
    market::ModelAlias alias{model_of(session, options.model), options.name, {}, options.reason};
    for (const auto& text : options.targets) {
        const auto equals = text.find('=');
        const auto ver = ledger::codec::parse_decimal(text.substr(0, equals));
        const auto weight = equals == std::string::npos
                                ? std::optional<std::uint64_t>{1}
                                : ledger::codec::parse_decimal(text.substr(equals + 1));
        if (!ver || !weight || *ver > 0xffffffffU || *weight > 0xffffffffU)
            fail(Fault::usage, "a target is VERSION or VERSION=WEIGHT, not " + text);
        alias.targets.push_back(
            {{static_cast<std::uint32_t>(*ver)}, static_cast<std::uint32_t>(*weight)});
    }
    session.transact(alias, "alias " + options.name + " set");
}

}  // namespace

void add_model_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("model", "Make, publish and look at models");
    group->require_subcommand(1);
    auto options = std::make_shared<ModelOptions>();
    constexpr const char* named = "NAME of yours, OWNER/NAME, or id";

    auto* look = group->add_subcommand("inspect", "What an ONNX file holds, and its content id");
    look->add_option("FILE", options->file)->required();
    look->callback([=, &session] { inspect(session, options->file); });

    add_new_model_command(*group, session);
    add_publish_command(*group, session);
    add_fetch_model_command(*group, session);

    group->add_subcommand("list", "Every registered model")->callback([&session] {
        list_models(session);
    });

    auto* one = group->add_subcommand("show", "Versions, prices, metrics, hosts and aliases");
    one->add_option("MODEL", options->model, named)->required();
    one->add_flag("--verify", options->verify,
                  "check the model and its versions against the trusted checkpoint");
    one->callback([=, &session] { show_model(session, options->model, options->verify); });

    auto* price = group->add_subcommand("price", "Announce a new price of a version");
    price->add_option("MODEL", options->model, named)->required();
    price->add_option("--ver", options->ver, "number or alias (latest)");
    price->add_option("--from", options->from, "Unix seconds; the earliest when left out");
    options->price.add_to(*price);
    price->get_option("--price")->required();
    price->callback([=, &session] { change_price(session, *options); });

    auto* alias = group->add_subcommand("alias", "Point a name at versions; no target removes it");
    alias->footer("Example, a canary: millrace model alias digits latest 1=9 2=1 --reason canary");
    alias->add_option("MODEL", options->model, named)->required();
    alias->add_option("ALIAS", options->name)->required();
    alias->add_option("TARGETS", options->targets, "VERSION or VERSION=WEIGHT, at most 8");
    alias->add_option("--reason", options->reason, "kept in the history");
    alias->callback([=, &session] { set_alias(session, *options); });

    auto* yank = group->add_subcommand("yank", "Take a version out of service");
    yank->add_option("MODEL", options->model, named)->required();
    yank->add_option("--ver", options->ver, "its number")->required();
    yank->add_option("--reason", options->reason, "shown to everybody")->required();
    yank->callback([=, &session] {
        session.confirm("A yank cannot be undone. Go on?");
        const auto id = model_of(session, options->model);
        session.transact(
            market::ModelYank{id, version_of(session, id, options->ver), options->reason},
            "yanked");
    });

    add_compare_command(*group, session);
    add_api_command(*group, session);
    add_agree_commands(*group, session);
}

}  // namespace wallet::cli
