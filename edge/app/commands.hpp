#pragma once

#include <CLI/CLI.hpp>

/// Each adds its words to the program. What they run throws a Failure.
namespace edge::app {

void add_key_commands(CLI::App& app);
void add_seal_command(CLI::App& app);
void add_send_command(CLI::App& app);
void add_status_command(CLI::App& app);

}  // namespace edge::app
