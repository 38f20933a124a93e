#include "ledger/crypto/kdf.hpp"

#include "ledger/crypto/openssl.hpp"

#include <crypto++/cryptlib.h>
#include <crypto++/scrypt.h>

#include <bit>
#include <exception>
#include <string>

namespace ledger {
namespace {

Error above(std::string why)
{
    return {ErrorKind::full, std::move(why)};
}

/// OpenSSL reads a null password as none given, so an empty one needs an address.
const char* text_of(ByteView bytes)
{
    return bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data());
}

Result<SecretBytes> pbkdf2(const EVP_MD* digest, ByteView password, ByteView salt,
                           std::uint64_t iterations, std::size_t length, const KdfLimits& limits)
{
    if (iterations == 0 || length == 0) return invalid("PBKDF2 needs iterations and a length");
    if (iterations > limits.pbkdf2_iterations)
        return above("PBKDF2 with " + std::to_string(iterations) + " iterations; at most " +
                     std::to_string(limits.pbkdf2_iterations) + " are allowed");
    if (length > limits.output_bytes) return above("PBKDF2 is asked for too long a key");
    SecretBytes key{length};
    if (PKCS5_PBKDF2_HMAC(text_of(password), narrow_int(password.size()), salt.data(),
                          narrow_int(salt.size()), narrow_int(iterations), digest,
                          narrow_int(length), key.mutable_view().data()) != 1)
        return Error{ErrorKind::unavailable, "PBKDF2 failed; is there memory left?"};
    return key;
}

/// OpenSSL keeps to the RFC's limit on n; Crypto++ does not.
bool scrypt_beyond_rfc(ByteView password, ByteView salt, const ScryptCost& cost, SecretBytes& key)
try {
    const auto out = key.mutable_view();
    CryptoPP::Scrypt{}.DeriveKey(out.data(), out.size(), password.data(), password.size(),
                                 salt.data(), salt.size(), cost.n, cost.r, cost.p);
    return true;
} catch (const std::exception&) {
    return false;
}

}  // namespace

Result<SecretBytes> pbkdf2_sha256(ByteView password, ByteView salt, std::uint64_t iterations,
                                  std::size_t length, const KdfLimits& limits)
{
    return pbkdf2(EVP_sha256(), password, salt, iterations, length, limits);
}

Result<SecretBytes> pbkdf2_sha512(ByteView password, ByteView salt, std::uint64_t iterations,
                                  std::size_t length, const KdfLimits& limits)
{
    return pbkdf2(EVP_sha512(), password, salt, iterations, length, limits);
}

Result<SecretBytes> scrypt(ByteView password, ByteView salt, const ScryptCost& cost,
                           std::size_t length, const KdfLimits& limits)
{
    const auto& [n, r, p] = cost;
    if (!std::has_single_bit(n) || n < 2) return invalid("scrypt's n must be a power of two");
    if (r == 0 || p == 0) return invalid("scrypt's r and p must not be zero");
    if (length == 0) return invalid("scrypt needs a length");
    if (length > limits.output_bytes) return above("scrypt is asked for too long a key");
    // Each factor alone is below 2^31 after this, so that the products below fit.
    if (n > 1ULL << 30 || r > 1ULL << 20 || p > 1ULL << 20 || n * r > limits.scrypt_work ||
        n * r * p > limits.scrypt_work)
        return above("scrypt with n * r * p above " + std::to_string(limits.scrypt_work));
    if (128 * r * (n + p + 2) > limits.scrypt_memory_bytes)
        return above("scrypt with more than " + std::to_string(limits.scrypt_memory_bytes) +
                     " bytes of memory");
    SecretBytes key{length};
    const bool beyond_rfc = r < 4 && n >= 1ULL << (16 * r);
    const bool made =
        beyond_rfc ? scrypt_beyond_rfc(password, salt, cost, key)
                   : EVP_PBE_scrypt(text_of(password), password.size(), salt.data(), salt.size(), n,
                                    r, p, limits.scrypt_memory_bytes + (1ULL << 20),
                                    key.mutable_view().data(), length) == 1;
    if (!made) return Error{ErrorKind::unavailable, "scrypt failed; is there memory left?"};
    return key;
}

}  // namespace ledger
