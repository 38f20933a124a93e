#pragma once

#include "node/serving/inference_routes.hpp"
#include "node/serving/openai_models.hpp"

namespace node {

/// Passes: what is sold (GET /v1/passes), buying one by x402 (POST /v1/passes/{model}), and what is
/// left of one (GET /v1/passes/{model} with "Authorization: Bearer mrp1_…").
void add_pass_routes(Router&, const ServingParts&, const OpenAiModels&);

}  // namespace node
