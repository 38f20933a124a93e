#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

#include <string>

/// Messages that several people must sign before one sends them: issuers, governors. A draft is a
/// file {"network","message"} that goes from hand to hand.
namespace wallet::cli {

/// Sends at once where `draft` is empty, or else writes that file. `group` names the commands that
/// go on with it: "credit" or "validator".
void send_or_draft(Session&, const market::Message&, const std::string& draft,
                   const std::string& group, const std::string& what);

/// Adds `approve FILE` and `send FILE`; `who` approves: "issuer" or "governor".
void add_draft_commands(CLI::App& group, Session&, const std::string& who);

/// A reference in hex, or the hash of a text such as an invoice's number.
ledger::Hash reference_of(const std::string& text);

}  // namespace wallet::cli
