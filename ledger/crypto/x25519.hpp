#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secret.hpp"

#include <array>
#include <cstddef>

/// X25519 (RFC 7748) by way of OpenSSL: keys to which data is sealed. Any thread.
namespace ledger {

using X25519PublicKey = FixedBytes<struct X25519PublicKeyTag, 32>;

/// Any 32 bytes; X25519 clamps them where it uses them. Never copied unasked; overwritten when
/// dropped or moved from.
class X25519Key {
public:
    static constexpr std::size_t size = 32;
    /// `invalid` unless exactly 32 bytes.
    static Result<X25519Key> from_bytes(ByteView bytes);
    static X25519Key generate(Random& random);

    X25519Key(X25519Key&& other) noexcept;
    X25519Key& operator=(X25519Key&& other) noexcept;
    ~X25519Key() { wipe(bytes_); }

    X25519Key clone() const { return X25519Key{bytes_}; }
    ByteView view() const { return bytes_; }

private:
    explicit X25519Key(const std::array<std::uint8_t, size>& bytes) : bytes_{bytes} {}
    std::array<std::uint8_t, size> bytes_;
};

X25519PublicKey x25519_public_key(const X25519Key& key);

/// The shared secret, 32 bytes; put it through a KDF. `invalid` when it is all zeros, as a point
/// of small order makes it (RFC 7748, section 6.1).
Result<SecretBytes> x25519(const X25519Key& key, const X25519PublicKey& other);

}  // namespace ledger
