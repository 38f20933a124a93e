#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "market/ids.hpp"

namespace wallet {

/// t = k + z: tells nothing to who does not know z. `invalid` when the sum is no scalar, as
/// happens to nobody.
ledger::Result<market::Scalar> release_scalar(const ledger::SecretKey& batch,
                                              const ledger::SecretKey& blind);

/// k = t - z. `invalid` when that is not the key of `point`: the ledger takes no such release.
ledger::Result<ledger::SecretKey> released_key(const market::Scalar& released,
                                               const ledger::SecretKey& blind,
                                               const ledger::PublicKey& point);

}  // namespace wallet
