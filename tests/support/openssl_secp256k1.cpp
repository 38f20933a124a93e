#include "tests/support/openssl_secp256k1.hpp"

#include "ledger/base/ensure.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include <memory>
#include <string_view>

namespace ledger::openssl {
namespace {

template <auto free>
struct Free {
    void operator()(auto* what) const { free(what); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

/// The curve, and room for its arithmetic; each thread has its own.
struct Curve {
    std::unique_ptr<EC_GROUP, Free<EC_GROUP_free>> group{EC_GROUP_new_by_curve_name(NID_secp256k1)};
    std::unique_ptr<BN_CTX, Free<BN_CTX_free>> room{BN_CTX_new()};
    const BIGNUM* order = EC_GROUP_get0_order(group.get());
    const BIGNUM* field = EC_GROUP_get0_field(group.get());
};

Curve& curve()
{
    thread_local Curve made;
    return made;
}

void must(int result)
{
    ensure(result == 1, "OpenSSL computes what it is asked for");
}

Number number(ByteView bytes)
{
    return Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

Number residue(ByteView bytes)
{
    auto made = number(bytes);
    must(BN_nnmod(made.get(), made.get(), curve().order, curve().room.get()));
    return made;
}

bool is_scalar(const Number& value)
{
    return !BN_is_zero(value.get()) && BN_cmp(value.get(), curve().order) < 0;
}

Number sum(const Number& a, const Number& b)
{
    Number made{BN_new()};
    must(BN_mod_add(made.get(), a.get(), b.get(), curve().order, curve().room.get()));
    return made;
}

Number product(const Number& a, const Number& b)
{
    Number made{BN_new()};
    must(BN_mod_mul(made.get(), a.get(), b.get(), curve().order, curve().room.get()));
    return made;
}

Number negative(const Number& a)
{
    Number made{BN_new()};
    must(BN_sub(made.get(), curve().order, a.get()));
    return made;
}

Number inverse(const Number& a)
{
    return Number{BN_mod_inverse(nullptr, a.get(), curve().order, curve().room.get())};
}

/// g * G + times * of; either part may be left out.
Point multiply(const BIGNUM* g, const EC_POINT* of = nullptr, const BIGNUM* times = nullptr)
{
    Point made{EC_POINT_new(curve().group.get())};
    must(EC_POINT_mul(curve().group.get(), made.get(), g, of, times, curve().room.get()));
    return made;
}

/// The point with this x and this parity of y; null when there is none.
Point lift(const Number& x, int odd)
{
    Point made{EC_POINT_new(curve().group.get())};
    if (BN_cmp(x.get(), curve().field) >= 0 ||
        EC_POINT_set_compressed_coordinates(curve().group.get(), made.get(), x.get(), odd,
                                            curve().room.get()) != 1)
        return {};
    return made;
}

/// Empty at infinity.
std::optional<Bytes> sec1(const Point& point)
{
    if (EC_POINT_is_at_infinity(curve().group.get(), point.get())) return {};
    Bytes bytes(65);
    ensure(EC_POINT_point2oct(curve().group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                              bytes.data(), bytes.size(), curve().room.get()) == bytes.size(),
           "a point has two coordinates");
    return bytes;
}

void write(const Number& value, std::uint8_t* to)
{
    ensure(BN_bn2binpad(value.get(), to, 32) == 32, "a number fits into 32 bytes");
}

/// With the secret too, or only with the public key.
Key evp_key(ByteView open, const BIGNUM* secret)
{
    const std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>> parts{OSSL_PARAM_BLD_new()};
    must(OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "secp256k1", 0));
    must(OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, open.data(),
                                          open.size()));
    if (secret != nullptr)
        must(OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret));
    const std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>> all{
        OSSL_PARAM_BLD_to_param(parts.get())};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    must(EVP_PKEY_fromdata_init(context.get()));
    EVP_PKEY* made = nullptr;
    must(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, all.get()));
    return Key{made};
}

Hash tagged(std::string_view tag, std::initializer_list<ByteView> parts)
{
    Bytes all(64);
    SHA256(as_bytes(tag).data(), tag.size(), all.data());
    std::copy_n(all.begin(), 32, all.begin() + 32);
    for (const auto& part : parts) append(all, part);
    Hash made;
    SHA256(all.data(), all.size(), made.bytes.data());
    return made;
}

}  // namespace

std::optional<Bytes> public_key(ByteView secret)
{
    const auto d = number(secret);
    if (secret.size() != SecretKey::size || !is_scalar(d)) return {};
    return sec1(multiply(d.get()));
}

Bytes ecdsa_sign(const SecretKey& key, const Hash& digest)
{
    const auto d = number(key.view());
    const auto evp = evp_key(*public_key(key.view()), d.get());
    const KeyContext context{EVP_PKEY_CTX_new(evp.get(), nullptr)};
    must(EVP_PKEY_sign_init(context.get()));
    Bytes der(80);
    std::size_t size = der.size();
    must(EVP_PKEY_sign(context.get(), der.data(), &size, digest.bytes.data(), Hash::size));
    const auto* at = der.data();
    const EcdsaSignature parsed{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size))};
    const Number r{BN_dup(ECDSA_SIG_get0_r(parsed.get()))};
    Number s{BN_dup(ECDSA_SIG_get0_s(parsed.get()))};
    if (auto other = negative(s); BN_cmp(other.get(), s.get()) < 0) s = std::move(other);
    Bytes made(64);
    write(r, made.data());
    write(s, made.data() + 32);
    return made;
}

bool ecdsa_verify(ByteView key, const Hash& digest, ByteView r_and_s)
{
    const EcdsaSignature parts{ECDSA_SIG_new()};
    must(ECDSA_SIG_set0(parts.get(), number(r_and_s.first(32)).release(),
                        number(r_and_s.subspan(32, 32)).release()));
    std::uint8_t* der = nullptr;
    const int size = i2d_ECDSA_SIG(parts.get(), &der);
    const auto evp = evp_key(key, nullptr);
    const KeyContext context{EVP_PKEY_CTX_new(evp.get(), nullptr)};
    must(EVP_PKEY_verify_init(context.get()));
    const bool good = EVP_PKEY_verify(context.get(), der, static_cast<std::size_t>(size),
                                      digest.bytes.data(), Hash::size) == 1;
    OPENSSL_free(der);
    return good;
}

std::optional<Bytes> recover(const Hash& digest, const Signature& signature)
{
    const auto bytes = signature.view();
    const auto r = number(bytes.first(32)), s = number(bytes.subspan(32, 32));
    const int v = bytes[64];
    if (!is_scalar(r) || !is_scalar(s) || (v != 27 && v != 28)) return {};
    if (BN_cmp(s.get(), negative(s).get()) > 0) return {};
    const auto nonce = lift(r, v - 27);
    if (!nonce) return {};
    // s * R = z * G + r * Q, so Q = (s * R - z * G) / r.
    const auto per_r = inverse(r);
    const auto z = product(negative(residue(digest.view())), per_r);
    return sec1(multiply(z.get(), nonce.get(), product(s, per_r).get()));
}

SchnorrSignature schnorr_sign(const SecretKey& key, const Hash& message, const Hash& aux)
{
    const auto open = *public_key(key.view());
    const auto x = ByteView{open}.subspan(1, 32);
    auto d = number(key.view());
    if ((open[64] & 1) != 0) d = negative(d);
    Hash masked = tagged("BIP0340/aux", {aux.view()}), own;
    write(d, own.bytes.data());
    for (std::size_t i = 0; i < Hash::size; ++i) masked.bytes[i] ^= own.bytes[i];
    auto k = residue(tagged("BIP0340/nonce", {masked.view(), x, message.view()}).view());
    const auto nonce = *sec1(multiply(k.get()));
    if ((nonce[64] & 1) != 0) k = negative(k);
    const auto r = ByteView{nonce}.subspan(1, 32);
    const auto e = residue(tagged("BIP0340/challenge", {r, x, message.view()}).view());
    SchnorrSignature made;
    std::copy(r.begin(), r.end(), made.bytes.begin());
    write(sum(k, product(e, d)), made.bytes.data() + 32);
    return made;
}

bool schnorr_verify(const ConsensusKey& key, ByteView message, const SchnorrSignature& signature)
{
    const auto point = lift(number(key.view()), 0);
    const auto r = signature.view().first(32);
    const auto s = number(signature.view().subspan(32));
    if (!point || BN_cmp(number(r).get(), curve().field) >= 0) return false;
    if (BN_cmp(s.get(), curve().order) >= 0) return false;
    const auto e = residue(tagged("BIP0340/challenge", {r, key.view(), message}).view());
    const auto nonce = sec1(multiply(s.get(), point.get(), negative(e).get()));
    return nonce && ((*nonce)[64] & 1) == 0 && std::equal(r.begin(), r.end(), nonce->begin() + 1);
}

}  // namespace ledger::openssl
