#pragma once

#include "node/app/home.hpp"
#include "node/app/testnet.hpp"

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
    bool from_given = false;
    std::optional<std::uint64_t> to;
    std::string out;
    bool accept_fork_risk = false;
    bool accept_journal_loss = false;
    TestnetOptions testnet;
    std::string snapshot;  ///< a folder, or a height on the shelf; empty: the newest there
    std::string account;   ///< whom a proof of possession is for; empty: the home's own account
    std::string node;      ///< URL of the node to ask; empty: where the home's configuration says
};

/// Each answers the exit code of the program, having said on standard error what is wrong.
int init_command(CommandOptions&);
int run_command(const CommandOptions&);
int verify_command(const CommandOptions&);
int export_command(const CommandOptions&);
int config_command(const CommandOptions&);
/// Looks for what is wrong with a home, its machine and its ledger.
int doctor_command(const CommandOptions&);
int recover_command(const CommandOptions&);
int testnet_command(CommandOptions&);
/// Snapshots of a node that is off.
int snapshot_create_command(const CommandOptions&);
int snapshot_list_command(const CommandOptions&);
int snapshot_verify_command(const CommandOptions&);
int snapshot_restore_command(const CommandOptions&);
/// Keys of a home, and the proof that they are an account's.
int validator_show_command(const CommandOptions&);
int validator_pop_command(const CommandOptions&);
/// What the running node says about its peers and about consensus.
int peers_command(const CommandOptions&);
int validator_status_command(const CommandOptions&);

}  // namespace node
