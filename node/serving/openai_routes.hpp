#pragma once

#include "node/serving/inference_routes.hpp"
#include "node/serving/openai_models.hpp"

#include <nlohmann/json_fwd.hpp>

namespace node {

/// POST chat/completions, completions and embeddings, paid like other calls: under /openai/NAME/v1,
/// the base address to give to a client, and under /v1, where `?model=NAME` says which is paid for
/// unless there is only one. The model that the body names has to be the same. All of it outlives
/// the router.
void add_openai_routes(Router&, const ServingParts&, const OpenAiModels&);

/// What a call of a model that is on the ledger is paid for; `unavailable` when the ledger knows no
/// price for it.
ledger::Result<PaidResource> paid_resource(const ServingParts&, const OpenAiModel&,
                                           std::string path);

/// {"object":"list","data":[{"id","object","created","owned_by"}]}
nlohmann::json openai_list(const OpenAiModels&);

}  // namespace node
