#include "wallet/labels/label_table.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

const std::vector<std::string> classes{"cat", "dog", "a, \"b\""};
const std::vector<std::string> names{"x/1.png", "x/2.png", "x/3.png"};

ledger::Result<std::vector<Label>> read(std::string_view table,
                                        const std::vector<std::string>& items = names)
{
    return read_labels(ledger::as_bytes(table), classes, 3, items);
}

std::string refusal(std::string_view table, const std::vector<std::string>& items = names)
{
    const auto labels = read(table, items);
    return labels ? "taken" : labels.error().detail;
}

TEST(LabelTable, NamesItemsByNumberOrByName)
{
    const auto labels = read("number,item,label,confidence\r\n2,,dog,90\n0,x/1.png,cat,\n");
    ASSERT_TRUE(labels) << labels.error().detail;
    EXPECT_EQ(*labels, (std::vector<Label>{{0, 0}, {}, {1, 90}}));
    const auto by_name = read("label,item\ndog,x/2.png\n,x/3.png\n");
    ASSERT_TRUE(by_name) << by_name.error().detail;
    EXPECT_EQ(*by_name, (std::vector<Label>{{}, {1, 0}, {}}));
}

TEST(LabelTable, OfAnotherOrderGoesByNames)
{
    const auto labels = read("number,item,label\n0,x/3.png,dog\n1,x/1.png,cat\n");
    ASSERT_TRUE(labels) << labels.error().detail;
    EXPECT_EQ(*labels, (std::vector<Label>{{0, 0}, {}, {1, 0}})) << "its numbers are its own";
    const auto twice = read("number,item,label\n1,x,cat\n", {"x", "x", "y"});
    ASSERT_TRUE(twice) << twice.error().detail;
    EXPECT_EQ(twice->at(1).label, 0u) << "a name that two items have tells nothing";
}

TEST(LabelTable, SaysWhichRowIsWrong)
{
    EXPECT_EQ(refusal(""), "the table is empty");
    EXPECT_NE(refusal("what,label\n").find("no column 'number' or 'item'"), std::string::npos);
    EXPECT_NE(refusal("number\n1\n").find("no column 'label'"), std::string::npos);
    EXPECT_NE(refusal("item,item,label\n").find("two columns"), std::string::npos);
    EXPECT_EQ(refusal("number,label\n0,cat\n1,cow\n"),
              "row 3 of the table: cow is none of the classes");
    EXPECT_EQ(refusal("number,label\n3,cat\n"),
              "row 2 of the table: 3 is no number of an item; they are 0 to 2");
    EXPECT_NE(refusal("number,label\n-1,cat\n").find("is no number"), std::string::npos);
    EXPECT_EQ(refusal("number,label\n1,cat\n1,dog\n"), "row 3 of the table: this item came before");
    EXPECT_EQ(refusal("item,label\nx/9.png,cat\n"),
              "row 2 of the table: no item is called x/9.png");
    EXPECT_EQ(refusal("item,label\nx/1.png,cat\n", {}), "row 2 of the table: no number of an item");
    EXPECT_EQ(refusal("item,label\nx,cat\n", {"x", "x", "y"}),
              "row 2 of the table: several items are called x: give their numbers");
    for (const auto* confidence : {"101", "0.9", "x"})
        EXPECT_NE(refusal("number,label,confidence\n0,cat," + std::string{confidence} + "\n")
                      .find("0 to 100"),
                  std::string::npos);
    EXPECT_NE(refusal("number,label\n0,\"cat\n").find("row 2"), std::string::npos);
}

TEST(LabelTable, ComesBackAsItWasWritten)
{
    const std::vector<Label> labels{{2, 75}, {}, {0, 0}};
    const auto table = label_table(classes, {"with, comma", "x\"y", "z"}, labels);
    EXPECT_EQ(table,
              "number,item,label,confidence\n0,\"with, comma\",\"a, \"\"b\"\"\",75\n"
              "1,\"x\"\"y\",,\n2,z,cat,\n");
    EXPECT_EQ(*read(table, {}), labels);
}

TEST(LabelTable, GivesTheNamesOfItsItems)
{
    const auto found = read_item_names(ledger::as_bytes("score,item\n1,x/2.png\n2,x/1.png\n"));
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(*found, (std::vector<std::string>{"x/2.png", "x/1.png"}));
    EXPECT_FALSE(read_item_names(ledger::as_bytes("number\n1\n")));
    EXPECT_FALSE(read_item_names(ledger::as_bytes("score,item\n1,\n")));
}

TEST(LabelTable, OfAnotherOrderIsReadByNamesAlone)
{
    const std::vector<std::string> classes{"healthy", "rust"}, names{"a.png", "b.png"};
    const auto read = [&](const std::string& table) {
        return read_labels(ledger::as_bytes(table), classes, 2, names, Numbers::refused);
    };
    const auto named = read("number,item,label\n0,b.png,rust\n");
    ASSERT_TRUE(named) << named.error().detail;
    EXPECT_EQ((*named)[1].label, 1u) << "the name, not the number";
    for (const auto* table : {"number,label\n0,rust\n", "number,item,label\n0,,rust\n"}) {
        const auto refused = read(table);
        ASSERT_FALSE(refused) << table;
        EXPECT_EQ(refused.error().detail, "row 2 of the table: it must say the name of an item");
    }
}

TEST(LabelTable, KnowsItsColumns)
{
    const auto table = ledger::as_bytes("item,label,probability\na,rust,0.9\n");
    EXPECT_TRUE(*has_column(table, "probability"));
    EXPECT_FALSE(*has_column(table, "rust"));
    EXPECT_FALSE(has_column({}, "label"));
}

TEST(LabelTable, HasNoNameThatIsAFormulaToASpreadsheet)
{
    const auto table = label_table({"rust"}, {"=HYPERLINK(1)", "@a", "a=b"}, {{}, {}, {}});
    EXPECT_EQ(table, "number,item,label,confidence\n0,,,\n1,,,\n2,a=b,,\n");
}

}  // namespace
}  // namespace wallet
