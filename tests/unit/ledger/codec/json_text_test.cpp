#include "ledger/codec/json_text.hpp"

#include "ledger/codec/json.hpp"

#include <gtest/gtest.h>

namespace ledger::codec {
namespace {

enum class Sort { coin, credit };
BOOST_DESCRIBE_ENUM(Sort, coin, credit)

struct Part {
    Nonce nonce;
    bool open = true;
};
MILLRACE_DESCRIBE(Part, (nonce, open))

struct Whole {
    Sort kind = Sort::credit;
    Amount min_fee = Amount::micros(5);
    Address pay_to;
    Hash sheet_hash;
    std::vector<std::uint8_t> bytes{1, 0xab};
    std::optional<std::string> note;
    std::optional<std::string> other_note = "a\"\\\n\x7f\xc3\xa9";
    Wide<40> withdraw_delay{900};
    Wide<128> ceiling{~0ull};
    std::vector<Part> parts{{{1}, false}, {{2}, true}};
    std::vector<std::uint64_t> units;
    BasisPoints share{250};
    std::uint64_t most = ~0ull;
};
MILLRACE_DESCRIBE(Whole, (kind, min_fee, pay_to, sheet_hash, bytes, note, other_note,
                          withdraw_delay, ceiling, parts, units, share, most))

TEST(JsonText, SaysOfEveryKindOfValueWhatTheTreeSays)
{
    Whole whole;
    whole.pay_to.bytes = {0x1a, 0x64, 0x2f, 0x0e, 0x3c, 0x3a, 0xf5, 0x45, 0xe7, 0xac,
                          0xbd, 0x38, 0xb0, 0x72, 0x51, 0xb3, 0x99, 0x09, 0x14, 0xf1};
    whole.sheet_hash.bytes[31] = 0x7f;
    const auto written = JsonText{}.value(whole).take();
    const auto read = parse_json(written);
    ASSERT_TRUE(read) << read.error().detail << written;
    EXPECT_EQ(*read, to_json(whole));
    EXPECT_EQ(canonical_json(*read), canonical_json(to_json(whole)));
}

TEST(JsonText, KeepsTheOrderOfItsCalls)
{
    JsonText text;
    text.begin_object().member("z").number(0).member("a", Amount::micros(7)).member("list");
    text.begin_array().text("x").begin_object().end_object().boolean(false).end_array();
    text.member("part").begin_object().members(Part{{3}, false}).member("more", true).end_object();
    EXPECT_EQ(
        text.end_object().take(),
        R"({"z":0,"a":"7","list":["x",{},false],"part":{"nonce":3,"open":false,"more":true}})");
}

TEST(JsonText, TurnsBytesThatAreNoTextIntoReplacements)
{
    const auto written = JsonText{}.text("a\xff\"b").take();
    EXPECT_EQ(written, "\"a\xef\xbf\xbd\\\"b\"");
    EXPECT_EQ(JsonText{}.text(std::string_view{"\0", 1}).take(), R"("\u0000")");
}

}  // namespace
}  // namespace ledger::codec
