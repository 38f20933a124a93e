#include "ledger/crypto/secp256k1.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/secp256k1_points.hpp"

namespace ledger {
namespace {

Address address_of_point(ByteView long_form)
{
    return Address::of(keccak256(long_form.subspan(1)).view().subspan(12));
}

}  // namespace

Address address_of(const SecretKey& key)
{
    return address_of_point(long_public_key(key));
}

Result<Address> address_of(const PublicKey& key)
{
    const auto point = uncompressed(key);
    if (!point) return point.error();
    return address_of_point(*point);
}

std::optional<Address> recover(const Hash& digest, const Signature& signature)
{
    const auto point = recover_long(digest, signature);
    if (!point) return {};
    return address_of_point(*point);
}

}  // namespace ledger
