#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

/// `data put` and `data fetch`: sealed batches to nodes that keep them, and back.
void add_data_transfer_commands(CLI::App& data, Session& session);

}  // namespace wallet::cli
