#include "wallet/rental/notes.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"

namespace wallet::rental {

ledger::X25519Key box_key(const ledger::SecretKey& account)
{
    const auto secret =
        ledger::hkdf_sha256(account.view(), {}, ledger::as_bytes("millrace/lease-box/v1"), 32);
    auto key = ledger::hpke_derive_key(secret.view());
    ledger::ensure(static_cast<bool>(key), "32 bytes make a key");
    return std::move(*key);
}

ledger::Hash data_root_of(const std::vector<ledger::Hash>& batches)
{
    if (batches.empty()) return {};
    std::vector<ledger::Hash> leaves;
    for (const auto& root : batches) leaves.push_back(ledger::merkle_leaf(root.view()));
    return ledger::merkle_root(leaves);
}

ledger::Hash lease_dataset()
{
    return ledger::sha256(ledger::as_bytes("millrace/lease-batch/v1"));
}

}  // namespace wallet::rental
