#pragma once

#include "ledger/base/result.hpp"
#include "node/app/config.hpp"

#include <filesystem>
#include <vector>

namespace node {

struct VersionFile {
    market::Version ver{1};
    std::filesystem::path path;  ///< absolute, or relative to where the program runs
};

/// The files of a model's versions that its configuration serves, the lowest version first. The
/// error names the model and what is wrong.
ledger::Result<std::vector<VersionFile>> version_files(const std::filesystem::path& home,
                                                       const ModelConfig& config);

}  // namespace node
