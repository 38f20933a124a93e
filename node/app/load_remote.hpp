#pragma once

#include "inference/remote/backend.hpp"
#include "market/state/state.hpp"
#include "node/app/config.hpp"
#include "node/serving/catalog.hpp"

#include <filesystem>
#include <optional>

namespace node {

/// Connections to the server that the model's configuration names, with its credentials.
ledger::Result<std::shared_ptr<inference::Upstream>> open_upstream(
    const std::filesystem::path& home, const BackendConfig&);

/// Opens every version of a model that a server of the Open Inference Protocol runs: it has to
/// answer now, and to describe the model as the ledger does where the version is registered there.
/// Its content id is the ledger's, as nobody here has seen the file: a warning says so. A version
/// of `present` that was opened in the same way is taken over without asking.
ledger::Result<Versions> load_remote(const std::filesystem::path& home, const ModelConfig&,
                                     const ServedModel* present,
                                     const std::optional<market::ModelId>& model,
                                     const market::View&);

}  // namespace node
