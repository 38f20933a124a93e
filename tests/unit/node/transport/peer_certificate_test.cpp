#include "node/transport/peer_certificate.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/forged_certificate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace node {
namespace {

using namespace std::chrono_literals;
using Fault = CertificateFault;
constexpr ledger::TimeMs now{1'790'000'000'000};

class PeerCertificateTest : public testing::Test {
protected:
    /// The fault's name, or "fine".
    std::string verdict(ledger::ByteView certificate, ledger::TimeMs time = now) const
    {
        const auto peer = check_peer_certificate(certificate, time);
        if (!peer) return std::string{name_of(peer.error())};
        return *peer == ledger::public_key(key) ? "fine" : "somebody else";
    }
    std::string verdict(const Forgery& forgery) const
    {
        return verdict(forge_certificate(key, now, forgery).certificate);
    }

    ledger::SeededRandom random{7};
    ledger::SecretKey key = ledger::SecretKey::generate(random);
};

TEST_F(PeerCertificateTest, NamesThePeerWhoseKeySignedIt)
{
    EXPECT_EQ(verdict(make_peer_certificate(key, now).certificate), "fine");
    EXPECT_EQ(verdict(Forgery{}), "fine");
}

TEST_F(PeerCertificateTest, HoldsFromADayBeforeUntilThirtyDaysAfter)
{
    const auto made = make_peer_certificate(key, now).certificate;
    constexpr std::uint64_t day = 24 * 3600 * 1000;
    EXPECT_EQ(verdict(made, {now.value - day}), "fine");
    EXPECT_EQ(verdict(made, {now.value - day - 1000}), "not_yet_valid");
    EXPECT_EQ(verdict(made, {now.value + 30 * day - 1000}), "fine");
    EXPECT_EQ(verdict(made, {now.value + 30 * day + 1000}), "expired");
}

TEST_F(PeerCertificateTest, IsMadeAnewWithAnotherThrowAwayKeyEachTime)
{
    const auto first = make_peer_certificate(key, now), second = make_peer_certificate(key, now);
    EXPECT_NE(first.certificate, second.certificate);
    EXPECT_FALSE(
        ledger::equal_in_constant_time(first.private_key.view(), second.private_key.view()));
}

TEST_F(PeerCertificateTest, IgnoresAnUnknownExtensionUnlessItIsCritical)
{
    EXPECT_EQ(verdict({.unknown_extension = true}), "fine");
    EXPECT_EQ(verdict({.unknown_extension = true, .unknown_is_critical = true}),
              "unknown_critical_extension");
    EXPECT_EQ(verdict({.critical = true}), "fine");
}

TEST_F(PeerCertificateTest, WantsTheExtensionExactlyOnce)
{
    EXPECT_EQ(verdict({.signed_key_extensions = 0}), "extension_missing");
    EXPECT_EQ(verdict({.signed_key_extensions = 2}), "extension_repeated");
}

TEST_F(PeerCertificateTest, RefusesWhatIsNotSignedByItselfAndByThePeer)
{
    EXPECT_EQ(verdict({.wrong_self_signature = true}), "bad_self_signature");
    EXPECT_EQ(verdict({.signed_for_another_key = true}), "bad_peer_signature");
}

TEST_F(PeerCertificateTest, RefusesOtherThrowAwayKeysAndOldVersions)
{
    EXPECT_EQ(verdict({.curve = "P-384"}), "certificate_key_not_p256");
    EXPECT_EQ(verdict({.signed_key_extensions = 0, .version_1 = true}), "malformed");
}

TEST_F(PeerCertificateTest, RefusesWhatIsTooLargeBeforeItIsParsed)
{
    EXPECT_EQ(verdict({.padding = 3000}), "fine");
    EXPECT_EQ(verdict({.padding = CertificateLimits::bytes}), "too_large");
    EXPECT_EQ(verdict(ledger::Bytes(CertificateLimits::bytes + 1)), "too_large");
}

TEST_F(PeerCertificateTest, RefusesBytesBehindTheCertificateAndEveryShorterPiece)
{
    auto bytes = forge_certificate(key, now).certificate;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(verdict(ledger::ByteView{bytes}.first(size)), "malformed");
    bytes.push_back(0);
    EXPECT_EQ(verdict(bytes), "malformed");
}

TEST_F(PeerCertificateTest, NeverTakesACertificateWithOneByteChanged)
{
    const auto good = forge_certificate(key, now).certificate;
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto bytes = good;
        bytes[at] ^= 1;
        EXPECT_NE(verdict(bytes), "fine") << "byte " << at;
    }
}

TEST_F(PeerCertificateTest, RefusesASignedKeyThatIsNotCanonical)
{
    const auto changed = [this](auto change) {
        return verdict({.change_signed_key = [change](ledger::Bytes& bytes) { change(bytes); }});
    };
    EXPECT_EQ(changed([](auto& b) { b.push_back(0); }), "extension_malformed");
    EXPECT_EQ(changed([](auto& b) { b.pop_back(); }), "extension_malformed");
    EXPECT_EQ(changed([](auto& b) { b[4] = 0x10; }), "extension_malformed");  // another field
    EXPECT_EQ(changed([](auto& b) { b[5] = 0; }), "peer_key_rsa");
    EXPECT_EQ(changed([](auto& b) { b[5] = 1; }), "peer_key_ed25519");
    EXPECT_EQ(changed([](auto& b) { b[5] = 3; }), "peer_key_ecdsa");
    EXPECT_EQ(changed([](auto& b) { b[5] = 4; }), "peer_key_unknown");
    EXPECT_EQ(changed([](auto& b) { b[8] = 5; }), "peer_key_invalid");
    EXPECT_EQ(changed([](auto& b) { b.back() ^= 1; }), "bad_peer_signature");
}

TEST(SignedKey, RefusesTheSameSignatureWithSInTheUpperHalf)
{
    ledger::SeededRandom random{8};
    const auto key = ledger::SecretKey::generate(random);
    const ledger::Bytes spki{1, 2, 3};
    const auto good = make_signed_key(key, spki);
    EXPECT_EQ(*check_signed_key(good, spki), ledger::public_key(key));
    // n - s in the place of s. The last element is s: its last 32 bytes.
    const auto order =
        *ledger::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    auto bad = good;
    int borrow = 0;
    for (std::size_t i = 1; i <= 32; ++i) {
        const int difference = order[32 - i] - bad[bad.size() - i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        bad[bad.size() - i] = static_cast<std::uint8_t>(difference);
    }
    ASSERT_EQ(bad[bad.size() - 33], 32) << "this seed's s fills 32 bytes";
    bad.insert(bad.end() - 32, 0);
    // One more byte in each of the elements around it.
    const std::size_t signature_at = 2 + 2 + 37;
    for (const std::size_t at :
         {bad.size() - 34, signature_at + 3, signature_at + 1, std::size_t{1}})
        ++bad[at];
    EXPECT_EQ(check_signed_key(bad, spki).error(), Fault::bad_peer_signature);
}

// The vectors of libp2p/specs tls/tls.md, revision r0, and one of an earlier edition. The invalid
// one has an ECDSA peer, whose type we refuse before its signature.
struct Vector {
    const char* name;
    const char* certificate;
    const char* verdict;
    const char* key;  ///< of the peer, where it is ours to read
};

std::ostream& operator<<(std::ostream& out, const Vector& vector)
{
    return out << vector.name;
}

class SpecificationVector : public testing::TestWithParam<Vector> {};

TEST_P(SpecificationVector, IsJudgedAsTheSpecificationSays)
{
    const auto peer = check_peer_certificate(*ledger::from_hex(GetParam().certificate), now);
    EXPECT_EQ(peer ? "fine" : name_of(peer.error()), GetParam().verdict);
    if (peer) {
        EXPECT_EQ(ledger::to_hex(peer->view()), GetParam().key);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Libp2p, SpecificationVector,
    testing::Values(
        Vector{"Ed25519Peer",
               "308201ae30820156a0030201020204499602d2300a06082a8648ce3d040302302031123010060355"
               "040a13096c69627032702e696f310a300806035504051301313020170d3735303130313133303030"
               "305a180f34303936303130313133303030305a302031123010060355040a13096c69627032702e69"
               "6f310a300806035504051301313059301306072a8648ce3d020106082a8648ce3d03010703420004"
               "0c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785"
               "04c174144fa4b14b66a651691606d8173e55bd37e381569ea37c307a3078060a2b0601040183a25a"
               "0101046a3068042408011220a77f1d92fedb59dddaea5a1c4abd1ac2fbde7d7b879ed36450180992"
               "3d7c11b90440d90d2769db992d5e6195dbb08e706b6651e024fda6cfb8846694a435519941cac215"
               "a8207792e42849cccc6cd8136c6e4bde92a58c5e08cfd4206eb5fe0bf909300a06082a8648ce3d04"
               "03020346003043021f50f6b6c52711a881778718238f650c9fb48943ae6ee6d28427dc6071ae55e7"
               "02203625f116a7a454db9c56986c82a25682f7248ea1cb764d322ea983ed36a31b77",
               "peer_key_ed25519", ""},
        Vector{"EcdsaPeer",
               "308201f63082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355"
               "040a13096c69627032702e696f310a300806035504051301313020170d3735303130313133303030"
               "305a180f34303936303130313133303030305a302031123010060355040a13096c69627032702e69"
               "6f310a300806035504051301313059301306072a8648ce3d020106082a8648ce3d03010703420004"
               "0c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785"
               "04c174144fa4b14b66a651691606d8173e55bd37e381569ea381c23081bf3081bc060a2b06010401"
               "83a25a01010481ad3081aa045f0803125b3059301306072a8648ce3d020106082a8648ce3d030107"
               "03420004bf30511f909414ebdd3242178fd290f093a551cf75c973155de0bb5a96fedf6cb5d52da7"
               "563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f2044730450220064ea8124774"
               "caf8f50e57f436aa62350ce652418c019df5d98a3ac666c9386a022100aa59d704a931b5f72fb922"
               "2cb6cc51f954d04a4e2e5450f8805fe8918f71eaae300a06082a8648ce3d04030203470030440220"
               "799395b0b6c1e940a7e4484705f610ab51ed376f19ff9d7c16757cfbf61b8d4302206205c03fbb0f"
               "95205c779be86581d3e31c01871ad5d1f3435bcf375cb0e5088a",
               "peer_key_ecdsa", ""},
        Vector{"Secp256k1Peer",
               "308201ba3082015fa0030201020204499602d2300a06082a8648ce3d040302302031123010060355"
               "040a13096c69627032702e696f310a300806035504051301313020170d3735303130313133303030"
               "305a180f34303936303130313133303030305a302031123010060355040a13096c69627032702e69"
               "6f310a300806035504051301313059301306072a8648ce3d020106082a8648ce3d03010703420004"
               "0c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785"
               "04c174144fa4b14b66a651691606d8173e55bd37e381569ea38184308181307f060a2b0601040183"
               "a25a01010471306f0425080212210206dc6968726765b820f050263ececf7f71e4955892776c0970"
               "542efd689d2382044630440220145e15a991961f0d08cd15425bb95ec93f6ffa03c5a385eedc34ec"
               "f464c7a8ab022026b3109b8a3f40ef833169777eb2aa337cfb6282f188de0666d1bcec2a4690dd30"
               "0a06082a8648ce3d0403020349003046022100e1a217eeef9ec9204b3f774a08b70849646b6a1e6b"
               "8b27f93dc00ed58545d9fe022100b00dafa549d0f03547878338c7b15e7502888f6d45db387e5ae6"
               "b5d46899cef0",
               "fine", "0206dc6968726765b820f050263ececf7f71e4955892776c0970542efd689d2382"},
        Vector{"Secp256k1PeerWithACriticalExtension",
               "3082018230820128a003020102020900f3b305f55622cfdf300a06082a8648ce3d04030230003020"
               "170d3735303130313030303030305a180f34303936303130313030303030305a3000305930130607"
               "2a8648ce3d020106082a8648ce3d0301070342000458f7e9581748ff9bdd933b655cc0e5552a1248"
               "f840658cc221dec2186b5a2fe4641b86ab7590a3422cdbb1000cf97662f27e5910d7569f22feed88"
               "29c8b52e0fa38188308185308182060a2b0601040183a25a01010101ff0471306f04250802122102"
               "6b053094d1112bce799dc8026040ae6d4eb574157929f1598172061f753d9b1b0446304402204071"
               "2707e97794c478d93989aaa28ae1f71c03af524a8a4bd2d98424948a782302207b61b7f074b696a2"
               "5fb9e0059141a811cccc4cc28042d9301b9b2a4015e87470300a06082a8648ce3d04030203480030"
               "450220143ae4d86fdc8675d2480bb6912eca5e39165df7f572d836aa2f2d6acfab13f8022100831d"
               "1979a98f0c4a6fb5069ca374de92f1a1205c962a6d90ad3d7554cb7d9df4",
               "fine", "026b053094d1112bce799dc8026040ae6d4eb574157929f1598172061f753d9b1b"},
        Vector{"Invalid",
               "308201f73082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355"
               "040a13096c69627032702e696f310a300806035504051301313020170d3735303130313133303030"
               "305a180f34303936303130313133303030305a302031123010060355040a13096c69627032702e69"
               "6f310a300806035504051301313059301306072a8648ce3d020106082a8648ce3d03010703420004"
               "0c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785"
               "04c174144fa4b14b66a651691606d8173e55bd37e381569ea381c23081bf3081bc060a2b06010401"
               "83a25a01010481ad3081aa045f0803125b3059301306072a8648ce3d020106082a8648ce3d030107"
               "03420004bf30511f909414ebdd3242178fd290f093a551cf75c973155de0bb5a96fedf6cb5d52da7"
               "563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f204473045022100bb6e03577b"
               "7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe7de6f65cade72802206de96e2a5be9b6202adba2"
               "4ee0362e490641ac45c240db71fe955f2c5cf8df6e300a06082a8648ce3d04030203480030450221"
               "00e847f267f43717358f850355bdcabbefb2cfbf8a3c043b203a14788a092fe8db022027c1d04a2d"
               "41fd6b57a7e8b3989e470325de4406e52e084e34a3fd56eef0d0df",
               "peer_key_ecdsa", ""}),
    [](const auto& made) { return std::string{made.param.name}; });

}  // namespace
}  // namespace node
