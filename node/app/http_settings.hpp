#pragma once

#include "node/app/config.hpp"
#include "node/http/server.hpp"

namespace node {

/// What the HTTP server of a node is made with: as many threads as it needs, as many connections as
/// configured and as the system's open files allow. `invalid` where the address is none.
ledger::Result<ServerConfig> server_config(const Config& config);

}  // namespace node
