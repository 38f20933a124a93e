#include "ledger/base/json_depth.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ledger {
namespace {

TEST(JsonDepth, IsThatOfTheDeepestBracket)
{
    EXPECT_EQ(json_depth(""), 0U);
    EXPECT_EQ(json_depth("17"), 0U);
    EXPECT_EQ(json_depth("[]"), 1U);
    EXPECT_EQ(json_depth(R"({"a":[1,{"b":2}],"c":[[]]})"), 3U);
    EXPECT_EQ(json_depth(std::string(1'000'000, '[')), 1'000'000U);
}

TEST(JsonDepth, LeavesBracketsInStringsAside)
{
    EXPECT_EQ(json_depth(R"(["[[["])"), 1U);
    EXPECT_EQ(json_depth(R"(["\"[["])"), 1U) << "a quote behind a backslash ends no string";
    EXPECT_EQ(json_depth(R"(["\\",[]])"), 2U) << "one behind two does";
}

TEST(JsonDepth, IsNotHiddenByBracketsThatCloseNothing)
{
    EXPECT_EQ(json_depth("]]]][["), 2U);
}

}  // namespace
}  // namespace ledger
