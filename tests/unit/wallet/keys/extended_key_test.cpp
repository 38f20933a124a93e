#include "wallet/keys/extended_key.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/keys/base58.hpp"
#include "wallet/keys/mnemonic.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using ledger::as_text;
using ledger::from_hex;

struct KeyVector {
    const char *seed, *path, *secret, *open;
};

// Test vectors 1 to 4 of BIP-32.
// clang-format off
const KeyVector key_vectors[] = {
    {"000102030405060708090a0b0c0d0e0f",
     "m",
     "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
     "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"},
    {"000102030405060708090a0b0c0d0e0f",
     "m/0'",
     "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7",
     "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw"},
    {"000102030405060708090a0b0c0d0e0f",
     "m/0'/1",
     "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs",
     "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ"},
    {"000102030405060708090a0b0c0d0e0f",
     "m/0'/1/2'",
     "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM",
     "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5"},
    {"000102030405060708090a0b0c0d0e0f",
     "m/0'/1/2'/2",
     "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334",
     "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV"},
    {"000102030405060708090a0b0c0d0e0f",
     "m/0'/1/2'/2/1000000000",
     "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76",
     "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m",
     "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U",
     "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m/0",
     "xprv9vHkqa6EV4sPZHYqZznhT2NPtPCjKuDKGY38FBWLvgaDx45zo9WQRUT3dKYnjwih2yJD9mkrocEZXo1ex8G81dwSM1fwqWpWkeS3v86pgKt",
     "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m/0/2147483647'",
     "xprv9wSp6B7kry3Vj9m1zSnLvN3xH8RdsPP1Mh7fAaR7aRLcQMKTR2vidYEeEg2mUCTAwCd6vnxVrcjfy2kRgVsFawNzmjuHc2YmYRmagcEPdU9",
     "xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8RuJiHjaDMBU4Zn9h8LZNnBC5y4a"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m/0/2147483647'/1",
     "xprv9zFnWC6h2cLgpmSA46vutJzBcfJ8yaJGg8cX1e5StJh45BBciYTRXSd25UEPVuesF9yog62tGAQtHjXajPPdbRCHuWS6T8XA2ECKADdw4Ef",
     "xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89LojfZ537wTfunKau47EL2dhHKon"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m/0/2147483647'/1/2147483646'",
     "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc",
     "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL"},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
     "m/0/2147483647'/1/2147483646'/2",
     "xprvA2nrNbFZABcdryreWet9Ea4LvTJcGsqrMzxHx98MMrotbir7yrKCEXw7nadnHM8Dq38EGfSh6dqA9QWTyefMLEcBYJUuekgW4BYPJcr9E7j",
     "xpub6FnCn6nSzZAw5Tw7cgR9bi15UV96gLZhjDstkXXxvCLsUXBGXPdSnLFbdpq8p9HmGsApME5hQTZ3emM2rnY5agb9rXpVGyy3bdW6EEgAtqt"},
    {"4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be",
     "m",
     "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6",
     "xpub661MyMwAqRbcEZVB4dScxMAdx6d4nFc9nvyvH3v4gJL378CSRZiYmhRoP7mBy6gSPSCYk6SzXPTf3ND1cZAceL7SfJ1Z3GC8vBgp2epUt13"},
    {"4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be",
     "m/0'",
     "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L",
     "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y"},
    {"3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678",
     "m",
     "xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv",
     "xpub661MyMwAqRbcGczjuMoRm6dXaLDEhW1u34gKenbeYqAix21mdUKJyuyu5F1rzYGVxyL6tmgBUAEPrEz92mBXjByMRiJdba9wpnN37RLLAXa"},
    {"3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678",
     "m/0'",
     "xprv9vB7xEWwNp9kh1wQRfCCQMnZUEG21LpbR9NPCNN1dwhiZkjjeGRnaALmPXCX7SgjFTiCTT6bXes17boXtjq3xLpcDjzEuGLQBM5ohqkao9G",
     "xpub69AUMk3qDBi3uW1sXgjCmVjJ2G6WQoYSnNHyzkmdCHEhSZ4tBok37xfFEqHd2AddP56Tqp4o56AePAgCjYdvpW2PU2jbUPFKsav5ut6Ch1m"},
    {"3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678",
     "m/0'/1'",
     "xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1",
     "xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9T5XnxkopaeS7jGk1GyyVziaMt"},
};

struct Broken {
    const char *text, *why;
};

// Test vector 5 of BIP-32: what must not be read.
const Broken broken[] = {
    {"xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6LBpB85b3D2yc8sfvZU521AAwdZafEz7mnzBBsz4wKY5fTtTQBm",
     "a public key starts with 02, 03 or 04"},
    {"xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFGTQQD3dC4H2D5GBj7vWvSQaaBv5cxi9gafk7NF3pnBju6dwKvH",
     "the secret key does not start with 00"},
    {"xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Txnt3siSujt9RCVYsx4qHZGc62TG4McvMGcAUjeuwZdduYEvFn",
     "the public key is not a point of secp256k1"},
    {"xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFGpWnsj83BHtEy5Zt8CcDr1UiRXuWCmTQLxEK9vbz5gPstX92JQ",
     "the secret key does not start with 00"},
    {"xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6N8ZMMXctdiCjxTNq964yKkwrkBJJwpzZS4HS2fxvyYUA4q2Xe4",
     "a public key starts with 02, 03 or 04"},
    {"xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD9y5gkZ6Eq3Rjuahrv17fEQ3Qen6J",
     "the secret key does not start with 00"},
    {"xprv9s2SPatNQ9Vc6GTbVMFPFo7jsaZySyzk7L8n2uqKXJen3KUmvQNTuLh3fhZMBoG3G4ZW1N2kZuHEPY53qmbZzCHshoQnNf4GvELZfqTUrcv",
     "a master key has no parent, but this one names a fingerprint"},
    {"xpub661no6RGEX3uJkY4bNnPcw4URcQTrSibUZ4NqJEw5eBkv7ovTwgiT91XX27VbEXGENhYRCf7hyEbWrR3FewATdCEebj6znwMfQkhRYHRLpJ",
     "a master key has no parent, but this one names a fingerprint"},
    {"xprv9s21ZrQH4r4TsiLvyLXqM9P7k1K3EYhA1kkD6xuquB5i39AU8KF42acDyL3qsDbU9NmZn6MsGSUYZEsuoePmjzsB3eFKSUEh3Gu1N3cqVUN",
     "a master key is nobody's child, but this one has an index"},
    {"xpub661MyMwAuDcm6CRQ5N4qiHKrJ39Xe1R1NyfouMKTTWcguwVcfrZJaNvhpebzGerh7gucBvzEQWRugZDuDXjNDRmXzSZe4c7mnTK97pTvGS8",
     "a master key is nobody's child, but this one has an index"},
    {"DMwo58pR1QLEFihHiXPVykYB6fJmsTeHvyTp7hRThAtCX8CvYzgPcn8XnmdfHGMQzT7ayAmfo4z3gY5KfbrZWZ6St24UVf2Qgo6oujFktLHdHY4",
     "this is neither an xprv nor an xpub"},
    {"DMwo58pR1QLEFihHiXPVykYB6fJmsTeHvyTp7hRThAtCX8CvYzgPcn8XnmdfHPmHJiEDXkTiJTVV9rHEBUem2mwVbbNfvT2MTcAqj3nesx8uBf9",
     "this is neither an xprv nor an xpub"},
    {"xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzF93Y5wvzdUayhgkkFoicQZcP3y52uPPxFnfoLZB21Teqt1VvEHx",
     "a secret key is not zero and below the group's order"},
    {"xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD5SDKr24z3aiUvKr9bJpdrcLg1y3G",
     "a secret key is not zero and below the group's order"},
    {"xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Q5JXayek4PRsn35jii4veMimro1xefsM58PgBMrvdYre8QyULY",
     "the public key is not a point of secp256k1"},
    {"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHL",
     "the checksum does not match: a character is wrong"},
};
// clang-format on

ExtendedKey at(const KeyVector& vector)
{
    return *derive(*master_key(*from_hex(vector.seed)), *parse_path(vector.path));
}

std::string text_of(const ExtendedKey& key)
{
    return std::string{as_text(to_text(key).view())};
}

TEST(ExtendedKeys, DeriveEveryPublishedChain)
{
    for (const auto& vector : key_vectors) {
        const auto key = at(vector);
        EXPECT_EQ(text_of(key), vector.secret) << vector.path;
        EXPECT_EQ(to_text(without_secret(key)), vector.open) << vector.path;
    }
}

TEST(ExtendedKeys, AreReadBackFromTheirTexts)
{
    for (const auto& vector : key_vectors) {
        const auto secret = parse_extended_key(vector.secret);
        ASSERT_TRUE(secret.has_value());
        EXPECT_EQ(text_of(std::get<ExtendedKey>(*secret)), vector.secret);
        const auto open = parse_extended_key(vector.open);
        ASSERT_TRUE(open.has_value());
        EXPECT_EQ(std::get<ExtendedPublicKey>(*open), without_secret(at(vector)));
    }
}

TEST(ExtendedKeys, DeriveTheSamePublicChildrenWithAndWithoutTheSecret)
{
    const auto parent = at(key_vectors[1]);
    for (const std::uint32_t index : {0U, 1U, 77U, hardened - 1})
        EXPECT_EQ(*child(without_secret(parent), index), without_secret(*child(parent, index)));
    EXPECT_EQ(child(without_secret(parent), hardened).error().detail,
              "a hardened child needs the secret key");
}

TEST(ExtendedKeys, EndAtDepth255)
{
    auto key = at(key_vectors[0]);
    for (int depth = 0; depth < 255; ++depth) key = *child(key, 0);
    EXPECT_EQ(text_of(key),
              "xprvJ9DiCzes6yvKjEy8duXR1Qg6Et6CBmrR4yFJvnburXG4X6VnKbNxoTYhvVdpsxkjdXwX3D2NJHFCAnn"
              "N1DdAJCVQitnFbFWv3fL3oB2BFo4");
    EXPECT_EQ(child(key, 0).error().kind, ledger::ErrorKind::full);
    EXPECT_EQ(child(without_secret(key), 0).error().kind, ledger::ErrorKind::full);
}

TEST(ExtendedKeys, RefuseEveryPublishedMistakeAndSayWhich)
{
    for (const auto& [text, why] : broken) {
        const auto read = parse_extended_key(text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error().detail, why) << text;
    }
}

TEST(ExtendedKeys, RefuseEveryChangedCharacter)
{
    const std::string good = key_vectors[0].secret;
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char other : {'1', 'z', 'l', '0', '\0', ' ', '\xff'}) {
            std::string changed = good;
            changed[i] = other;
            if (changed == good) continue;
            EXPECT_FALSE(parse_extended_key(changed).has_value()) << i;
        }
        EXPECT_FALSE(parse_extended_key(good.substr(0, i)).has_value());
    }
    EXPECT_FALSE(parse_extended_key(good + "1").has_value());
    EXPECT_FALSE(parse_extended_key("1" + good).has_value());
    EXPECT_FALSE(parse_extended_key(std::string(100'000, '1')).has_value());
    EXPECT_FALSE(parse_extended_key(std::string(111, '1')).has_value());
    EXPECT_FALSE(parse_extended_key(std::string(111, 'z')).has_value());
}

TEST(ExtendedKeys, NeedASeedOf16To64Bytes)
{
    EXPECT_FALSE(master_key(ledger::Bytes(15)).has_value());
    EXPECT_TRUE(master_key(ledger::Bytes(16)).has_value());
    EXPECT_TRUE(master_key(ledger::Bytes(64)).has_value());
    EXPECT_FALSE(master_key(ledger::Bytes(65)).has_value());
}

TEST(ExtendedKeys, FindTheAddressesOfStockWallets)
{
    // What every Ethereum development chain starts with.
    const auto words =
        parse_mnemonic("test test test test test test test test test test test junk");
    const char* const known[] = {"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
                                 "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"};
    for (std::uint32_t account = 0; account < 2; ++account) {
        const auto key = derive(*master_key(words->seed("")->view()), ethereum_path(account));
        EXPECT_EQ(ledger::to_checksum(ledger::address_of(key->key)), known[account]);
    }
    EXPECT_EQ(*parse_path("m/44'/60'/0'/0/1"), ethereum_path(1));
}

TEST(Paths, AreReadStrictly)
{
    using Path = std::vector<std::uint32_t>;
    EXPECT_EQ(*parse_path("m"), Path{});
    EXPECT_EQ(*parse_path("m/0/1h/2H/3'"), (Path{0, 1 | hardened, 2 | hardened, 3 | hardened}));
    EXPECT_EQ(*parse_path("m/2147483647'"), Path{0xffff'ffff});
    for (const char* const wrong :
         {"", "/", "0/1", "M/0", "m/", "m//0", "m/0/", "m0", "m/-1", "m/+1", "m/ 1", "m/1 ",
          "m/2147483648", "m/99999999999", "m/1''", "m/x", "m/0x1", "m/1/m"})
        EXPECT_FALSE(parse_path(wrong).has_value()) << wrong;
    std::string long_path = "m";
    for (int i = 0; i < 255; ++i) long_path += "/1";
    EXPECT_EQ(parse_path(long_path)->size(), 255U);
    EXPECT_FALSE(parse_path(long_path + "/1").has_value());
}

TEST(Base58Check, KeepsLeadingZeros)
{
    const auto bytes = *from_hex("00000102");
    const auto text = to_base58check(bytes);
    EXPECT_TRUE(as_text(text.view()).starts_with("11"));
    EXPECT_EQ(ledger::to_hex(from_base58check(as_text(text.view()), 4)->view()), "00000102");
    EXPECT_FALSE(from_base58check(as_text(text.view()), 3).has_value());
    EXPECT_FALSE(from_base58check(as_text(text.view()), 5).has_value());
    // The address of Bitcoin's first block.
    EXPECT_EQ(
        as_text(to_base58check(*from_hex("0062e907b15cbf27d5425399ebf6f0fb50ebb88f18")).view()),
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
}

}  // namespace
}  // namespace wallet
