#pragma once

#include "node/serving/inference_routes.hpp"

namespace node {

/// What the node writes for the callers of each model it serves (inference/clients), beside its
/// metadata: openapi.json, client.hpp, client.mjs and try.sh.
void add_model_api_routes(Router&, const ServingParts&);

}  // namespace node
