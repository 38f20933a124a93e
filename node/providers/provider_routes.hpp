#pragma once

#include "node/blobs/batch_routes.hpp"
#include "node/providers/provider_service.hpp"

namespace node {

/// GET /v1/batches/{root}/providers. All outlive the router.
void add_provider_routes(Router&, const BatchParts&, const ProviderService&);

void add_provider_metrics(Metrics&, const ProviderService&);

}  // namespace node
