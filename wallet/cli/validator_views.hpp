#pragma once

#include "wallet/cli/session.hpp"

#include "market/state/validator_records.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace wallet::cli {

/// A validator's record in the state, under its consensus key.
struct KnownValidator {
    ledger::ConsensusKey key;
    market::ValidatorRecord record;
};

/// By account (name or address) or by consensus key; empty when there is none.
std::optional<KnownValidator> find_validator(const Session&, const std::string& who);

/// `list` and `show`: what the state says, each record proven.
void add_validator_views(CLI::App& group, Session&);

}  // namespace wallet::cli
