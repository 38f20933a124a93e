#include "ledger/crypto/secp256k1.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

const std::string order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

SecretKey key_of(std::string_view hex)
{
    return *SecretKey::from_bytes(*from_hex(hex));
}
SecretKey ones()
{
    return key_of("0101010101010101010101010101010101010101010101010101010101010101");
}
Hash hash_of(std::string_view hex)
{
    return *id_from_hex<Hash>(hex);
}
SecretKey small(std::uint8_t number)
{
    Bytes bytes(32);
    bytes.back() = number;
    return *SecretKey::from_bytes(bytes);
}

TEST(SecretKey, RefusesWhatIsNoKeyAndSaysWhy)
{
    EXPECT_EQ(SecretKey::from_bytes(Bytes(31, 1)).error().detail, "a secret key has 32 bytes");
    EXPECT_EQ(SecretKey::from_bytes(Bytes(33, 1)).error().detail, "a secret key has 32 bytes");
    EXPECT_EQ(SecretKey::from_bytes(Bytes(32)).error().detail,
              "a secret key is not zero and below the group's order");
    EXPECT_FALSE(SecretKey::from_bytes(*from_hex(order)).has_value());
    EXPECT_FALSE(SecretKey::from_bytes(Bytes(32, 0xff)).has_value());
    EXPECT_TRUE(SecretKey::from_bytes(*from_hex(order.substr(0, 63) + "0")).has_value());
}

TEST(SecretKey, LeavesNothingBehindWhenMoved)
{
    SecretKey from = ones();
    const SecretKey to = std::move(from);
    EXPECT_EQ(to_hex(to.view()), to_hex(ones().view()));
    const Bytes zeros(32);
    EXPECT_TRUE(std::ranges::equal(from.view(), zeros));  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(std::ranges::equal(to.clone().view(), to.view()));
}

TEST(SecretKey, IsDrawnFromTheRandomGiven)
{
    SeededRandom one{1}, same{1}, other{2};
    const auto key = SecretKey::generate(one);
    EXPECT_TRUE(std::ranges::equal(key.view(), SecretKey::generate(same).view()));
    EXPECT_FALSE(std::ranges::equal(key.view(), SecretKey::generate(other).view()));
}

TEST(PublicKeys, AreThoseOfTheStandard)
{
    EXPECT_EQ(to_hex(public_key(small(1)).view()),
              "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    EXPECT_EQ(to_hex(*uncompressed(public_key(small(1)))),
              "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
              "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
    EXPECT_EQ(to_hex(public_key(small(2)).view()),
              "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5");
}

TEST(PublicKeys, ReadBothFormsAndNoOther)
{
    const PublicKey key = public_key(ones());
    Bytes wide = *uncompressed(key);
    EXPECT_EQ(*parse_public_key(key.view()), key);
    EXPECT_EQ(*parse_public_key(wide), key);
    wide[0] = static_cast<std::uint8_t>(0x06 | (wide[64] & 1));  // hybrid form of the same point
    EXPECT_FALSE(parse_public_key(wide).has_value());
    wide[0] = 4;
    wide[64] ^= 1;
    EXPECT_EQ(parse_public_key(wide).error().detail, "the public key is not a point of secp256k1");
    EXPECT_FALSE(parse_public_key({}).has_value());
    EXPECT_FALSE(parse_public_key(key.view().first(32)).has_value());
    EXPECT_FALSE(uncompressed(PublicKey{}).has_value());
    EXPECT_FALSE(address_of(PublicKey{}).has_value());
}

TEST(Addresses, AreThoseEthereumDerives)
{
    EXPECT_EQ(to_hex0x(address_of(ones()).view()), "0x1a642f0e3c3af545e7acbd38b07251b3990914f1");
    EXPECT_EQ(to_hex0x(address_of(small(1)).view()), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    EXPECT_EQ(*address_of(public_key(ones())), address_of(ones()));
}

TEST(Ecdsa, SignsTheGoldenPayments)
{
    struct Golden {
        const char *digest, *signature;
    };
    for (const auto& [digest, signature] :
         {Golden{"e8c5db0a485d7f4d06c412342e927c7947a24319a0b01314005333aeb37a0547",
                 "bcc35a26ce20a8168e033202841ec751834bfc922600332961c440658d71a6c2"
                 "530fd55e5574a9b7aa160fa6271508a8a70aa16c42a6195c1a6f5db50a6b0a761b"},
          Golden{"a7164722949ca9a527f6974d69a4cc2f1b228182cb21417f19e38feb51d66ea0",
                 "bc470bc7ea06d1357dd1d378e00a4390771bc2839c7b6fd2cefe037d6b421c4c"
                 "3a9db92050bd0ce20ded4d534ea81f10bd1357cd71fc05e98a14de246f1c39b51b"}}) {
        const Signature made = sign(ones(), hash_of(digest));
        EXPECT_EQ(to_hex(made.view()), signature);
        EXPECT_EQ(recover(hash_of(digest), made), address_of(ones()));
        EXPECT_EQ(recover_key(hash_of(digest), made), public_key(ones()));
    }
}

TEST(Ecdsa, SignsAsRfc6979)
{
    // The pair known from Bitcoin's own tests: key 1, message "Satoshi Nakamoto".
    const Signature made = sign(small(1), sha256(as_bytes("Satoshi Nakamoto")));
    EXPECT_EQ(to_hex(made.view().first(64)),
              "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
              "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
}

TEST(Ecdsa, RecoversTheSignerOfEveryMessageAndNobodyElse)
{
    SeededRandom random{3};
    int odd = 0;
    for (int i = 0; i < 64; ++i) {
        const auto key = SecretKey::generate(random);
        const auto digest = random.next<Hash>();
        Signature signature = sign(key, digest);
        ASSERT_EQ(recover(digest, signature), address_of(key));
        odd += signature.bytes[64] == 28;
        ASSERT_LT(signature.bytes[32], 0x80);
        signature.bytes[40] ^= 1;
        ASSERT_NE(recover(digest, signature), address_of(key));
    }
    EXPECT_GT(odd, 10);
    EXPECT_LT(odd, 54);
}

Signature with_s(Signature signature, std::string_view s, std::uint8_t v)
{
    std::ranges::copy(*from_hex(s), signature.bytes.begin() + 32);
    signature.bytes[64] = v;
    return signature;
}

TEST(Ecdsa, RefusesTheUpperHalfOfS)
{
    const auto digest = hash_of("e8c5db0a485d7f4d06c412342e927c7947a24319a0b01314005333aeb37a0547");
    const Signature low = sign(ones(), digest);
    // order - s with the other v is the same signature to a lenient reader.
    const auto high = with_s(low,
                             "acf02aa1aa8b564855e9f059d8eaf756"
                             "13a43b7a6ca286dfa56300d7c5cb36cb",
                             28);
    EXPECT_FALSE(recover(digest, high).has_value());
    EXPECT_FALSE(recover_key(digest, high).has_value());
    const std::string half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    EXPECT_TRUE(recover_key(digest, with_s(low, half, 27)).has_value());
    EXPECT_FALSE(recover_key(digest, with_s(low, half.substr(0, 63) + "1", 27)).has_value());
}

TEST(Ecdsa, RefusesOtherRecoveryIdsAndZeros)
{
    const auto digest = sha256(as_bytes("a transaction"));
    const Signature good = sign(ones(), digest);
    for (int v = 0; v < 256; ++v) {
        Signature changed = good;
        changed.bytes[64] = static_cast<std::uint8_t>(v);
        ASSERT_EQ(recover(digest, changed).has_value(), v == 27 || v == 28) << v;
    }
    Signature no_r = good, no_s = good, large_r = good;
    std::fill_n(no_r.bytes.begin(), 32, std::uint8_t{0});
    std::fill_n(no_s.bytes.begin() + 32, 32, std::uint8_t{0});
    std::ranges::copy(*from_hex(order), large_r.bytes.begin());
    EXPECT_FALSE(recover(digest, no_r).has_value());
    EXPECT_FALSE(recover(digest, no_s).has_value());
    EXPECT_FALSE(recover(digest, large_r).has_value());
}

TEST(Ecdh, GivesBothSidesTheSame)
{
    const auto shared = ecdh(ones(), public_key(small(9)));
    ASSERT_TRUE(shared.has_value());
    EXPECT_EQ(shared->size(), 32U);
    EXPECT_TRUE(std::ranges::equal(shared->view(), ecdh(small(9), public_key(ones()))->view()));
    // 3 * (2 G) = 6 G: its x coordinate.
    EXPECT_EQ(to_hex(ecdh(small(3), public_key(small(2)))->view()),
              to_hex(public_key(small(6)).view().subspan(1)));
    EXPECT_FALSE(ecdh(ones(), PublicKey{}).has_value());
}

TEST(Tweaks, AddTheSameToBothHalvesOfAKey)
{
    const Hash tweak = sha256(as_bytes("a tweak"));
    const auto secret = tweak_add(ones(), tweak.view());
    const auto open = tweak_add(public_key(ones()), tweak.view());
    ASSERT_TRUE(secret.has_value() && open.has_value());
    EXPECT_EQ(public_key(*secret), *open);
    const PublicKey both[] = {public_key(ones()), public_key(*SecretKey::from_bytes(tweak.view()))};
    EXPECT_EQ(*combine(both), *open);
    EXPECT_EQ(to_hex(tweak_add(small(4), Bytes(32))->view()), to_hex(small(4).view()));
}

TEST(Tweaks, AreTakenAwayAgain)
{
    const auto sum = tweak_add(ones(), small(4).view());
    ASSERT_TRUE(sum);
    EXPECT_EQ(to_hex(subtract(*sum, small(4))->view()), to_hex(ones().view()));
    EXPECT_EQ(to_hex(subtract(*sum, ones())->view()), to_hex(small(4).view()));
    const auto below_zero = subtract(small(1), small(2));
    ASSERT_TRUE(below_zero) << "the group has no order of size";
    EXPECT_EQ(to_hex(tweak_add(*below_zero, small(2).view())->view()), to_hex(small(1).view()));
    EXPECT_FALSE(subtract(small(4), small(4)));
}

TEST(Tweaks, RefuseWhatMakesNoKey)
{
    const auto minus_one = *from_hex(order.substr(0, 63) + "0");
    EXPECT_FALSE(tweak_add(small(1), minus_one).has_value());
    EXPECT_FALSE(tweak_add(public_key(small(1)), minus_one).has_value());
    EXPECT_FALSE(tweak_add(small(1), *from_hex(order)).has_value());
    EXPECT_FALSE(tweak_add(public_key(small(1)), *from_hex(order)).has_value());
    EXPECT_EQ(tweak_add(small(1), Bytes(31)).error().detail, "a tweak has 32 bytes");
    EXPECT_EQ(tweak_add(public_key(small(1)), Bytes(33)).error().detail, "a tweak has 32 bytes");
    EXPECT_FALSE(tweak_add(PublicKey{}, Bytes(32)).has_value());
    const PublicKey opposite[] = {public_key(small(1)),
                                  public_key(*SecretKey::from_bytes(minus_one))};
    EXPECT_EQ(combine(opposite).error().detail, "the keys cancel out");
    EXPECT_FALSE(combine({}).has_value());
    const PublicKey broken[] = {PublicKey{}};
    EXPECT_FALSE(combine(broken).has_value());
}

}  // namespace
}  // namespace ledger
