#pragma once

#include "ledger/store/block_store.hpp"
#include "node/app/config.hpp"
#include "node/serving/openai_models.hpp"

namespace node {

/// Every configured model that an OpenAI-compatible server runs. The server need not answer now.
/// `files` may name the version that is served, 1 otherwise; its content id is the ledger's word,
/// as nobody here sees what runs: a warning says so.
ledger::Result<void> load_openai(const std::filesystem::path& home, const HostConfig&,
                                 const ledger::BlockStore&, OpenAiModels&);

}  // namespace node
