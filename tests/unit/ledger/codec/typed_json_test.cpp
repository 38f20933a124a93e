#include "ledger/codec/typed_json.hpp"

#include <gtest/gtest.h>

namespace ledger::eip712 {
namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Leaf {
    std::uint32_t small{};
    std::uint64_t large{};
    friend bool operator==(const Leaf&, const Leaf&) = default;
};
MILLRACE_DESCRIBE(Leaf, (small, large))

struct Tree {
    Address planted_by;
    Colour colour{};
    std::vector<Leaf> leaves;
    Bytes bark;
    Wide<40> age;
    std::string name;
};
MILLRACE_DESCRIBE(Tree, (planted_by, colour, leaves, bark, age, name))

struct Bare {};
MILLRACE_DESCRIBE(Bare, ())

Tree tree()
{
    Tree made;
    made.planted_by.bytes.fill(0xab);
    made.colour = Colour::green;
    made.leaves = {{7, 1ull << 60}, {8, 0}};
    made.bark = {0xde, 0xad};
    made.age = {900};
    made.name = "elm \"x\"";
    return made;
}

TEST(TypedJsonTest, NamesTypesAndValuesAsWalletsReadThem)
{
    const Domain domain{"Wood", "1", {5}, {}, {}};
    const auto json = typed_json(domain, tree());
    EXPECT_EQ(json, nlohmann::json::parse(R"({
        "types": {
            "EIP712Domain": [{"name":"name","type":"string"},{"name":"version","type":"string"},
                             {"name":"chainId","type":"uint256"}],
            "Tree": [{"name":"plantedBy","type":"address"},{"name":"colour","type":"uint8"},
                     {"name":"leaves","type":"Leaf[]"},{"name":"bark","type":"bytes"},
                     {"name":"age","type":"uint40"},{"name":"name","type":"string"}],
            "Leaf": [{"name":"small","type":"uint32"},{"name":"large","type":"uint64"}]
        },
        "primaryType": "Tree",
        "domain": {"name":"Wood","version":"1","chainId":5},
        "message": {"plantedBy":"0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB","colour":1,
                    "leaves":[{"small":7,"large":"1152921504606846976"},{"small":8,"large":"0"}],
                    "bark":"0xdead","age":"900","name":"elm \"x\""}
    })"));
}

TEST(TypedJsonTest, ShowsOnlyTheMembersThatADomainHas)
{
    Domain domain{"Wood", {}, {5}, Address{}, Hash{}};
    const auto json = typed_json(domain, tree());
    EXPECT_EQ(json["types"]["EIP712Domain"].size(), 4u);
    EXPECT_FALSE(json["domain"].contains("version"));
    EXPECT_EQ(json["domain"]["salt"], "0x" + std::string(64, '0'));
}

TEST(TypedJsonTest, AStructWithoutMembersHasAnEmptyType)
{
    const auto json = typed_json(Domain{"Wood", {}, {5}, {}, {}}, Bare{});
    EXPECT_EQ(json["types"]["Bare"], nlohmann::json::array());
    EXPECT_EQ(json["message"], nlohmann::json::object());
}

}  // namespace
}  // namespace ledger::eip712
