#pragma once

#include "node/app/home.hpp"

#include <optional>
#include <string>
#include <vector>

namespace node {

/// What the command line said.
struct CommandOptions {
    std::string home;
    InitOptions init;
    std::vector<std::string> balances;  ///< ADDRESS=MICROS
    std::vector<std::string> issuers;
    std::vector<std::string> set;  ///< NAME=VALUE
    std::string port_file;
    bool json = false;
    std::uint64_t from = 0;
    std::optional<std::uint64_t> to;
    std::string out;
    bool accept_fork_risk = false;
};

/// Each answers the exit code of the program, having said on standard error what is wrong.
int init_command(CommandOptions&);
int run_command(const CommandOptions&);
int verify_command(const CommandOptions&);
int export_command(const CommandOptions&);
int config_command(const CommandOptions&);
int recover_command(const CommandOptions&);

}  // namespace node
