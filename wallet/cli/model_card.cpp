#include "wallet/cli/model_card.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/cli/model_metadata.hpp"
#include "wallet/cli/session.hpp"

namespace wallet::cli {

using nlohmann::json;

json io_json(const inference::ModelIo& io)
{
    const auto all = [](const std::vector<inference::TensorSpec>& specs) {
        auto list = json::array();
        for (const auto& spec : specs)
            list.push_back({{"name", spec.name},
                            {"datatype", inference::name_of(spec.datatype)},
                            {"shape", spec.shape}});
        return list;
    };
    return {{"inputs", all(io.inputs)}, {"outputs", all(io.outputs)}};
}

json summary_json(const inference::ModelSummary& summary)
{
    auto operators = json::array();
    for (const auto& use : summary.operators) {
        auto types = json::array();
        for (const auto type : use.types) types.push_back(inference::name_of(type));
        operators.push_back({{"domain", use.domain},
                             {"op", use.op},
                             {"since", use.since},
                             {"types", std::move(types)},
                             {"nodes", use.nodes}});
    }
    if (summary.unverified)
        return {{"contentId", ledger::to_hex0x(summary.content_id.view())},
                {"unverified", true},
                {"io", io_json(summary.io)}};
    return {{"contentId", ledger::to_hex0x(summary.content_id.view())},
            {"skeletonHash", ledger::to_hex0x(summary.skeleton_hash.view())},
            {"tensorRoot", ledger::to_hex0x(summary.tensor_root.view())},
            {"fileBytes", summary.file_bytes},
            {"parameters", summary.parameters},
            {"parameterBytes", summary.parameter_bytes},
            {"nodes", summary.nodes},
            {"irVersion", summary.ir_version},
            {"opset", summary.opset},
            {"io", io_json(summary.io)},
            {"operators", std::move(operators)}};
}

inference::ModelSummary described(ledger::ByteView description)
{
    constexpr std::string_view tag = "millrace/unverified/v1\n";
    const auto json = must(ledger::codec::parse_json(ledger::as_text(description)));
    inference::ModelSummary summary;
    summary.unverified = true;
    if (json.is_object() && json.contains("inputs")) summary.io = io_of(json);
    ledger::Bytes tagged{tag.begin(), tag.end()};
    ledger::append(tagged, description);
    summary.content_id = ledger::retag<inference::ContentId>(ledger::sha256(tagged));
    return summary;
}

json card_json(const inference::ModelSummary& summary, const CardFacts& facts)
{
    auto metrics = json::array();
    for (const auto& metric : facts.metrics)
        metrics.push_back(
            {{"metric", metric.name}, {"valuePpm", metric.value_ppm}, {"n", facts.samples}});
    return {{"format", "millrace/model-card/v1"},
            {"name", facts.name},
            {"semver", facts.semver},
            {"description", facts.description},
            {"license", facts.license},
            {"labels", facts.labels},
            {"metrics", std::move(metrics)},
            {"model", summary_json(summary)}};
}

ledger::Hash json_hash(const json& value)
{
    return ledger::sha256(ledger::as_bytes(ledger::codec::canonical_json(value)));
}

}  // namespace wallet::cli
