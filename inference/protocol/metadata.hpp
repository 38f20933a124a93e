#pragma once

#include "inference/model/datatype.hpp"
#include "inference/statistics.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inference {

/// Bodies of the Open Inference Protocol besides inference, each a whole JSON document.

/// What this server does beyond the core, for GET /v2.
std::vector<std::string> protocol_extensions();

std::string error_body(std::string_view message);
std::string live_body(bool live);
/// Both spellings in use: {"live":…,"ready":…}.
std::string ready_body(bool ready);
std::string model_ready_body(std::string_view name, bool ready);
std::string server_metadata_body(std::string_view name, std::string_view version);
/// `unverified`: another server runs the model, so nobody has seen its file.
std::string model_metadata_body(std::string_view name, std::span<const std::string> versions,
                                const ModelIo& io, bool unverified = false);

/// POST /v2/repository/index
struct RepositoryEntry {
    std::string name, version, state, reason;
};
std::string repository_index_body(std::span<const RepositoryEntry> entries);

/// GET /v2/models[/{m}]/stats
struct ModelStatistics {
    std::string name, version;
    PoolStats stats;
    std::uint64_t last_inference_ms = 0;  ///< Unix time; 0 before the first
    PoolStats::Duration cache_hit = {}, cache_miss = {};
};
std::string statistics_body(std::span<const ModelStatistics> models);

}  // namespace inference
