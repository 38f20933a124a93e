#pragma once

#include "ledger/chain/certificate.hpp"

#include <cstddef>
#include <vector>

namespace ledger {

/// Indices of those whose signatures a certificate carries, ascending. Fails with what is wrong
/// with its shape, or when their power is below the quorum; looks at no signature.
Result<std::vector<std::size_t>> signers(const Certificate&, const ValidatorSet&);

}  // namespace ledger
