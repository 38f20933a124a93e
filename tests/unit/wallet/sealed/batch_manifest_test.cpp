#include "wallet/sealed/batch_manifest.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

BatchManifest good()
{
    ledger::SeededRandom random{1};
    BatchManifest manifest;
    manifest.point = ledger::public_key(ledger::SecretKey::generate(random));
    manifest.chunks = 1;
    manifest.bytes = 100;
    manifest.wraps.push_back({random.next<ledger::X25519PublicKey>(), ledger::Bytes(80, 1)});
    return manifest;
}

bool is_read(const BatchManifest& manifest)
{
    return parse_manifest(manifest_text(manifest)).has_value();
}

TEST(BatchManifest, IsReadAsItIsWritten)
{
    const auto manifest = good();
    const auto read = parse_manifest(manifest_text(manifest));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, manifest);
}

TEST(BatchManifest, RefusesWhatCannotBeTrue)
{
    auto manifest = good();
    manifest.bytes = 15;
    EXPECT_FALSE(is_read(manifest));
    manifest = good();
    manifest.point.bytes[0] = 9;
    EXPECT_FALSE(is_read(manifest)) << "no point of the curve";
    manifest = good();
    manifest.wraps.push_back(manifest.wraps.front());
    EXPECT_FALSE(is_read(manifest)) << "one master twice";
    manifest.wraps.clear();
    EXPECT_FALSE(is_read(manifest)) << "nobody could open it";
    manifest = good();
    manifest.wraps.front().key.pop_back();
    EXPECT_FALSE(is_read(manifest));
    manifest = good();
    for (std::size_t i = 1; i < most_masters; ++i) {
        manifest.wraps.push_back(manifest.wraps.front());
        manifest.wraps.back().to.bytes[0] = static_cast<std::uint8_t>(i);
        manifest.wraps.back().to.bytes[1] ^= 1;
    }
    EXPECT_TRUE(is_read(manifest));
    manifest.wraps.push_back(manifest.wraps.front());
    manifest.wraps.back().to.bytes[2] ^= 1;
    EXPECT_FALSE(is_read(manifest)) << "seventeen masters";
}

TEST(BatchManifest, RefusesTextThatIsNone)
{
    EXPECT_FALSE(parse_manifest(""));
    EXPECT_FALSE(parse_manifest("{}"));
    auto json = ledger::codec::to_json(good());
    json["more"] = 1;
    EXPECT_FALSE(parse_manifest(json.dump()));
    EXPECT_FALSE(parse_manifest(std::string(manifest_bytes + 1, ' ')));
}

}  // namespace
}  // namespace wallet
