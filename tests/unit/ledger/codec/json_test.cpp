#include "ledger/codec/json.hpp"

#include <gtest/gtest.h>

namespace ledger::codec {
namespace {

enum class Kind { coin, credit };
BOOST_DESCRIBE_ENUM(Kind, coin, credit)

struct Asset {
    Kind kind{};
    Amount min_fee;
    Nonce nonce;
    Address account;
    std::vector<std::uint8_t> bytes;
    std::optional<std::string> note;
    Wide<40> withdraw_delay;
    Wide<128> ceiling;
    friend bool operator==(const Asset&, const Asset&) = default;
};
MILLRACE_DESCRIBE(Asset, (kind, min_fee, nonce, account, bytes, note, withdraw_delay, ceiling))

const std::string text =
    R"({"account":"0x0000000000000000000000000000000000000001","bytes":"0x0102",)"
    R"("ceiling":"18446744073709551615","kind":"credit","minFee":"5","nonce":3,"note":null,)"
    R"("withdrawDelay":900})";

Asset asset()
{
    Asset made;
    made.kind = Kind::credit;
    made.min_fee = Amount::micros(5);
    made.nonce = {3};
    made.account.bytes[19] = 1;
    made.bytes = {1, 2};
    made.withdraw_delay = {900};
    made.ceiling = {~0ull};
    return made;
}

std::string refusal(const std::string& member, const std::string& value)
{
    auto json = *parse_json(text);
    json[member] = nlohmann::json::parse(value);
    const auto read = from_json<Asset>(json);
    return read ? "" : read.error().detail;
}

TEST(JsonTest, WritesCamelCaseWithAmountsAsStrings)
{
    EXPECT_EQ(canonical_json(to_json(asset())), text);
}

TEST(JsonTest, ReadsBackWhatItWrote)
{
    EXPECT_EQ(*from_json<Asset>(*parse_json(text)), asset());
}

TEST(JsonTest, NamesTheMemberThatIsWrong)
{
    EXPECT_EQ(refusal("minFee", "5"), "minFee must be a string of decimal digits");
    EXPECT_EQ(refusal("minFee", R"("05")"), "minFee must be decimal digits for a value below 2^64");
    EXPECT_EQ(refusal("minFee", R"("18446744073709551616")"),
              "minFee must be decimal digits for a value below 2^64");
    EXPECT_EQ(refusal("nonce", "-1"), "nonce must be a whole number, 0 or more");
    EXPECT_EQ(refusal("nonce", "1.0"), "nonce must be a whole number, 0 or more");
    EXPECT_EQ(refusal("withdrawDelay", "1099511627776"),
              "withdrawDelay is larger than 1099511627775");
    EXPECT_EQ(refusal("kind", R"("gold")"), "kind is not a known name");
    EXPECT_EQ(refusal("bytes", R"("0x0")"), "bytes must be 0x and hex digits");
    EXPECT_EQ(refusal("account", R"("0x01")"),
              "account is not an address, or its EIP-55 checksum is wrong");
}

TEST(JsonTest, RefusesUnknownAndMissingMembers)
{
    EXPECT_EQ(refusal("extra", "1"), "the value has an unknown member: extra");
    auto json = *parse_json(text);
    json.erase("nonce");
    EXPECT_EQ(from_json<Asset>(json).error().detail, "nonce is missing");
}

TEST(JsonTest, KeepsDefaultsForMembersThatAreNotThereWhenAskedTo)
{
    const auto read = from_json_over(asset(), *parse_json(R"({"nonce":9})"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->nonce, Nonce{9});
    EXPECT_EQ(read->min_fee, asset().min_fee);
    EXPECT_EQ(from_json_over(asset(), *parse_json(R"({"nonse":9})")).error().detail,
              "the value has an unknown member: nonse");
}

TEST(JsonTest, RefusesTextThatIsTooLongTooDeepOrSaysAMemberTwice)
{
    EXPECT_FALSE(parse_json("[1,2]", {.bytes = 4}));
    EXPECT_FALSE(parse_json(std::string(200'000, '['), {.bytes = 1 << 20}));
    EXPECT_TRUE(parse_json(R"(["[[[[[[[["])", {.depth = 1}));
    EXPECT_FALSE(parse_json(R"({"a":1,"a":2})"));
    EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2}])"));
    EXPECT_FALSE(parse_json("{} {}"));
}

}  // namespace
}  // namespace ledger::codec
