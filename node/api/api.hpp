#pragma once

#include "market/network.hpp"
#include "node/core/ledger_service.hpp"
#include "node/http/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

/// The routes of docs/api.md under /v1 and /rpc, over what the node has. Handlers run on the HTTP
/// threads and read snapshots; what changes the ledger goes through its service.
namespace node {

/// Who this node is to its callers.
struct ApiIdentity {
    std::string version;
    std::optional<ledger::Address> host;      ///< account that serves models here
    std::optional<ledger::Address> host_key;  ///< signs receipts and claims
};

/// How long a route waits for the ledger's thread.
inline constexpr std::chrono::seconds core_patience{10};

/// What routes use; all of it outlives the router.
struct ApiParts {
    const market::Network& network;
    const ledger::BlockStore& store;
    LedgerService& ledger;
    ApiIdentity identity;
    /// Signs a digest with the host key; without it statements are not signed.
    std::function<ledger::Signature(const ledger::Hash&)> sign = {};
    /// Members that GET /v1/models has besides, for clients of another protocol; none when empty.
    std::function<nlohmann::json()> beside_models = {};
    /// What the next block's time will be about: an idle chain's last block may be long ago. Just
    /// after that block when empty.
    std::function<ledger::TimeMs()> now = {};
};

/// All of them.
void add_api_routes(Router&, const ApiParts&);

}  // namespace node
