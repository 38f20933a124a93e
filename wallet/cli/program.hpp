#pragma once

/// The whole program, without `main`: tests call it. Never throws; returns the exit status.
namespace wallet::cli {

int run(int argc, const char* const* argv);

}  // namespace wallet::cli
