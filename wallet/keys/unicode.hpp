#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"

#include <string_view>

namespace wallet {

/// `text` in Unicode normalisation form KD, as BIP-39 wants passphrases. Errors: `invalid` when it
/// is not UTF-8, `full` above 4 KiB.
ledger::Result<ledger::SecretBytes> nfkd(std::string_view text);

}  // namespace wallet
