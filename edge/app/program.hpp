#pragma once

namespace edge::app {

/// Runs the command that `argv` names; the exit status.
int run(int argc, const char* const* argv);

}  // namespace edge::app
