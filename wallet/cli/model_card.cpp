#include "wallet/cli/model_card.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"

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
