#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace ledger {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces. Copying it copies the state reached so
/// far, without allocating.
class Sha256 {
public:
    Sha256();
    void update(ByteView more);
    /// The digest of everything since the start; the hasher then starts anew.
    Hash finish();

private:
    alignas(8) std::array<std::byte, 112> state_;
};

Hash sha256(ByteView data);

/// SHA-256(SHA-256(tag) || SHA-256(tag) || data) for one tag (BIP-340, "tagged hashes").
/// The prefix fills exactly one block, so its state is computed once and copied. Keep one as a
/// constant for every hot tag; const use is safe from any thread.
class TaggedHasher {
public:
    explicit TaggedHasher(std::string_view tag);
    Hash operator()(ByteView data) const;
    /// Two pieces as if they were one: saves the caller a buffer.
    Hash operator()(ByteView first, ByteView second) const;
    /// A hasher that has read the prefix and nothing else.
    Sha256 start() const { return prefix_; }

private:
    Sha256 prefix_;
};

/// The same for a tag used once.
Hash tagged_sha256(std::string_view tag, ByteView data);

/// RFC 2104: 32 and 64 bytes. Keys of any length, the empty one too.
Bytes hmac_sha256(ByteView key, ByteView data);
Bytes hmac_sha512(ByteView key, ByteView data);

}  // namespace ledger
