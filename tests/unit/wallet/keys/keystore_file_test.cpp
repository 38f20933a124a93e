#include "wallet/keys/keystore_file.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <string_view>

namespace wallet {
namespace {

using Json = nlohmann::json;
using ledger::ErrorKind;
using ledger::SecretKey;
using ledger::SeededRandom;
using ledger::to_hex;

// The two test vectors of the Web3 Secret Storage Definition; the passphrase is "testpassword".
const char* const published_secret =
    "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

const char* const published_pbkdf2 = R"({
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "6087dab2f9fdbbfaddc31a909735c1e6" },
        "ciphertext" : "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf" : "pbkdf2",
        "kdfparams" : {
            "c" : 262144,
            "dklen" : 32,
            "prf" : "hmac-sha256",
            "salt" : "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
        },
        "mac" : "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
})";

const char* const published_scrypt = R"({
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "83dbcc02d8ccb40e466191a123791e0e" },
        "ciphertext" : "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf" : "scrypt",
        "kdfparams" : {
            "dklen" : 32,
            "n" : 262144,
            "p" : 8,
            "r" : 1,
            "salt" : "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"
        },
        "mac" : "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
})";

const ledger::ScryptCost cheap_cost{16, 1, 1};

SecretKey ones()
{
    return *SecretKey::from_bytes(ledger::Bytes(32, 1));
}

std::string sealed(std::string_view passphrase = "secret", const KeystoreCost& cost = cheap_cost)
{
    SeededRandom random{1};
    return *encrypt_key(ones(), passphrase, random, cost);
}

TEST(KeystoreFiles, OpenThePublishedPbkdf2File)
{
    const auto file = parse_keystore(published_pbkdf2);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->id, "3198bc9c-6672-5ab3-d995-4942343ae5b6");
    EXPECT_FALSE(file->address.has_value());
    const auto key = decrypt_key(*file, "testpassword");
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(to_hex(key->view()), published_secret);
    EXPECT_EQ(ledger::to_hex0x(ledger::address_of(*key).view()),
              "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
}

TEST(KeystoreFiles, OpenThePublishedScryptFile)
{
    const auto file = parse_keystore(published_scrypt);
    ASSERT_TRUE(file.has_value());
    const auto key = decrypt_key(*file, "testpassword");
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(to_hex(key->view()), published_secret);
}

TEST(KeystoreFiles, OpenKeysWithoutTheirLeadingZeros)
{
    // Published with go-ethereum, which once wrote such files; the passphrase is "foo".
    struct Short {
        const char *counter, *ciphertext, *salt, *mac, *secret;
    };
    const Short published[] = {
        {"e0c41130a323adc1446fc82f724bca2f",
         "9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984",
         "711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63",
         "d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5",
         "fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35"},
        {"3ca92af36ad7c2cd92454c59cea5ef00",
         "108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa",
         "d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b",
         "75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420",
         "81c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018"},
    };
    for (const auto& one : published) {
        Json file = Json::parse(published_scrypt);
        auto& crypto = file["crypto"];
        crypto["cipherparams"]["iv"] = one.counter;
        crypto["ciphertext"] = one.ciphertext;
        crypto["kdfparams"].update({{"n", 2}, {"r", 8}, {"p", 1}, {"salt", one.salt}});
        crypto["mac"] = one.mac;
        const auto key = decrypt_key(*parse_keystore(file.dump()), "foo");
        ASSERT_TRUE(key.has_value());
        const std::string secret = one.secret;
        EXPECT_EQ(to_hex(key->view()), std::string(64 - secret.size(), '0') + secret);
    }
}

TEST(KeystoreFiles, RefuseAWrongPassphrase)
{
    const auto file = parse_keystore(sealed());
    for (const char* const wrong : {"", "Secret", "secret ", "secre"}) {
        const auto key = decrypt_key(*file, wrong);
        ASSERT_FALSE(key.has_value());
        EXPECT_EQ(key.error().kind, ErrorKind::denied);
        EXPECT_EQ(key.error().detail, "the passphrase is wrong, or the file was changed");
    }
}

TEST(KeystoreFiles, AreReadBack)
{
    for (const KeystoreCost& cost : {KeystoreCost{cheap_cost}, KeystoreCost{Pbkdf2Cost{10}}}) {
        for (const std::string passphrase : {"", "secret", "日本語", "\xff\xfe"}) {
            const auto file = parse_keystore(sealed(passphrase, cost));
            ASSERT_TRUE(file.has_value()) << file.error().detail;
            EXPECT_EQ(file->address, ledger::address_of(ones()));
            const auto key = decrypt_key(*file, passphrase);
            ASSERT_TRUE(key.has_value()) << key.error().detail;
            EXPECT_EQ(to_hex(key->view()), to_hex(ones().view()));
        }
    }
}

TEST(KeystoreFiles, AreWrittenAsStockWalletsExpect)
{
    const auto file = Json::parse(sealed());
    EXPECT_EQ(file.at("version"), 3);
    EXPECT_EQ(file.at("address"), "1a642f0e3c3af545e7acbd38b07251b3990914f1");
    EXPECT_THAT(file.at("id").get<std::string>(),
                testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                      "[0-9a-f]{12}"));
    const auto& crypto = file.at("crypto");
    EXPECT_EQ(crypto.at("cipher"), "aes-128-ctr");
    EXPECT_EQ(crypto.at("kdf"), "scrypt");
    EXPECT_EQ(crypto.at("kdfparams").at("dklen"), 32);
    EXPECT_EQ(crypto.at("kdfparams").at("salt").get<std::string>().size(), 64U);
    EXPECT_EQ(crypto.at("cipherparams").at("iv").get<std::string>().size(), 32U);
    EXPECT_EQ(file.dump().find(to_hex(ones().view())), std::string::npos);
    // Their default, and so ours.
    EXPECT_EQ(ledger::ScryptCost{}.n, 262'144U);
    EXPECT_EQ(ledger::ScryptCost{}.r, 8U);
    EXPECT_EQ(ledger::ScryptCost{}.p, 1U);
}

TEST(KeystoreFiles, DifferEachTimeForTheSameKey)
{
    SeededRandom random{2};
    const auto one = parse_keystore(*encrypt_key(ones(), "x", random, cheap_cost));
    const auto two = parse_keystore(*encrypt_key(ones(), "x", random, cheap_cost));
    EXPECT_NE(one->salt, two->salt);
    EXPECT_NE(one->counter, two->counter);
    EXPECT_NE(one->ciphertext, two->ciphertext);
    EXPECT_NE(one->id, two->id);
}

struct Mistake {
    std::function<void(Json&)> make;
    const char* why;
};

TEST(KeystoreFiles, NameTheFieldThatIsWrong)
{
    const Mistake mistakes[] = {
        {[](Json& f) { f.erase("version"); }, "version is missing"},
        {[](Json& f) { f["version"] = "three"; }, "version is no whole number"},
        {[](Json& f) { f["version"] = "4"; }, "version is not 3"},
        {[](Json& f) { f["version"] = 3.5; }, "version is no whole number"},
        {[](Json& f) { f["version"] = 1; }, "version is not 3"},
        {[](Json& f) { f["version"] = -3; }, "version is no whole number"},
        {[](Json& f) { f["address"] = 5; }, "address is no text"},
        {[](Json& f) { f["address"] = "1a64"; }, "address is no address"},
        {[](Json& f) { f["address"] = "0x0x" + f["address"].get<std::string>(); },
         "address is no address"},
        {[](Json& f) { f["id"] = Json::array(); }, "id is no text"},
        {[](Json& f) { f.erase("crypto"); }, "crypto is missing"},
        {[](Json& f) { f["crypto"] = "x"; }, "crypto is no object"},
        {[](Json& f) { f["crypto"].erase("cipher"); }, "crypto.cipher is missing"},
        {[](Json& f) { f["crypto"]["cipher"] = "aes-128-cbc"; },
         "crypto.cipher is not aes-128-ctr"},
        {[](Json& f) { f["crypto"].erase("cipherparams"); }, "crypto.cipherparams is missing"},
        {[](Json& f) { f["crypto"]["cipherparams"]["iv"] = "00"; },
         "crypto.cipherparams.iv has 1 bytes instead of 16"},
        {[](Json& f) { f["crypto"]["cipherparams"]["iv"] = "0g"; },
         "crypto.cipherparams.iv is no hex"},
        {[](Json& f) { f["crypto"]["ciphertext"] = ""; },
         "crypto.ciphertext has 0 bytes instead of 1 to 32"},
        {[](Json& f) { f["crypto"]["ciphertext"] = std::string(66, '0'); },
         "crypto.ciphertext has 33 bytes instead of 1 to 32"},
        {[](Json& f) { f["crypto"]["mac"] = std::string(62, '0'); },
         "crypto.mac has 31 bytes instead of 32"},
        {[](Json& f) { f["crypto"]["kdf"] = "argon2"; }, "crypto.kdf is neither scrypt nor pbkdf2"},
        {[](Json& f) { f["crypto"].erase("kdfparams"); }, "crypto.kdfparams is missing"},
        {[](Json& f) { f["crypto"]["kdfparams"]["dklen"] = 31; },
         "crypto.kdfparams.dklen is below 32"},
        {[](Json& f) { f["crypto"]["kdfparams"]["dklen"] = "31"; },
         "crypto.kdfparams.dklen is below 32"},
        {[](Json& f) { f["crypto"]["kdfparams"]["dklen"] = nullptr; },
         "crypto.kdfparams.dklen is no whole number"},
        {[](Json& f) { f["crypto"]["kdfparams"].erase("r"); }, "crypto.kdfparams.r is missing"},
        {[](Json& f) { f["crypto"]["kdfparams"]["p"] = nullptr; },
         "crypto.kdfparams.p is no whole number"},
        {[](Json& f) { f["crypto"]["kdfparams"]["salt"] = std::string(2050, '0'); },
         "crypto.kdfparams.salt has 1025 bytes instead of 0 to 1024"},
        {[](Json& f) { f["crypto"]["kdf"] = "pbkdf2"; }, "crypto.kdfparams.prf is missing"},
    };
    for (const auto& mistake : mistakes) {
        Json file = Json::parse(sealed());
        mistake.make(file);
        const auto read = parse_keystore(file.dump());
        ASSERT_FALSE(read.has_value()) << mistake.why;
        EXPECT_EQ(read.error().detail, mistake.why);
        EXPECT_EQ(read.error().kind, ErrorKind::invalid);
    }
}

TEST(KeystoreFiles, RefuseWhatIsNoJson)
{
    for (const std::string text : {"", "{", "[]", "3", "null", "{\"version\":3,}", "\xff"})
        EXPECT_EQ(parse_keystore(text).error().detail, "the file is not a JSON object") << text;
    EXPECT_EQ(parse_keystore(std::string(64 * 1024 + 1, ' ')).error().detail,
              "the file is too long for a key");
    EXPECT_FALSE(parse_keystore(std::string(64 * 1024, '[')).has_value());
    EXPECT_FALSE(parse_keystore(std::string(32 * 1024, '[') + std::string(32 * 1024, ']')));
}

TEST(KeystoreFiles, RefuseCostsAboveTheLimitsBeforeComputing)
{
    auto file = *parse_keystore(sealed());
    for (const KeystoreCost& cost : {KeystoreCost{ledger::ScryptCost{1ULL << 62, 8, 1}},
                                     {ledger::ScryptCost{1ULL << 21, 8, 1}},
                                     {ledger::ScryptCost{2, ~0ULL, 1}},
                                     {ledger::ScryptCost{2, 8, ~0ULL}},
                                     {Pbkdf2Cost{~0ULL}}}) {
        file.cost = cost;
        EXPECT_EQ(decrypt_key(file, "secret").error().kind, ErrorKind::full);
    }
    file.cost = Pbkdf2Cost{0};
    EXPECT_EQ(decrypt_key(file, "secret").error().kind, ErrorKind::invalid);
}

TEST(KeystoreFiles, RefuseAnotherKeyThanTheAddressSays)
{
    Json file = Json::parse(sealed());
    file["address"] = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    const auto key = decrypt_key(*parse_keystore(file.dump()), "secret");
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(key.error().detail,
              "the file says 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf but holds the key of "
              "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1");
}

TEST(KeystoreFiles, AcceptWhatOtherWalletsWrite)
{
    Json file = Json::parse(sealed());
    file["Crypto"] = file["crypto"];
    file.erase("crypto");
    file["address"] = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";
    file.erase("id");
    file["name"] = "a label of theirs";
    EXPECT_TRUE(decrypt_key(*parse_keystore(file.dump()), "secret").has_value());
    file["Crypto"]["kdfparams"]["dklen"] = 64;
    EXPECT_TRUE(decrypt_key(*parse_keystore(file.dump()), "secret").has_value());
}

/// The name in capitals, for this object and all within it.
Json in_capitals(const Json& object)
{
    Json renamed = Json::object();
    for (const auto& [name, value] : object.items()) {
        std::string capitals = name;
        std::ranges::transform(capitals, capitals.begin(),
                               [](unsigned char c) { return std::toupper(c); });
        renamed[capitals] = value.is_object() ? in_capitals(value) : value;
    }
    return renamed;
}

void expect_opens(const Json& file, const char* what)
{
    const auto read = parse_keystore(file.dump());
    ASSERT_TRUE(read.has_value()) << what << ": " << read.error().detail;
    const auto key = decrypt_key(*read, "secret");
    ASSERT_TRUE(key.has_value()) << what << ": " << key.error().detail;
    EXPECT_EQ(to_hex(key->view()), to_hex(ones().view())) << what;
}

TEST(KeystoreFiles, AreReadWhateverTheCaseOfTheirNames)
{
    expect_opens(in_capitals(Json::parse(sealed())), "all names in capitals");
    Json file = Json::parse(sealed());
    file["Version"] = file["version"];
    file["Crypto"] = file["crypto"];
    file["Crypto"]["KdfParams"] = file["crypto"]["kdfparams"];
    file["Crypto"].erase("kdfparams");
    file.erase("version");
    file.erase("crypto");
    expect_opens(file, "some names in other cases");
}

TEST(KeystoreFiles, AreRefusedWhereTwoNamesDifferByCaseAlone)
{
    const Mistake mistakes[] = {
        {[](Json& f) { f["Crypto"] = f["crypto"]; }, "crypto is there twice, in other cases"},
        {[](Json& f) { f["VERSION"] = 3; }, "version is there twice, in other cases"},
        {[](Json& f) { f["Address"] = ""; }, "address is there twice, in other cases"},
        {[](Json& f) { f["ID"] = nullptr; }, "id is there twice, in other cases"},
        {[](Json& f) { f["crypto"]["MAC"] = "00"; }, "crypto.mac is there twice, in other cases"},
        {[](Json& f) { f["crypto"]["kdfparams"]["N"] = 2; },
         "crypto.kdfparams.n is there twice, in other cases"},
        {[](Json& f) { f["crypto"]["kdfparams"]["DKLen"] = 32; },
         "crypto.kdfparams.dklen is there twice, in other cases"},
    };
    for (const auto& mistake : mistakes) {
        Json file = Json::parse(sealed());
        mistake.make(file);
        const auto read = parse_keystore(file.dump());
        ASSERT_FALSE(read.has_value()) << mistake.why;
        EXPECT_EQ(read.error().detail, mistake.why);
    }
}

TEST(KeystoreFiles, TakeTheAddressAsAHintInAnyForm)
{
    for (const Json& none : {Json(""), Json(nullptr), Json("0x")}) {
        Json file = Json::parse(sealed());
        file["address"] = none;
        expect_opens(file, "no address");
        EXPECT_EQ(parse_keystore(file.dump())->address, std::nullopt);
    }
    for (const char* address :
         {"1A642F0E3C3AF545E7ACBD38B07251B3990914F1", "0X1a642f0e3c3af545e7acbd38b07251b3990914f1",
          "1A642f0E3c3aF545E7AcBD38b07251B3990914f1",
          "0x1A642f0E3c3aF545E7AcBD38b07251B3990914f1"}) {
        Json file = Json::parse(sealed());
        file["address"] = address;
        expect_opens(file, address);
        EXPECT_EQ(parse_keystore(file.dump())->address, ledger::address_of(ones()));
    }
    Json file = Json::parse(sealed());
    file["id"] = nullptr;
    expect_opens(file, "no id");
    EXPECT_EQ(parse_keystore(file.dump())->id, "");
}

TEST(KeystoreFiles, NameTheirMethodsInAnyCase)
{
    Json file = Json::parse(sealed());
    file["crypto"]["kdf"] = "Scrypt";
    file["crypto"]["cipher"] = "AES-128-CTR";
    expect_opens(file, "scrypt");
    SeededRandom random{3};
    file = Json::parse(*encrypt_key(ones(), "secret", random, Pbkdf2Cost{10}));
    file["crypto"]["kdf"] = "PBKDF2";
    file["crypto"]["kdfparams"]["prf"] = "HMAC-SHA256";
    file["crypto"]["kdfparams"]["c"] = "10";
    expect_opens(file, "pbkdf2");
}

TEST(KeystoreFiles, WriteWholeNumbersAsFloatsOrTextToo)
{
    const auto written = [](const char* form) {
        Json file = Json::parse(sealed());
        auto& parameters = file["crypto"]["kdfparams"];
        for (auto* number : {&file["version"], &parameters["n"], &parameters["r"], &parameters["p"],
                             &parameters["dklen"]}) {
            const auto value = number->get<std::uint64_t>();
            if (std::string_view{form} == "text")
                *number = std::to_string(value);
            else
                *number = static_cast<double>(value);
        }
        return file;
    };
    expect_opens(written("text"), "text");
    expect_opens(written("float"), "floats");
    Json file = Json::parse(sealed());
    file["crypto"]["kdfparams"].erase("dklen");
    expect_opens(file, "dklen left out");
}

TEST(KeystoreFiles, WriteNoOtherNumbers)
{
    for (const Json& number :
         {Json(2.5), Json(-2.0), Json(1e300), Json(1.8446744073709552e19), Json("-2"), Json("+2"),
          Json("2.0"), Json("0x2"), Json(" 2"), Json("2 "), Json(""), Json("18446744073709551616"),
          Json(true), Json::array({2})}) {
        Json file = Json::parse(sealed());
        file["crypto"]["kdfparams"]["n"] = number;
        const auto read = parse_keystore(file.dump());
        ASSERT_FALSE(read.has_value()) << number;
        EXPECT_EQ(read.error().detail, "crypto.kdfparams.n is no whole number") << number;
    }
}

TEST(KeystoreFiles, KeepTheLimitsHoweverTheNumbersAreWritten)
{
    for (const Json& number : {Json(4503599627370496.0), Json("4611686018427387904")}) {
        Json file = Json::parse(sealed());
        file["crypto"]["kdfparams"]["n"] = number;
        const auto read = parse_keystore(file.dump());
        ASSERT_TRUE(read.has_value()) << read.error().detail;
        EXPECT_EQ(decrypt_key(*read, "secret").error().kind, ErrorKind::full) << number;
    }
}

TEST(KeystoreFiles, SurviveEveryShortenedAndChangedFile)
{
    const std::string good = sealed();
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(parse_keystore(std::string_view{good}.substr(0, i)).has_value() &&
                     i + 1 < good.size());
        for (const char byte : {'\0', '"', '}', '9', 'a', '\xff'}) {
            std::string changed = good;
            changed[i] = byte;
            const auto file = parse_keystore(changed);
            if (!file) continue;
            const ledger::KdfLimits small{.scrypt_memory_bytes = 1 << 16, .scrypt_work = 1 << 10};
            const auto key = decrypt_key(*file, "secret", small);
            if (!key) continue;
            EXPECT_EQ(to_hex(key->view()), to_hex(ones().view()));
        }
    }
}

}  // namespace
}  // namespace wallet
