#include "samples/csv.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

using Rows = std::vector<std::vector<std::string>>;

ledger::Result<Rows> rows_of(std::string_view text, const CsvReader::Options& options = {},
                             std::size_t piece = 1'000)
{
    Rows rows;
    CsvReader reader{options, [&](std::uint64_t number, std::span<const std::string_view> fields) {
                         EXPECT_EQ(number, rows.size() + 1);
                         rows.emplace_back(fields.begin(), fields.end());
                         return ledger::Result<void>{};
                     }};
    while (!text.empty()) {
        const auto now = text.substr(0, piece);
        text.remove_prefix(now.size());
        if (const auto read = reader.read(ledger::as_bytes(now)); !read) return read.error();
    }
    if (const auto ended = reader.finish(); !ended) return ended.error();
    return rows;
}

TEST(Csv, HasFieldsWithAndWithoutQuotes)
{
    const Rows rows{{"a", "b"}, {"1", ""}, {"say \"so\", then\r\n", " x "}, {"", ""}};
    const std::string_view text =
        "\xef\xbb\xbf"
        "a,b\r\n1,\n\n\"say \"\"so\"\", then\r\n\",\" x \"\n,";
    for (const std::size_t piece : {1u, 2u, 3u, 1'000u}) {
        const auto read = rows_of(text, {}, piece);
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(*read, rows) << piece;
    }
}

TEST(Csv, MayBeDividedBySomethingElse)
{
    EXPECT_EQ(*rows_of("a;b,c\n", {.delimiter = ';'}), (Rows{{"a", "b,c"}}));
}

TEST(Csv, OfNothingHasNoRows)
{
    EXPECT_EQ(*rows_of(""), Rows{});
    EXPECT_EQ(*rows_of("\n\r\n"), Rows{});
    EXPECT_EQ(*rows_of("\"\"\n"), (Rows{{""}}));
}

TEST(Csv, SaysInWhichRowSomethingIsWrong)
{
    using namespace std::literals;
    const std::vector<std::pair<std::string_view, std::string_view>> wrong{
        {"a\nb\"c\n", "row 2: a quote stands inside of a field without quotes"},
        {"a\n\"b\"c\n", "row 2: something follows a closed quote"},
        {"a\n\"b", "row 2: a quote is not closed"},
        {"a\rb", "row 1: a carriage return ends no line"},
        {"a\n\r", "row 2: a carriage return ends no line"},
        {"a\0b"sv, "row 1: it has a zero byte"},
        {"\xef\xbb", "row 1: it begins with half of a byte order mark"},
        {"\xef\xbb,", "row 1: it begins with half of a byte order mark"}};
    for (const auto& [text, why] : wrong) {
        const auto read = rows_of(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, ledger::ErrorKind::invalid);
        EXPECT_EQ(read.error().detail, why);
    }
}

TEST(Csv, KeepsItsBounds)
{
    const CsvReader::Options small{',', 4, 2};
    EXPECT_TRUE(rows_of("ab,cd\nab,cd\n", small));
    const auto long_row = rows_of("a,b\nab,cde\n", small);
    ASSERT_FALSE(long_row);
    EXPECT_EQ(long_row.error().kind, ledger::ErrorKind::full);
    EXPECT_EQ(long_row.error().detail, "row 2 has more than 4 bytes");
    const auto wide_row = rows_of("a,b,c\n", small);
    ASSERT_FALSE(wide_row);
    EXPECT_EQ(wide_row.error().detail, "row 1 has more than 2 fields");
}

}  // namespace
}  // namespace samples
