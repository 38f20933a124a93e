#include "ledger/crypto/secp256k1_keys.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/secp256k1_points.hpp"

#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>
#include <secp256k1_schnorrsig.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace ledger {
namespace {

/// One for the process: made on first use, read-only afterwards. Its random blinding hides the
/// secret from power and timing measurements and changes no result.
const secp256k1_context* context()
{
    static const secp256k1_context* const made = [] {
        auto* fresh = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
        SystemRandom random;
        auto blinding = random.next<Hash>();
        ensure(secp256k1_context_randomize(fresh, blinding.bytes.data()) == 1,
               "a context takes every blinding");
        wipe(blinding.bytes);
        return fresh;
    }();
    return made;
}

Error not_a_key(const char* what)
{
    return {ErrorKind::invalid, what};
}

std::optional<secp256k1_pubkey> parse(ByteView bytes)
{
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_parse(context(), &point, bytes.data(), bytes.size()) != 1) return {};
    return point;
}

LongForm long_form(const secp256k1_pubkey& point)
{
    LongForm bytes{};
    std::size_t length = bytes.size();
    secp256k1_ec_pubkey_serialize(context(), bytes.data(), &length, &point,
                                  SECP256K1_EC_UNCOMPRESSED);
    return bytes;
}

PublicKey short_form(const secp256k1_pubkey& point)
{
    PublicKey key;
    std::size_t length = PublicKey::size;
    secp256k1_ec_pubkey_serialize(context(), key.bytes.data(), &length, &point,
                                  SECP256K1_EC_COMPRESSED);
    return key;
}

secp256k1_pubkey point_of(const SecretKey& key)
{
    secp256k1_pubkey point;
    ensure(secp256k1_ec_pubkey_create(context(), &point, key.view().data()) == 1,
           "a secret key that was moved from is not used");
    return point;
}

/// Half the group's order, rounded down: the largest s we accept.
constexpr std::array<std::uint8_t, 32> half_order = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

std::optional<secp256k1_pubkey> recover_point(const Hash& digest, const Signature& signature)
{
    const std::uint8_t v = signature.bytes[64];
    if (v != 27 && v != 28) return {};
    if (std::memcmp(&signature.bytes[32], half_order.data(), 32) > 0) return {};
    secp256k1_ecdsa_recoverable_signature parsed;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed,
                                                            signature.bytes.data(), v - 27) != 1)
        return {};
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recover(context(), &point, &parsed, digest.bytes.data()) != 1) return {};
    return point;
}

/// A key pair as libsecp256k1 wants it for BIP-340; holds the secret, so it cleans up.
struct KeyPair {
    secp256k1_keypair pair;
    explicit KeyPair(const SecretKey& key)
    {
        ensure(secp256k1_keypair_create(context(), &pair, key.view().data()) == 1,
               "a secret key that was moved from is not used");
    }
    KeyPair(const KeyPair&) = delete;
    KeyPair& operator=(const KeyPair&) = delete;
    ~KeyPair() { wipe(pair.data); }
};

int copy_x(unsigned char* output, const unsigned char* x, const unsigned char*, void*)
{
    std::memcpy(output, x, 32);
    return 1;
}

}  // namespace

Result<SecretKey> SecretKey::from_bytes(ByteView bytes)
{
    if (bytes.size() != size) return not_a_key("a secret key has 32 bytes");
    if (secp256k1_ec_seckey_verify(context(), bytes.data()) != 1)
        return not_a_key("a secret key is not zero and below the group's order");
    SecretKey key{{}};
    std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
    return key;
}

SecretKey SecretKey::generate(Random& random)
{
    SecretKey key{{}};
    do random.fill(key.bytes_);
    while (secp256k1_ec_seckey_verify(context(), key.bytes_.data()) != 1);
    return key;
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_{other.bytes_}
{
    wipe(other.bytes_);
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept
{
    if (this == &other) return *this;
    bytes_ = other.bytes_;
    wipe(other.bytes_);
    return *this;
}

PublicKey public_key(const SecretKey& key)
{
    return short_form(point_of(key));
}

Result<PublicKey> parse_public_key(ByteView bytes)
{
    // The hybrid forms 06 and 07 say the same key in yet other bytes: refused.
    if (bytes.empty() || bytes[0] < 2 || bytes[0] > 4)
        return not_a_key("a public key starts with 02, 03 or 04");
    const auto point = parse(bytes);
    if (!point) return not_a_key("the public key is not a point of secp256k1");
    return short_form(*point);
}

LongForm long_public_key(const SecretKey& key)
{
    return long_form(point_of(key));
}

std::optional<LongForm> recover_long(const Hash& digest, const Signature& signature)
{
    const auto point = recover_point(digest, signature);
    if (!point) return {};
    return long_form(*point);
}

Result<Bytes> uncompressed(const PublicKey& key)
{
    const auto point = parse(key.view());
    if (!point) return not_a_key("the public key is not a point of secp256k1");
    const auto bytes = long_form(*point);
    return Bytes{bytes.begin(), bytes.end()};
}

Signature sign(const SecretKey& key, const Hash& digest)
{
    secp256k1_ecdsa_recoverable_signature made;
    ensure(secp256k1_ecdsa_sign_recoverable(context(), &made, digest.bytes.data(),
                                            key.view().data(), nullptr, nullptr) == 1,
           "a secret key that was moved from is not used");
    Signature signature;
    int recovery = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), signature.bytes.data(),
                                                            &recovery, &made);
    // 2 and 3 need an r whose discrete logarithm nobody knows.
    ensure(recovery < 2, "a signature's point has x below the order");
    signature.bytes[64] = static_cast<std::uint8_t>(27 + recovery);
    return signature;
}

std::optional<PublicKey> recover_key(const Hash& digest, const Signature& signature)
{
    const auto point = recover_point(digest, signature);
    if (!point) return {};
    return short_form(*point);
}

ConsensusKey consensus_key(const SecretKey& key)
{
    const KeyPair pair{key};
    secp256k1_xonly_pubkey point;
    ensure(secp256k1_keypair_xonly_pub(context(), &point, nullptr, &pair.pair) == 1,
           "a key pair has a public key");
    ConsensusKey made;
    secp256k1_xonly_pubkey_serialize(context(), made.bytes.data(), &point);
    return made;
}

SchnorrSignature schnorr_sign(const SecretKey& key, const Hash& message, const Hash& aux)
{
    const KeyPair pair{key};
    SchnorrSignature signature;
    ensure(secp256k1_schnorrsig_sign32(context(), signature.bytes.data(), message.bytes.data(),
                                       &pair.pair, aux.bytes.data()) == 1,
           "a key pair signs every message");
    return signature;
}

bool schnorr_verify(const ConsensusKey& key, const Hash& message, const SchnorrSignature& signature)
{
    return schnorr_verify(key, message.view(), signature);
}

bool schnorr_verify(const ConsensusKey& key, ByteView message, const SchnorrSignature& signature)
{
    const std::uint8_t nothing = 0;
    secp256k1_xonly_pubkey point;
    if (secp256k1_xonly_pubkey_parse(context(), &point, key.bytes.data()) != 1) return false;
    return secp256k1_schnorrsig_verify(context(), signature.bytes.data(),
                                       message.empty() ? &nothing : message.data(), message.size(),
                                       &point) == 1;
}

Result<SecretBytes> ecdh(const SecretKey& key, const PublicKey& other)
{
    const auto point = parse(other.view());
    if (!point) return not_a_key("the public key is not a point of secp256k1");
    SecretBytes shared{32};
    ensure(secp256k1_ecdh(context(), shared.mutable_view().data(), &*point, key.view().data(),
                          copy_x, nullptr) == 1,
           "a secret key that was moved from is not used");
    return shared;
}

Result<SecretKey> tweak_add(const SecretKey& key, ByteView tweak)
{
    if (tweak.size() != 32) return not_a_key("a tweak has 32 bytes");
    std::array<std::uint8_t, SecretKey::size> sum{};
    std::copy(key.view().begin(), key.view().end(), sum.begin());
    const bool fits = secp256k1_ec_seckey_tweak_add(context(), sum.data(), tweak.data()) == 1;
    auto made = SecretKey::from_bytes(sum);
    wipe(sum);
    if (!fits) return not_a_key("the tweak is not below the group's order, or cancels the key");
    return made;
}

Result<PublicKey> tweak_add(const PublicKey& key, ByteView tweak)
{
    if (tweak.size() != 32) return not_a_key("a tweak has 32 bytes");
    auto point = parse(key.view());
    if (!point) return not_a_key("the public key is not a point of secp256k1");
    if (secp256k1_ec_pubkey_tweak_add(context(), &*point, tweak.data()) != 1)
        return not_a_key("the tweak is not below the group's order, or cancels the key");
    return short_form(*point);
}

Result<SecretKey> subtract(const SecretKey& from, const SecretKey& what)
{
    std::array<std::uint8_t, SecretKey::size> negative{};
    std::copy(what.view().begin(), what.view().end(), negative.begin());
    const bool done = secp256k1_ec_seckey_negate(context(), negative.data()) == 1;
    auto made = tweak_add(from, negative);
    wipe(negative);
    ensure(done, "a secret key that was moved from is not used");
    return made;
}

Result<PublicKey> combine(std::span<const PublicKey> keys)
{
    std::vector<secp256k1_pubkey> points;
    points.reserve(keys.size());
    for (const auto& key : keys) {
        const auto point = parse(key.view());
        if (!point) return not_a_key("a public key is not a point of secp256k1");
        points.push_back(*point);
    }
    if (points.empty()) return not_a_key("there are no keys to add up");
    std::vector<const secp256k1_pubkey*> each;
    each.reserve(points.size());
    for (const auto& point : points) each.push_back(&point);
    secp256k1_pubkey sum;
    if (secp256k1_ec_pubkey_combine(context(), &sum, each.data(), each.size()) != 1)
        return not_a_key("the keys cancel out");
    return short_form(sum);
}

}  // namespace ledger
