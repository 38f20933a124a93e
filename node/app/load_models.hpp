#pragma once

#include "inference/engine.hpp"
#include "ledger/store/block_store.hpp"
#include "node/app/config.hpp"
#include "node/serving/catalog.hpp"

namespace node {

/// Reads, checks and loads every configured model. A file whose content is not what the ledger has
/// registered for that version is refused: a receipt must name what ran.
ledger::Result<void> load_models(const std::filesystem::path& home, const HostConfig&,
                                 inference::Engine&, const ledger::BlockStore&, Catalog&);

/// Targets in service of an alias at the tip, the likeliest first.
std::vector<market::Version> alias_targets(const ledger::BlockStore&, const market::ModelId&,
                                           const std::string& alias);

}  // namespace node
