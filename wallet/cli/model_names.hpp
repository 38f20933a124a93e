#pragma once

#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// A model as people name it: its id (0x...), NAME of the account's own, or OWNER/NAME with the
/// owner's name in the key store or address.
market::ModelId model_of(const Session&, const std::string& text);

/// "2", or an alias's only target; `latest` when empty.
market::Version version_of(const Session&, const market::ModelId&, const std::string& text);

/// The agreement in force between model and host, for its serial.
std::uint64_t next_serial(const Session&, const market::ModelId&, market::Version,
                          const ledger::Address& host);

}  // namespace wallet::cli
