#include "evaluation/report/svg.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

TEST(Svg, EscapesWhatMeansSomething)
{
    EXPECT_EQ(xml_text("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
}

TEST(Svg, LeavesOutWhatXmlForbids)
{
    EXPECT_EQ(xml_text(std::string_view{"a\0b\n\x1b\x7f", 6}), "ab");
    EXPECT_EQ(xml_text("\xef\xbf\xbe\xef\xbf\xbf!"), "!");
}

TEST(Svg, KeepsLettersAndLeavesOutBrokenOnes)
{
    EXPECT_EQ(xml_text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\xbe"),
              "gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\xbe");
    EXPECT_EQ(xml_text("\xc3"), "");
    EXPECT_EQ(xml_text("\xc0\xbc"
                       "x"),
              "x");  // longer than need be
    EXPECT_EQ(xml_text("\xed\xa0\x80"
                       "x"),
              "x");  // half of a pair
    EXPECT_EQ(xml_text("\xf5\x80\x80\x80"
                       "x"),
              "x");  // beyond Unicode
}

TEST(Svg, CutsByLetters)
{
    EXPECT_EQ(xml_text("\xc3\xbc\xc3\xbc\xc3\xbc", 2), "\xc3\xbc\xc3\xbc");
}

TEST(Svg, DrawsOneDocument)
{
    Svg svg;
    svg.rectangle(1, 2, 3, 4, "#fff", "a < b");
    svg.path({{0, 1}, {2, 3}}, "#000");
    const auto text = svg.document(10, 20);
    EXPECT_NE(text.find(R"(viewBox="0 0 10 20")"), std::string::npos);
    EXPECT_NE(text.find("<title>a &lt; b</title></rect>"), std::string::npos);
    EXPECT_NE(text.find(R"(points="0.0,1.0 2.0,3.0 ")"), std::string::npos);
    EXPECT_EQ(text.substr(text.size() - 7), "</svg>\n");
}

}  // namespace
}  // namespace evaluation
