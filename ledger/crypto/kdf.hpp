#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstddef>
#include <cstdint>

/// Keys from passphrases: PBKDF2 and scrypt.
namespace ledger {

/// What a stranger's file may make us compute; about 20 s on a small machine at the very most.
struct KdfLimits {
    std::uint64_t pbkdf2_iterations = 10'000'000;
    std::uint64_t scrypt_memory_bytes = 1ULL << 30;
    /// n * r * p; the usual 262144 * 8 * 1 is 2^21.
    std::uint64_t scrypt_work = 1ULL << 24;
    std::uint64_t output_bytes = 1024;
};

/// RFC 8018. `invalid` when there are no iterations or no output; `full` above the limits.
Result<SecretBytes> pbkdf2_sha256(ByteView password, ByteView salt, std::uint64_t iterations,
                                  std::size_t length, const KdfLimits& limits = {});
Result<SecretBytes> pbkdf2_sha512(ByteView password, ByteView salt, std::uint64_t iterations,
                                  std::size_t length, const KdfLimits& limits = {});

/// Needs 128 * n * r bytes of memory and time proportional to n * r * p.
struct ScryptCost {
    std::uint64_t n = 262'144;
    std::uint64_t r = 8;
    std::uint64_t p = 1;
};

/// RFC 7914. `invalid` when n is no power of two above 1, when r, p or the length is zero; `full`
/// above the limits. Both are decided before any memory is taken. The RFC also wants
/// n < 2^(16 r); the example file of Ethereum's wallets does not obey, so we compute it anyway.
Result<SecretBytes> scrypt(ByteView password, ByteView salt, const ScryptCost& cost,
                           std::size_t length, const KdfLimits& limits = {});

}  // namespace ledger
