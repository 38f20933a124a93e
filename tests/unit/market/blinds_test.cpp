#include "market/blinds.hpp"

#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

TEST(BlindsTest, OpenForTheSellerInThatPurchaseAlone)
{
    ledger::SeededRandom random{7};
    const auto seller = ledger::X25519Key::generate(random);
    const auto z = ledger::SecretKey::generate(random);
    const std::vector points{ledger::public_key(z)};
    OfferId offer;
    offer.bytes[0] = 1;
    Address buyer;
    buyer.bytes[0] = 2;
    const auto sealed = ledger::hpke_seal(ledger::x25519_public_key(seller),
                                          blinds_info(offer, buyer, points), {}, z.view(), random);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), ledger::hpke_overhead_bytes + 32) << "as DataBuy wants it";
    const auto opens = [&](const OfferId& of, const Address& by,
                           const std::vector<ledger::PublicKey>& with) {
        return ledger::hpke_open(seller, blinds_info(of, by, with), {}, *sealed).has_value();
    };
    EXPECT_TRUE(opens(offer, buyer, points));
    EXPECT_FALSE(opens({}, buyer, points));
    EXPECT_FALSE(opens(offer, {}, points));
    EXPECT_FALSE(opens(offer, buyer, {}));
}

}  // namespace
}  // namespace market
