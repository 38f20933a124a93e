#pragma once

#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// Signature of one side of a hosting agreement, in the Millrace domain.
ledger::Signature sign_agreement(const market::Network&, const market::HostingAgreement&,
                                 const ledger::SecretKey&);

/// What one side sends to the other: {"network","agreement","signer","signature"}.
json agreement_json(const market::Network&, const market::HostingAgreement&,
                    const ledger::SecretKey&);

}  // namespace wallet::cli
