#include "inference/protocol/metadata.hpp"

#include <nlohmann/json.hpp>

namespace inference {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json)
{
    // Names from elsewhere need not be UTF-8; an answer must be.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json specs(const std::vector<TensorSpec>& tensors)
{
    auto all = Json::array();
    for (const auto& tensor : tensors)
        all.push_back({{"name", tensor.name},
                       {"datatype", name_of(tensor.datatype)},
                       {"shape", tensor.shape}});
    return all;
}

Json duration(const PoolStats::Duration& duration)
{
    return {{"count", duration.count}, {"ns", duration.total.count()}};
}

Json batch_stats(const PoolStats& stats)
{
    auto all = Json::array();
    for (const auto& [rows, runs] : stats.batches)
        all.push_back({{"batch_size", rows},
                       {"compute_input", duration(runs.compute_input)},
                       {"compute_infer", duration(runs.compute_infer)},
                       {"compute_output", duration(runs.compute_output)}});
    return all;
}

Json memory_usage(const LoadFacts& facts)
{
    if (facts.memory_bytes == 0) return Json::array();
    return Json::array({{{"type", "CPU"}, {"id", 0}, {"byte_size", facts.memory_bytes}}});
}

/// Ours, beside what the extension knows.
Json loading(const LoadFacts& facts)
{
    return {{"provider", facts.provider},          {"load_ns", facts.load.count()},
            {"warm_up_ns", facts.warm_up.count()}, {"self_test_ns", facts.self_test.count()},
            {"max_batch_size", facts.batch_rows},  {"why_not_more", facts.why_not_more}};
}

}  // namespace

std::vector<std::string> protocol_extensions()
{
    return {"binary_tensor_data", "classification", "model_repository", "schedule_policy",
            "statistics"};
}

std::string error_body(std::string_view message)
{
    return text_of({{"error", message}});
}

std::string live_body(bool live)
{
    return text_of({{"live", live}});
}

std::string ready_body(bool ready)
{
    return text_of({{"live", ready}, {"ready", ready}});
}

std::string model_ready_body(std::string_view name, bool ready)
{
    return text_of({{"name", name}, {"ready", ready}});
}

std::string server_metadata_body(std::string_view name, std::string_view version)
{
    return text_of({{"name", name}, {"version", version}, {"extensions", protocol_extensions()}});
}

std::string model_metadata_body(std::string_view name, std::span<const std::string> versions,
                                const ModelIo& io, bool unverified)
{
    Json json{{"name", name}};
    if (!versions.empty())
        json["versions"] = std::vector<std::string>{versions.begin(), versions.end()};
    json["platform"] = unverified ? "remote" : "onnx_onnxv1";
    if (unverified) json["unverified"] = true;
    json["inputs"] = specs(io.inputs);
    json["outputs"] = specs(io.outputs);
    return text_of(json);
}

std::string repository_index_body(std::span<const RepositoryEntry> entries)
{
    auto all = Json::array();
    for (const auto& entry : entries) {
        Json json{{"name", entry.name}};
        if (!entry.version.empty()) json["version"] = entry.version;
        json["state"] = entry.state;
        json["reason"] = entry.reason;
        all.push_back(std::move(json));
    }
    return text_of(all);
}

std::string statistics_body(std::span<const ModelStatistics> models)
{
    auto all = Json::array();
    for (const auto& model : models) {
        const auto& stats = model.stats;
        all.push_back({{"name", model.name},
                       {"version", model.version},
                       {"last_inference", model.last_inference_ms},
                       {"inference_count", stats.inference_count},
                       {"execution_count", stats.execution_count},
                       {"inference_stats",
                        {{"success", duration(stats.success)},
                         {"fail", duration(stats.fail)},
                         {"queue", duration(stats.queue)},
                         {"compute_input", duration(stats.compute_input)},
                         {"compute_infer", duration(stats.compute_infer)},
                         {"compute_output", duration(stats.compute_output)},
                         {"cache_hit", duration(model.cache_hit)},
                         {"cache_miss", duration(model.cache_miss)}}},
                       {"batch_stats", batch_stats(stats)},
                       {"memory_usage", memory_usage(stats.loading)},
                       {"loading", loading(stats.loading)}});
    }
    return text_of({{"model_stats", std::move(all)}});
}

}  // namespace inference
