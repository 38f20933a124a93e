#include "ledger/crypto/hpke.hpp"

#include "ledger/crypto/aead.hpp"
#include "ledger/crypto/hkdf.hpp"

#include <string_view>

namespace ledger {
namespace {

// "KEM" || I2OSP(0x0020, 2), and "HPKE" with the numbers of KEM, KDF and AEAD (section 7).
constexpr std::string_view kem_suite{"KEM\x00\x20", 5};
constexpr std::string_view hpke_suite{"HPKE\x00\x20\x00\x01\x00\x03", 10};

void append_text(Bytes& to, std::string_view text)
{
    to.insert(to.end(), text.begin(), text.end());
}

// Section 4.
SecretBytes labeled_extract(std::string_view suite, ByteView salt, std::string_view label,
                            ByteView secret)
{
    Bytes labeled;
    labeled.reserve(7 + suite.size() + label.size() + secret.size());
    append_text(labeled, "HPKE-v1");
    append_text(labeled, suite);
    append_text(labeled, label);
    append(labeled, secret);
    auto key = hkdf_sha256_extract(salt, labeled);
    wipe(labeled);
    return key;
}

SecretBytes labeled_expand(std::string_view suite, const SecretBytes& key, std::string_view label,
                           ByteView info, std::size_t length)
{
    Bytes labeled{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
    append_text(labeled, "HPKE-v1");
    append_text(labeled, suite);
    append_text(labeled, label);
    append(labeled, info);
    return hkdf_sha256_expand(key.view(), labeled, length);
}

// ExtractAndExpand of section 4.1.
SecretBytes shared_secret(const SecretBytes& dh, const X25519PublicKey& enc,
                          const X25519PublicKey& recipient)
{
    Bytes context;
    append(context, enc.view());
    append(context, recipient.view());
    const auto key = labeled_extract(kem_suite, {}, "eae_prk", dh.view());
    return labeled_expand(kem_suite, key, "shared_secret", context, 32);
}

struct Schedule {
    SecretBytes key;
    SecretBytes nonce;
};

// KeySchedule of section 5.1 without a PSK.
Schedule schedule(const SecretBytes& shared, ByteView info)
{
    Bytes context{0};
    append(context, labeled_extract(hpke_suite, {}, "psk_id_hash", {}).view());
    append(context, labeled_extract(hpke_suite, {}, "info_hash", info).view());
    const auto secret = labeled_extract(hpke_suite, shared.view(), "secret", {});
    return {labeled_expand(hpke_suite, secret, "key", context, aead_key_bytes),
            labeled_expand(hpke_suite, secret, "base_nonce", context, aead_nonce_bytes)};
}

}  // namespace

Result<Bytes> hpke_seal(const X25519PublicKey& to, ByteView info, ByteView associated,
                        ByteView plain, Random& random)
{
    const auto ephemeral = X25519Key::generate(random);
    const auto dh = x25519(ephemeral, to);
    if (!dh) return dh.error();
    const auto enc = x25519_public_key(ephemeral);
    const auto [key, nonce] = schedule(shared_secret(*dh, enc, to), info);
    Bytes sealed{enc.bytes.begin(), enc.bytes.end()};
    append(sealed, seal(Aead::chacha20_poly1305, key.view(), nonce.view(), associated, plain));
    return sealed;
}

Result<SecretBytes> hpke_open(const X25519Key& key, ByteView info, ByteView associated,
                              ByteView sealed)
{
    if (sealed.size() < hpke_overhead_bytes) return invalid("too short for what HPKE seals");
    X25519PublicKey enc;
    std::copy_n(sealed.begin(), enc.bytes.size(), enc.bytes.begin());
    const auto dh = x25519(key, enc);
    if (!dh) return dh.error();
    const auto [opening, nonce] = schedule(shared_secret(*dh, enc, x25519_public_key(key)), info);
    auto plain = open(Aead::chacha20_poly1305, opening.view(), nonce.view(), associated,
                      sealed.subspan(enc.bytes.size()));
    if (!plain) return invalid("not sealed to this key, or changed since");
    auto secret = SecretBytes::copy_of(*plain);
    wipe(*plain);
    return secret;
}

Result<X25519Key> hpke_derive_key(ByteView secret)
{
    if (secret.size() < X25519Key::size) return invalid("a secret for a key has at least 32 bytes");
    const auto key = labeled_extract(kem_suite, {}, "dkp_prk", secret);
    return X25519Key::from_bytes(labeled_expand(kem_suite, key, "sk", {}, X25519Key::size).view());
}

}  // namespace ledger
