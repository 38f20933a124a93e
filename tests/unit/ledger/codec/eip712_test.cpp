#include "ledger/codec/eip712.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger::eip712 {
namespace {

// The example of EIP-712 itself (Example.sol of the standard).
struct Person {
    std::string name;
    Address wallet;
};
MILLRACE_DESCRIBE(Person, (name, wallet))
struct Mail {
    Person from;
    Person to;
    std::string contents;
};
MILLRACE_DESCRIBE(Mail, (from, to, contents))

Address address(std::string_view hex)
{
    return *id_from_hex<Address>(hex);
}

const Mail mail{{"Cow", address("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826")},
                {"Bob", address("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB")},
                "Hello, Bob!"};
const Domain domain{
    "Ether Mail", "1", {1}, address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"), {}};

TEST(Eip712Test, SpellsTheTypesAsTheStandardDoes)
{
    EXPECT_EQ(type_string<Mail>(),
              "Mail(Person from,Person to,string contents)Person(string name,address wallet)");
}

TEST(Eip712Test, HashesTheExampleOfTheStandard)
{
    EXPECT_EQ(to_hex(type_hash<Mail>().view()),
              "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2");
    EXPECT_EQ(to_hex(struct_hash(mail).view()),
              "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    EXPECT_EQ(to_hex(domain.separator().view()),
              "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    EXPECT_EQ(to_hex(digest(domain, mail).view()),
              "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
}

struct Kinds {
    bool flag{};
    std::uint32_t lane{};
    Amount fee;
    Hash id;
    Bytes blob;
    std::vector<Person> people;
    std::vector<std::uint16_t> numbers;
    Wide<128> wide;
    Signature signature;
    Uint256 name;
};
MILLRACE_DESCRIBE(Kinds, (flag, lane, fee, id, blob, people, numbers, wide, signature, name))

TEST(Eip712Test, NamesEveryKindOfMember)
{
    EXPECT_EQ(type_string<Kinds>(),
              "Kinds(bool flag,uint32 lane,uint64 fee,bytes32 id,bytes blob,Person[] people,"
              "uint16[] numbers,uint128 wide,bytes signature,uint256 name)"
              "Person(string name,address wallet)");
}

TEST(Eip712Test, TellsAListOfTwoFromAListOfOne)
{
    Kinds one;
    one.numbers = {1};
    Kinds two;
    two.numbers = {1, 1};
    EXPECT_NE(struct_hash(one), struct_hash(two));
}

TEST(Eip712Test, LeavesOutDomainFieldsThatAreNotSet)
{
    // Permit2's domain has no version.
    const Domain permit{"Permit2", {}, {1}, domain.verifying_contract, {}};
    auto with_version = permit;
    with_version.version = "1";
    auto with_salt = permit;
    with_salt.salt = Hash{};
    EXPECT_NE(permit.separator(), with_version.separator());
    EXPECT_NE(permit.separator(), with_salt.separator());
}

}  // namespace
}  // namespace ledger::eip712
