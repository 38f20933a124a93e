#pragma once

#include "inference/model/datatype.hpp"

#include <nlohmann/json.hpp>

namespace wallet::cli {

/// Inputs and outputs of a model as a node describes them (GET /v2/models/{m}); throws a Failure
/// when that makes no sense.
inference::ModelIo io_of(const nlohmann::json& metadata);

}  // namespace wallet::cli
