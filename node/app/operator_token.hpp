#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secret.hpp"
#include "node/app/home.hpp"

namespace node {

/// The text that the operator shows to the node, 64 hex digits, from the file that the
/// configuration names. Drawn and written (0600) where there is no such file. denied when others
/// can read it.
ledger::Result<ledger::SecretBytes> read_or_make_operator_token(const Home&, const HttpConfig&,
                                                                ledger::Random&);

}  // namespace node
