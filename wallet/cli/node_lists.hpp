#pragma once

#include "wallet/cli/session.hpp"

#include "ledger/base/hex.hpp"

#include <string>

namespace wallet::cli {

/// Every item of a list that the node gives page by page. `target` has its first query already.
json all_items(const Session& session, const std::string& target);

/// 32 bytes in hex; `what` is for the message where they are none.
template <class Id>
Id id_of(const std::string& text, const char* what)
{
    const auto id = ledger::id_from_hex<Id>(text);
    if (!id) fail(Fault::usage, text + " is no " + what + ": 0x and 64 hex digits");
    return *id;
}

}  // namespace wallet::cli
