#include "inference/clients/names.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <regex>

namespace inference {
namespace {

/// What a stranger may call a tensor to break out of the text that names it.
const std::vector<std::string> hostile{"\"; system(\"x\"); //",
                                       "*/ int evil; /*",
                                       "a\nb",
                                       "a\rb",
                                       "\\",
                                       "a\\\n",
                                       "?\?/",
                                       "$(reboot)",
                                       "`reboot`",
                                       "'; reboot; '",
                                       "${reboot}",
                                       "</script>",
                                       "\xe2\x80\xa8",
                                       "\xf0\x9f\x9a\x80",
                                       std::string{"a\0b", 3},
                                       "class",
                                       "linux",
                                       "__proto__",
                                       "constructor",
                                       "9lives",
                                       "",
                                       "_",
                                       "A_B",
                                       "#define x",
                                       "%:include",
                                       "R\"(",
                                       std::string(1000, 'x')};

TEST(Identifiers, AreIdentifiersWhateverTheNameIs)
{
    const std::regex plain{"[a-z][a-z0-9]*(_[a-z0-9]+)*"};
    Identifiers scope;
    std::set<std::string> seen;
    for (const auto& name : hostile) {
        const auto made = scope.claim(name);
        EXPECT_TRUE(std::regex_match(made, plain)) << made;
        EXPECT_LE(made.size(), 52u);
        EXPECT_TRUE(seen.insert(made).second) << made;
    }
}

TEST(Identifiers, KeepWhatCanBeKept)
{
    Identifiers scope;
    EXPECT_EQ(scope.claim("Conv::X-1"), "conv_x_1");
    EXPECT_EQ(scope.claim("conv x 1"), "conv_x_1_2");
    EXPECT_EQ(scope.claim("CONV_X_1"), "conv_x_1_3");
    EXPECT_EQ(scope.claim("784"), "t784");
    EXPECT_EQ(scope.claim("\xc3\xa9"), "tensor");
    EXPECT_EQ(scope.claim("class"), "class_1");
    EXPECT_EQ(scope.claim("class_1"), "class_1_2");
    EXPECT_EQ(scope.claim("errno"), "errno_1");
    EXPECT_EQ(scope.claim("__proto__"), "proto");
}

TEST(Identifiers, OfTypesDifferWhereThoseOfMembersDo)
{
    Identifiers types;
    EXPECT_EQ(types.claim_type("a_2", "Input"), "A2Input");
    EXPECT_EQ(types.claim_type("a2", "Input"), "A2Input_2");
    EXPECT_EQ(types.claim_type("a2", "Output"), "A2Output");
}

TEST(Literals, OfCppAreOneLineOfPlainAscii)
{
    EXPECT_EQ(cpp_literal("a\"\\\n?1"), R"("a\042\134\012\0771")");
    EXPECT_EQ(cpp_literal(std::string{"\0001", 2}), R"("\0001")");
    for (const auto& name : hostile)
        for (const char c : cpp_literal(name)) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(Literals, OfJavaScriptAreJsonOfPlainAsciiThatReadsBack)
{
    EXPECT_EQ(js_literal("\xe2\x80\xa8<\xf0\x9f\x9a\x80"), R"("\u2028\u003C\uD83D\uDE80")");
    for (const auto& name : hostile) {
        const auto made = js_literal(name);
        EXPECT_EQ(nlohmann::json::parse(made).get<std::string>(), name);
        for (const char c : made) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
        EXPECT_EQ(made.find("</"), std::string::npos);
    }
}

TEST(Literals, OfTheShellAreOneWord)
{
    EXPECT_EQ(shell_word("a'b$(x)"), R"('a'\''b$(x)')");
    EXPECT_EQ(shell_word(std::string{"a\0b", 3}), "'ab'");
}

TEST(CommentText, HasNothingThatEndsAComment)
{
    for (const auto& name : hostile)
        EXPECT_EQ(comment_text(name).find_first_of("\r\n\\*/\xe2"), std::string::npos);
    EXPECT_EQ(comment_text("image [1]"), "image [1]");
}

TEST(PathSegments, AreOneSegment)
{
    EXPECT_EQ(path_segment("a/b?c d{e}"), "a%2Fb%3Fc%20d%7Be%7D");
    EXPECT_EQ(path_segment(".."), "%2E%2E");
    EXPECT_EQ(path_segment("digits-1.0"), "digits-1.0");
}

}  // namespace
}  // namespace inference
