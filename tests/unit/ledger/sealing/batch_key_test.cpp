#include "ledger/sealing/batch_key.hpp"

#include "ledger/base/hex.hpp"
#include "tests/unit/ledger/sealing/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace ledger::sealing {
namespace {

SecretKey scalar(std::string_view hex)
{
    return *SecretKey::from_bytes(*from_hex(hex));
}

// Computed apart from this code, with HMAC from another library.
TEST(BatchKey, GivesDataAndChunkKeysThatAnybodyCanComputeAgain)
{
    const auto key = scalar("0101010101010101010101010101010101010101010101010101010101010101");
    const auto dek = data_key(key, some_dataset(2));
    EXPECT_EQ(to_hex(dek.view()),
              "84602c46ccd5b143b39859135e1fd48535f7401b097d37c65ecfba0a7e3de521");
    EXPECT_EQ(to_hex(chunk_key(dek, 0).view()),
              "17448861bea38f5fcaaec17011a533b21ed166ff719d55b37cb961714b5ca44b");
    EXPECT_EQ(to_hex(chunk_key(dek, 258).view()),
              "266cccff7819d4f56c1a1c6cf066040a3bcdc7bbacc43817f29ec2b524fae568");
}

TEST(BatchKey, OpensForItsMasterAndDatasetAlone)
{
    SeededRandom random{3};
    const auto master = X25519Key::generate(random);
    const auto key = SecretKey::generate(random);
    const auto wrapped = *wrap(key, some_dataset(), x25519_public_key(master), random);
    EXPECT_EQ(wrapped.size(), wrap_bytes);
    EXPECT_EQ(wrap_bytes, 80U);
    const auto unwrapped = unwrap(wrapped, some_dataset(), master);
    ASSERT_TRUE(unwrapped);
    EXPECT_EQ(to_hex(unwrapped->view()), to_hex(key.view()));
    EXPECT_FALSE(unwrap(wrapped, some_dataset(2), master));
    EXPECT_FALSE(unwrap(wrapped, some_dataset(), X25519Key::generate(random)));
    EXPECT_FALSE(unwrap(ByteView{wrapped}.first(79), some_dataset(), master));
    EXPECT_FALSE(wrap(key, some_dataset(), X25519PublicKey{}, random));
}

TEST(BatchKey, RefusesAWrapOfSomethingThatIsNoScalar)
{
    SeededRandom random{4};
    const auto master = X25519Key::generate(random);
    for (const auto* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"}) {
        const auto sealed = *hpke_seal(x25519_public_key(master), some_dataset().view(), {},
                                       *from_hex(hex), random);
        EXPECT_FALSE(unwrap(sealed, some_dataset(), master)) << hex;
    }
}

}  // namespace
}  // namespace ledger::sealing
