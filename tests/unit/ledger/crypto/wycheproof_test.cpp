// Project Wycheproof's vectors: what attackers tried on other implementations. The files are
// large, so they are read from a folder beside the repository (or from $MILLRACE_VECTORS).
#include "ledger/base/hex.hpp"
#include "ledger/crypto/aead.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/kdf.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/x25519.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

namespace ledger {
namespace {

using Json = nlohmann::json;

std::filesystem::path vectors()
{
    const char* named = std::getenv("MILLRACE_VECTORS");
    return named != nullptr ? named : "../shared/vectors";  // tests start in the repository's root
}

Bytes bytes_of(const Json& test, const char* field)
{
    return from_hex(test.at(field).get<std::string>()).value();
}

class Wycheproof : public testing::Test {
protected:
    using Check = std::function<void(const Json& group, const Json& test)>;

    /// Runs `check` on every test of the file; skips when the file is not there.
    void for_each(const char* file, const Check& check)
    {
        std::ifstream in{vectors() / file};
        if (!in) GTEST_SKIP() << "no " << file << " in " << vectors() << "; set MILLRACE_VECTORS";
        const Json all = Json::parse(in);
        int seen = 0;
        for (const auto& group : all.at("testGroups")) {
            for (const auto& test : group.at("tests")) {
                SCOPED_TRACE(test.at("tcId").dump() + ": " + test.value("comment", ""));
                check(group, test);
                ++seen;
            }
        }
        EXPECT_EQ(seen, all.at("numberOfTests"));
    }
};

bool is_valid(const Json& test)
{
    return test.at("result") == "valid";
}

/// One DER integer in its only shortest form, left-padded to 32 bytes; empty otherwise.
std::optional<Bytes> take_integer(ByteView& der)
{
    if (der.size() < 3 || der[0] != 2 || der[1] == 0 || der[1] > 33) return {};
    const std::size_t length = der[1];
    if (der.size() < 2 + length) return {};
    auto value = der.subspan(2, length);
    der = der.subspan(2 + length);
    if ((value[0] & 0x80) != 0) return {};  // negative
    if (length > 1 && value[0] == 0 && (value[1] & 0x80) == 0) return {};
    if (length > 1 && value[0] == 0) value = value.subspan(1);
    if (value.size() > 32) return {};
    Bytes padded(32 - value.size());
    append(padded, value);
    return padded;
}

/// r || s of a DER signature (BIP-66's rules), without v.
std::optional<Signature> from_der(ByteView der)
{
    if (der.size() < 2 || der[0] != 0x30 || der[1] != der.size() - 2) return {};
    der = der.subspan(2);
    const auto r = take_integer(der);
    if (!r) return {};
    const auto s = take_integer(der);
    if (!s || !der.empty()) return {};
    Signature signature;
    std::ranges::copy(*r, signature.bytes.begin());
    std::ranges::copy(*s, signature.bytes.begin() + 32);
    return signature;
}

bool recovers(const PublicKey& key, const Hash& digest, Signature signature)
{
    for (const std::uint8_t v : {std::uint8_t{27}, std::uint8_t{28}}) {
        signature.bytes[64] = v;
        if (recover_key(digest, signature) == key) return true;
    }
    return false;
}

TEST_F(Wycheproof, RecoversTheKeyOfEveryValidSignatureAndOfNoOther)
{
    int valid = 0;
    for_each("ecdsa_secp256k1_sha256_bitcoin_test.json", [&](const Json& group, const Json& test) {
        const auto key = parse_public_key(bytes_of(group.at("publicKey"), "uncompressed"));
        ASSERT_TRUE(key.has_value());
        const auto signature = from_der(bytes_of(test, "sig"));
        const bool found = signature && recovers(*key, sha256(bytes_of(test, "msg")), *signature);
        // A point with x above the order needs v 29 or 30, which Ethereum and we do not have.
        const bool needs_other_v = test.at("comment") == "k*G has a large x-coordinate";
        EXPECT_EQ(found, is_valid(test) && !needs_other_v);
        valid += found;
    });
    EXPECT_TRUE(IsSkipped() || valid > 150) << valid;
}

TEST_F(Wycheproof, RefusesTheUpperHalfOfSEvenWhenOthersAcceptIt)
{
    int high = 0;
    for_each("ecdsa_secp256k1_sha256_test.json", [&](const Json& group, const Json& test) {
        const auto key = parse_public_key(bytes_of(group.at("publicKey"), "uncompressed"));
        ASSERT_TRUE(key.has_value());
        const auto signature = from_der(bytes_of(test, "sig"));
        const bool found = signature && recovers(*key, sha256(bytes_of(test, "msg")), *signature);
        const bool too_high =
            signature && to_hex(signature->view().subspan(32, 32)) >
                             "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
        EXPECT_EQ(found, is_valid(test) && !too_high);
        high += is_valid(test) && too_high;
    });
    EXPECT_TRUE(IsSkipped() || high > 5) << high;
}

TEST_F(Wycheproof, AgreesOnSharedSecretsWithGoodPointsOnly)
{
    // SubjectPublicKeyInfo for a named secp256k1 point; anything else would end in the reader of
    // certificates, which is not ours.
    const Bytes wide = *from_hex("3056301006072a8648ce3d020106052b8104000a034200");
    const Bytes narrow = *from_hex("3036301006072a8648ce3d020106052b8104000a032200");
    int agreed = 0;
    int refused = 0;
    for_each("ecdh_secp256k1_test.json", [&](const Json&, const Json& test) {
        const auto encoded = from_hex(test.at("public").get<std::string>());
        ASSERT_TRUE(encoded.has_value());
        const auto start = ByteView{*encoded}.first(std::min(encoded->size(), wide.size()));
        if (!std::ranges::equal(start, wide) && !std::ranges::equal(start, narrow)) {
            EXPECT_FALSE(is_valid(test));
            return;
        }
        const auto point = parse_public_key(ByteView{*encoded}.subspan(wide.size()));
        Bytes number = bytes_of(test, "private");
        Bytes padded(number.size() < 32 ? 32 - number.size() : 0);
        append(padded, ByteView{number}.last(std::min<std::size_t>(32, number.size())));
        const auto key = SecretKey::from_bytes(padded);
        ASSERT_TRUE(key.has_value());
        if (!point) {
            EXPECT_FALSE(is_valid(test));
            ++refused;
            return;
        }
        EXPECT_NE(test.at("result"), "invalid");
        const auto shared = ecdh(*key, *point);
        ASSERT_TRUE(shared.has_value());
        EXPECT_EQ(to_hex(shared->view()), test.at("shared"));
        ++agreed;
    });
    if (IsSkipped()) return;
    EXPECT_GE(agreed, 473);
    EXPECT_GT(refused, 10);
}

TEST_F(Wycheproof, GivesEveryHmac)
{
    for_each("hmac_sha256_test.json", [](const Json& group, const Json& test) {
        const Bytes tag = hmac_sha256(bytes_of(test, "key"), bytes_of(test, "msg"));
        const std::size_t length = group.at("tagSize").get<std::size_t>() / 8;
        EXPECT_EQ(to_hex(ByteView{tag}.first(length)) == test.at("tag"), is_valid(test));
    });
}

TEST_F(Wycheproof, GivesEveryHkdf)
{
    for_each("hkdf_sha256_test.json", [](const Json&, const Json& test) {
        const auto size = test.at("size").get<std::size_t>();
        if (size > 8160) return;  // stops the process: the length is ours to choose
        ASSERT_TRUE(is_valid(test));
        EXPECT_EQ(to_hex(hkdf_sha256(bytes_of(test, "ikm"), bytes_of(test, "salt"),
                                     bytes_of(test, "info"), size)
                             .view()),
                  test.at("okm"));
    });
}

TEST_F(Wycheproof, GivesEveryPbkdf2)
{
    for_each("pbkdf2_hmacsha256_test.json", [](const Json&, const Json& test) {
        const auto key = pbkdf2_sha256(bytes_of(test, "password"), bytes_of(test, "salt"),
                                       test.at("iterationCount").get<std::uint64_t>(),
                                       test.at("dkLen").get<std::size_t>());
        ASSERT_TRUE(key.has_value());
        EXPECT_EQ(to_hex(key->view()), test.at("dk"));
    });
}

void check_aead(Aead algorithm, const Json& group, const Json& test)
{
    if (group.at("keySize") != 256 || group.at("ivSize") != 96) return;  // cannot be asked for
    const auto key = bytes_of(test, "key"), nonce = bytes_of(test, "iv");
    const auto associated = bytes_of(test, "aad"), plain = bytes_of(test, "msg");
    Bytes sealed = bytes_of(test, "ct");
    append(sealed, bytes_of(test, "tag"));
    const auto opened = open(algorithm, key, nonce, associated, sealed);
    EXPECT_EQ(opened.has_value(), is_valid(test));
    if (!is_valid(test)) return;
    EXPECT_EQ(opened, plain);
    EXPECT_EQ(seal(algorithm, key, nonce, associated, plain), sealed);
}

TEST_F(Wycheproof, SealsAndOpensAsChacha20Poly1305)
{
    for_each("chacha20_poly1305_test.json", [](const Json& group, const Json& test) {
        check_aead(Aead::chacha20_poly1305, group, test);
    });
}

TEST_F(Wycheproof, SealsAndOpensAsAes256Gcm)
{
    for_each("aes_gcm_test.json", [](const Json& group, const Json& test) {
        check_aead(Aead::aes_256_gcm, group, test);
    });
}

TEST_F(Wycheproof, AgreesOnX25519SecretsAndRefusesThoseOfZeros)
{
    int zeros = 0;
    for_each("x25519_test.json", [&](const Json&, const Json& test) {
        const auto expected = bytes_of(test, "shared");
        const auto shared = x25519(*X25519Key::from_bytes(bytes_of(test, "private")),
                                   X25519PublicKey::of(bytes_of(test, "public")));
        if (expected == Bytes(32)) {
            EXPECT_FALSE(shared);
            ++zeros;
        } else {
            ASSERT_TRUE(shared);
            EXPECT_EQ(to_hex(shared->view()), to_hex(expected));
        }
    });
    EXPECT_TRUE(IsSkipped() || zeros > 0);
}

}  // namespace
}  // namespace ledger
