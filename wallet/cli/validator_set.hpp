#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

/// `set`, by which the governors of an authority network admit, change and remove validators, and
/// `approve` and `send` for its drafts.
void add_validator_set_command(CLI::App& group, Session&);

}  // namespace wallet::cli
