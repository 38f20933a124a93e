#pragma once

#include "ledger/crypto/sha256.hpp"

#include <memory>

/// The hashes that only Ethereum's formats ask for, beside SHA-256.
namespace ledger {

/// Keccak-256 as Ethereum uses it: the padding from before FIPS 202, not SHA3-256.
class Keccak256 {
public:
    Keccak256();
    ~Keccak256();
    Keccak256(Keccak256&&) noexcept;
    Keccak256& operator=(Keccak256&&) noexcept;

    void update(ByteView more);
    /// The digest of everything since the start; the hasher then starts anew.
    Hash finish();

private:
    struct Sponge;
    std::unique_ptr<Sponge> sponge_;
};

Hash keccak256(ByteView data);

/// RIPEMD-160, for the fingerprints of BIP-32 and nothing else.
using Ripemd160 = FixedBytes<struct Ripemd160Tag, 20>;
Ripemd160 ripemd160(ByteView data);

}  // namespace ledger
