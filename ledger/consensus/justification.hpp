#pragma once

#include "ledger/consensus/checks.hpp"

namespace ledger::consensus {

/// That a justification has exactly the certificates the header's views call for, in order, and
/// the hash the header names. Looks at no signature. `invalid` says what is wrong.
Result<void> check_shape(const Justification&, const Header&, const Epoch&);

/// Every certificate in it verifies.
Result<void> check_certificates(const Justification&, const Epoch&, CertificateChecker&);

/// Everything a header and its justification show by themselves: what an honest validator has
/// checked before it votes for the block, and what E6 convicts for. The hash must match.
Result<void> check_structure(const Header&, const Justification&, const Epoch&,
                             CertificateChecker&);

}  // namespace ledger::consensus
