// RIPEMD-160 is deprecated since OpenSSL 3.0 but there.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/crypto/hash.hpp"

#include <crypto++/keccak.h>
#include <openssl/ripemd.h>

namespace ledger {

struct Keccak256::Sponge {
    CryptoPP::Keccak_256 keccak;
};

Keccak256::Keccak256() : sponge_{std::make_unique<Sponge>()} {}
Keccak256::~Keccak256() = default;
Keccak256::Keccak256(Keccak256&&) noexcept = default;
Keccak256& Keccak256::operator=(Keccak256&&) noexcept = default;

void Keccak256::update(ByteView more)
{
    if (!more.empty()) sponge_->keccak.Update(more.data(), more.size());
}

Hash Keccak256::finish()
{
    Hash digest;
    sponge_->keccak.TruncatedFinal(digest.bytes.data(), Hash::size);
    return digest;
}

Hash keccak256(ByteView data)
{
    Hash digest;
    CryptoPP::Keccak_256 keccak;
    if (!data.empty()) keccak.Update(data.data(), data.size());
    keccak.TruncatedFinal(digest.bytes.data(), Hash::size);
    return digest;
}

Ripemd160 ripemd160(ByteView data)
{
    Ripemd160 digest;
    RIPEMD160(data.data(), data.size(), digest.bytes.data());
    return digest;
}

}  // namespace ledger
