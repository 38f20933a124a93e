#include "ledger/crypto/hpke.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ledger {
namespace {

/// Gives the bytes it was made with, once.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(std::string_view hex) : bytes_{*from_hex(hex)} {}
    void fill(std::span<std::uint8_t> bytes) override
    {
        ASSERT_EQ(bytes.size(), bytes_.size());
        std::ranges::copy(bytes_, bytes.begin());
    }

private:
    Bytes bytes_;
};

// RFC 9180, appendix A.2.1; the ephemeral key as in erratum 7121.
const auto info = *from_hex("4f6465206f6e2061204772656369616e2055726e");
const auto associated = *from_hex("436f756e742d30");
const auto plain = *from_hex("4265617574792069732074727574682c20747275746820626561757479");
constexpr auto ephemeral = "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600";
constexpr auto enc = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
constexpr auto ciphertext =
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28";
constexpr auto recipient = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";

X25519Key key(std::string_view hex)
{
    return *X25519Key::from_bytes(*from_hex(hex));
}

TEST(Hpke, SealsAndOpensAsInRfc9180)
{
    FixedRandom random{ephemeral};
    const auto sealed =
        hpke_seal(x25519_public_key(key(recipient)), info, associated, plain, random);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(*sealed), std::string{enc} + ciphertext);
    EXPECT_EQ(sealed->size(), plain.size() + hpke_overhead_bytes);
    const auto opened = hpke_open(key(recipient), info, associated, *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(opened->view()), to_hex(plain));
}

TEST(Hpke, DerivesKeysAsInRfc9180)
{
    const auto sender = hpke_derive_key(
        *from_hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"));
    const auto receiver = hpke_derive_key(
        *from_hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df"));
    EXPECT_EQ(to_hex(x25519_public_key(*sender).view()), enc);
    EXPECT_EQ(to_hex(receiver->view()), recipient);
    EXPECT_FALSE(hpke_derive_key(Bytes(31)));
}

TEST(Hpke, OpensNothingThatWasChangedOrSealedForAnotherPurpose)
{
    SeededRandom random{7};
    const auto mine = X25519Key::generate(random);
    const auto sealed = *hpke_seal(x25519_public_key(mine), info, associated, plain, random);
    ASSERT_TRUE(hpke_open(mine, info, associated, sealed));
    EXPECT_FALSE(hpke_open(mine, associated, associated, sealed));
    EXPECT_FALSE(hpke_open(mine, info, info, sealed));
    EXPECT_FALSE(hpke_open(X25519Key::generate(random), info, associated, sealed));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= 1;
        EXPECT_FALSE(hpke_open(mine, info, associated, changed)) << i;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_FALSE(hpke_open(mine, info, associated, ByteView{sealed}.first(size))) << size;
}

TEST(Hpke, SealsAnewEachTimeAndEmptyTextsToo)
{
    SeededRandom random{8};
    const auto mine = X25519Key::generate(random);
    const auto first = *hpke_seal(x25519_public_key(mine), {}, {}, {}, random);
    const auto second = *hpke_seal(x25519_public_key(mine), {}, {}, {}, random);
    EXPECT_NE(first, second);
    EXPECT_EQ(hpke_open(mine, {}, {}, first)->size(), 0U);
    EXPECT_FALSE(hpke_seal(X25519PublicKey{}, {}, {}, {}, random)) << "a point of small order";
}

}  // namespace
}  // namespace ledger
