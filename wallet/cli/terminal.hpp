#pragma once

#include "ledger/crypto/secret.hpp"

#include <string>

/// Asking people, and the other ways a passphrase may come. All throw a Failure.
namespace wallet::cli {

/// Prompts on the terminal without echo; with `twice`, both must agree.
ledger::SecretBytes ask_secret(const std::string& what, bool twice);
/// The first line of a file that only its owner can read.
ledger::SecretBytes passphrase_from_file(const std::string& path);
/// The first line of an open descriptor.
ledger::SecretBytes passphrase_from_descriptor(int descriptor);
/// False when nobody is there.
bool ask_yes(const std::string& question);

}  // namespace wallet::cli
