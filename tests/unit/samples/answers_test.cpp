#include "samples/answers.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

ledger::Result<Answers> answers_of(const std::vector<std::string_view>& texts,
                                   TargetKind kind = TargetKind::tell,
                                   std::vector<std::string> classes = {}, const Limits& limits = {})
{
    AnswerBuilder builder{kind, std::move(classes), 1, limits};
    for (const auto text : texts)
        if (const auto added = builder.add({&text, 1}, "row"); !added) return added.error();
    return builder.finish();
}

std::vector<std::int64_t> labels(const Answers& answers, std::size_t count)
{
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(answers.label(i).value_or(-1));
    return all;
}

TEST(Answers, OfWholeNumbersAreTheNumbersOfClasses)
{
    const auto made = answers_of({"3", "0", "1"});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->target().classes, (std::vector<std::string>{"0", "1", "2", "3"}));
    EXPECT_EQ(labels(*made, 3), (std::vector<std::int64_t>{3, 0, 1}));
}

TEST(Answers, OfNamesAreClassesInOrderOfTheirNames)
{
    const auto made = answers_of({"dog", "1", "cat", "dog"});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->target().classes, (std::vector<std::string>{"1", "cat", "dog"}));
    EXPECT_EQ(labels(*made, 4), (std::vector<std::int64_t>{2, 0, 1, 2}));
}

TEST(Answers, OfOtherNumbersAreNumbers)
{
    for (const auto& texts :
         std::vector<std::vector<std::string_view>>{{"0.5", "2"}, {"-1", "2"}}) {
        const auto made = answers_of(texts);
        ASSERT_TRUE(made);
        EXPECT_EQ(made->target().kind, Target::Kind::numbers);
        EXPECT_EQ(made->target().shape, std::vector<std::int64_t>{});
        float number = 0;
        made->put(1, {{}, nullptr, {&number, 1}});
        EXPECT_EQ(number, 2);
    }
    EXPECT_EQ(answers_of({"1", "2"}, TargetKind::numbers)->target().kind, Target::Kind::numbers);
    EXPECT_EQ(answers_of({"0.5", "2"}, TargetKind::classes)->target().classes,
              (std::vector<std::string>{"0.5", "2"}));
}

TEST(Answers, WithNamesGivenAreNumberedByThese)
{
    const auto made = answers_of({"0", "9"}, TargetKind::tell, {"9", "cat", "0"});
    ASSERT_TRUE(made);
    EXPECT_EQ(labels(*made, 2), (std::vector<std::int64_t>{2, 0}));
    EXPECT_EQ(answers_of({"dog"}, TargetKind::tell, {"cat"}).error().detail,
              "row: 'dog' is none of the classes given");
}

TEST(Answers, AreBounded)
{
    Limits few;
    few.classes = 2;
    EXPECT_TRUE(answers_of({"a", "b", "a"}, TargetKind::tell, {}, few));
    EXPECT_EQ(answers_of({"a", "b", "c"}, TargetKind::tell, {}, few).error().kind,
              ledger::ErrorKind::full);
    // Three numbers are no classes any more, and a name then fits nothing.
    EXPECT_EQ(answers_of({"1", "2", "3"}, TargetKind::tell, {}, few)->target().kind,
              Target::Kind::numbers);
    EXPECT_FALSE(answers_of({"1", "2", "3", "a"}, TargetKind::tell, {}, few));
    few.table_bytes = 8;
    EXPECT_FALSE(answers_of({"1", "2", "3"}, TargetKind::numbers, {}, few));
}

TEST(Answers, ThatAreNoNumbersAreRefusedWhereNumbersAreWanted)
{
    EXPECT_EQ(answers_of({"1", "x"}, TargetKind::numbers).error().detail,
              "row: the target 'x' is no number");
    EXPECT_FALSE(answers_of({"", "x"}, TargetKind::tell));
}

TEST(Slices, AreKeptByName)
{
    Slices slices;
    for (const auto* name : {"north", "south", "north"}) ASSERT_TRUE(slices.add(name, "row"));
    EXPECT_EQ(slices.at(0), "north");
    EXPECT_EQ(slices.at(1), "south");
    EXPECT_EQ(slices.at(2), "north");
    EXPECT_EQ(Slices{}.at(7), "");
    Limits few;
    few.slices = 1;
    Slices bounded{few};
    EXPECT_TRUE(bounded.add("a", "row"));
    EXPECT_EQ(bounded.add("b", "row").error().kind, ledger::ErrorKind::full);
}

}  // namespace
}  // namespace samples
