#pragma once

#include "ledger/base/result.hpp"
#include "ledger/chain/genesis.hpp"
#include "node/app/commands.hpp"
#include "node/app/config.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the commands of millraced share.
namespace node {

/// Says what is wrong on standard error; the exit code that belongs to it.
int fail(const ledger::Error&);

/// The home's file, then the environment, then --set.
ledger::Result<Config> read_config(const CommandOptions&);

/// ADDRESS=MICROS, each.
ledger::Result<std::vector<ledger::GenesisBalance>> read_balances(
    const std::vector<std::string>& texts);
ledger::Result<std::vector<ledger::Address>> read_addresses(const std::vector<std::string>& texts);

}  // namespace node
