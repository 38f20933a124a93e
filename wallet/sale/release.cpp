#include "wallet/sale/release.hpp"

namespace wallet {

using ledger::Result;
using ledger::SecretKey;

Result<market::Scalar> release_scalar(const SecretKey& batch, const SecretKey& blind)
{
    const auto sum = ledger::tweak_add(batch, blind.view());
    if (!sum) return sum.error();
    return market::Scalar::of(sum->view());
}

Result<SecretKey> released_key(const market::Scalar& released, const SecretKey& blind,
                               const ledger::PublicKey& point)
{
    const auto sum = SecretKey::from_bytes(released.view());
    if (!sum) return sum.error();
    auto key = ledger::subtract(*sum, blind);
    if (!key) return key.error();
    if (ledger::public_key(*key) != point)
        return ledger::invalid("what was released is not the key of this batch");
    return key;
}

}  // namespace wallet
