#include "wallet/keys/recovery_shares.hpp"

#include "tests/unit/wallet/keys/share_vectors.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/keys/share_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wallet {
namespace {

using ledger::Bytes;
using ledger::Result;
using ledger::SecretBytes;
using ledger::SeededRandom;

Result<SecretBytes> recover(const std::vector<std::string_view>& texts,
                            std::string_view passphrase = {})
{
    std::vector<ShareMnemonic> shares;
    for (const auto text : texts) {
        auto share = parse_share(text);
        if (!share) return share.error();
        shares.push_back(std::move(*share));
    }
    return recover_secret(shares, passphrase);
}

std::string refusal(const std::vector<std::string_view>& texts)
{
    const auto secret = recover(texts);
    EXPECT_FALSE(secret);
    return secret ? "" : secret.error().detail;
}

struct RecoveryShares : testing::Test {
    std::vector<SecretBytes> split(std::size_t threshold, std::size_t count,
                                   std::string_view passphrase = {})
    {
        return make_recovery_shares(secret, threshold, count, passphrase, random);
    }
    static std::vector<std::string_view> chosen(const std::vector<SecretBytes>& all,
                                                const std::vector<std::size_t>& which)
    {
        std::vector<std::string_view> texts;
        for (const auto i : which) texts.push_back(ledger::as_text(all[i].view()));
        return texts;
    }

    const Bytes secret =
        *ledger::from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    SeededRandom random{39};
};

TEST(ShareVectors, AreRecoveredOrRefusedAsSlip39Says)
{
    ASSERT_EQ(share_vectors.size(), 45u);
    for (const auto& vector : share_vectors) {
        const auto secret = recover(vector.shares, "TREZOR");
        ASSERT_EQ(secret.has_value(), !vector.secret.empty()) << vector.what;
        EXPECT_EQ(secret ? ledger::to_hex(secret->view()) : "", vector.secret) << vector.what;
    }
}

TEST(ShareVectors, AreSpelledAgainAsTheyStandThere)
{
    for (const auto& vector : share_vectors) {
        if (vector.secret.empty()) continue;
        for (const auto text : vector.shares) {
            const auto share = parse_share(text);
            ASSERT_TRUE(share) << vector.what;
            const auto again = share_text(share->header, share->value.view());
            EXPECT_EQ(ledger::as_text(again.view()), text) << vector.what;
        }
    }
}

TEST(ShareWords, AreTheListOfSlip39)
{
    Bytes all;
    std::set<std::string_view> beginnings;
    for (const auto word : share_words()) {
        ledger::append(all, ledger::as_bytes(word));
        all.push_back('\n');
        beginnings.insert(word.substr(0, 4));
        EXPECT_LE(word.size(), 8u);
    }
    EXPECT_EQ(ledger::to_hex(ledger::sha256(all).view()),
              "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3");
    EXPECT_EQ(beginnings.size(), 1024u);
    EXPECT_TRUE(std::ranges::is_sorted(share_words()));
    EXPECT_EQ(share_word_index("zero"), 1023);
    EXPECT_EQ(share_word_index("abandon"), std::nullopt);
}

TEST_F(RecoveryShares, AnyOfThemThatAreEnoughBringTheSecretBack)
{
    const auto all = split(3, 5);
    ASSERT_EQ(all.size(), 5u);
    for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = 0; b < a; ++b)
            for (std::size_t c = 0; c < b; ++c) {
                const auto back = recover(chosen(all, {a, b, c}));
                ASSERT_TRUE(back) << a << b << c;
                ASSERT_TRUE(std::ranges::equal(back->view(), secret)) << a << b << c;
            }
    EXPECT_TRUE(recover(chosen(all, {0, 1, 2, 3, 4}))) << "more than enough is fine";
}

TEST_F(RecoveryShares, FewerOrTheSameTwiceBringNothingBack)
{
    const auto all = split(3, 5);
    EXPECT_EQ(refusal(chosen(all, {0, 1})), "at least 1 more shares are needed");
    EXPECT_EQ(refusal(chosen(all, {0, 1, 1})), "at least 1 more shares are needed");
    EXPECT_EQ(refusal({}), "at least 1 more shares are needed");
}

TEST_F(RecoveryShares, TwoSplitsOfOneSecretHaveNothingInCommon)
{
    const auto first = split(2, 2), second = split(2, 2);
    EXPECT_EQ(refusal({ledger::as_text(first[0].view()), ledger::as_text(second[1].view())}),
              "these shares are not of one secret");
}

TEST_F(RecoveryShares, AnotherPassphraseBringsAnotherSecretBack)
{
    const auto all = split(2, 3, "blue");
    const auto good = recover(chosen(all, {0, 2}), "blue");
    const auto other = recover(chosen(all, {0, 2}), "red");
    ASSERT_TRUE(good && other);
    EXPECT_TRUE(std::ranges::equal(good->view(), secret));
    EXPECT_FALSE(std::ranges::equal(other->view(), secret));
}

TEST_F(RecoveryShares, AWordThatIsWrongIsFound)
{
    const auto all = split(2, 2);
    const std::string text{ledger::as_text(all[0].view())};
    std::string unknown = text;
    unknown.replace(0, unknown.find(' '), "sealing");
    EXPECT_EQ(parse_share(unknown).error().detail, "word 1 is not in the list of SLIP-0039");
    for (const auto word : {"academic", "zero", "lunar"}) {
        auto changed = text;
        const auto end = changed.rfind(' ');
        if (changed.substr(end + 1) == word) continue;
        changed.replace(end + 1, std::string::npos, word);
        EXPECT_EQ(parse_share(changed).error().detail,
                  "the checksum does not match: a word is wrong, or two are swapped");
    }
}

TEST_F(RecoveryShares, AreReadAsPeopleTypeThem)
{
    const auto all = split(2, 2);
    std::string typed = "  ";
    std::size_t letters = 0;
    for (const char c : ledger::as_text(all[0].view())) {
        letters = c == ' ' ? 0 : letters + 1;
        if (letters <= 4)
            typed += c == ' ' ? std::string{"\t\n "}
                              : std::string(1, static_cast<char>(std::toupper(c)));
    }
    const auto read = parse_share(typed);
    ASSERT_TRUE(read) << typed;
    EXPECT_TRUE(std::ranges::equal(read->value.view(),
                                   parse_share(ledger::as_text(all[0].view()))->value.view()));
}

TEST_F(RecoveryShares, SecretsOfEveryEvenLengthComeBack)
{
    for (std::size_t length = 16; length <= 64; length += 2) {
        Bytes bytes(length);
        random.fill(bytes);
        const auto all = make_recovery_shares(bytes, 2, 2, "", random);
        const auto back = recover(chosen(all, {1, 0}));
        ASSERT_TRUE(back) << length;
        EXPECT_TRUE(std::ranges::equal(back->view(), bytes)) << length;
    }
}

TEST_F(RecoveryShares, TooMuchWorkIsRefusedBeforeItIsDone)
{
    ShareHeader header;
    header.iteration_exponent = 15;
    const auto text = share_text(header, secret);
    const auto asked = recover({ledger::as_text(text.view())});
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().kind, ledger::ErrorKind::full);
}

TEST_F(RecoveryShares, TellHowManyMoreAreNeeded)
{
    const auto& groups = *std::ranges::find(
        share_vectors, "Threshold number of groups and members in each group (128 bits, case 1)",
        &ShareVector::what);
    std::vector<ShareMnemonic> shares;
    std::vector<std::size_t> needed;
    for (const auto text : groups.shares) {
        shares.push_back(*parse_share(text));
        needed.push_back(recovery_state(shares)->needed);
    }
    EXPECT_TRUE(std::ranges::is_sorted(needed, std::greater<>{}));
    EXPECT_EQ(needed.back(), 0u);
    EXPECT_TRUE(recovery_state(shares)->enough);
}

}  // namespace
}  // namespace wallet
