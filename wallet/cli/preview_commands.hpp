#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

/// `data preview` and `data look`.
void add_preview_commands(CLI::App& data, Session& session);

}  // namespace wallet::cli
