#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

void add_dispute_command(CLI::App&, Session&);

}  // namespace wallet::cli
