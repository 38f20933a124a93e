#pragma once

#include "node/serving/inference_routes.hpp"

namespace node {

/// POST /v2/repository/index for everybody, load and unload for the operator (Triton's model
/// repository extension).
void add_repository_routes(Router&, const ServingParts&);

}  // namespace node
