#include "wallet/cli/labels/teacher_answers.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

namespace wallet::cli {
namespace {

const std::string file = "out/answers.jsonl";
const std::string teacher = "http://node/v2/models/digits/versions/1?input=";
const ledger::Hash item = ledger::sha256(ledger::as_bytes("a picture"));
const ledger::Hash other = ledger::sha256(ledger::as_bytes("another"));

TeacherAnswers::Answer answer(double first)
{
    return {{first, 1 - first}, "digits/1", ledger::Amount::micros(50'000)};
}

/// What is said of a file that cannot be gone on with.
Failure refusal_of(ledger::SimDisk& disk, std::size_t classes = 2)
{
    try {
        TeacherAnswers answers{disk, file, classes};
    } catch (const Failure& failure) {
        return failure;
    }
    return {};
}

void put(ledger::SimDisk& disk, const std::string& text)
{
    const auto bytes = ledger::as_bytes(text);
    disk.put(file, {bytes.begin(), bytes.end()});
}

std::string line(const std::string& members)
{
    return R"({"item":")" + ledger::to_hex0x(item.view()) +
           R"(","teacher":"t","source":"digits/1",)" + members + "}\n";
}

TEST(TeacherAnswersTest, KeepWhatWasPaidForAndWhatItCost)
{
    ledger::SimDisk disk;
    {
        TeacherAnswers answers{disk, file, 2};
        EXPECT_EQ(answers.find(item, teacher), nullptr);
        answers.add(item, teacher, answer(0.25));
        answers.add(other, teacher, {{}, "digits/1", ledger::Amount::micros(1)});
        ASSERT_NE(answers.find(item, teacher), nullptr);
    }
    const TeacherAnswers again{disk, file, 2};
    ASSERT_NE(again.find(item, teacher), nullptr);
    EXPECT_EQ(again.find(item, teacher)->probabilities, answer(0.25).probabilities);
    EXPECT_EQ(again.find(item, teacher)->source, "digits/1");
    EXPECT_TRUE(again.find(other, teacher)->probabilities.empty()) << "paid for and of no use";
    EXPECT_EQ(again.charged(), ledger::Amount::micros(50'001));
    EXPECT_EQ(again.find(item, teacher + "&invert"), nullptr) << "read otherwise, asked otherwise";
}

TEST(TeacherAnswersTest, WhatMayHaveBeenPaidCountsUntilItIsAnsweredAndForGoodWhereItIsNot)
{
    const auto most = ledger::Amount::micros(80'000);
    ledger::SimDisk disk;
    {
        TeacherAnswers answers{disk, file, 2};
        answers.begin(item, teacher);
        answers.pay(item, teacher, most);
        EXPECT_EQ(answers.charged(), most);
        EXPECT_EQ(answers.tries(item, teacher), 1u);
        EXPECT_EQ(answers.find(item, teacher), nullptr);
    }
    {
        TeacherAnswers answers{disk, file, 2};
        EXPECT_EQ(answers.charged(), most) << "the program ended while it asked";
        answers.begin(item, teacher);
        answers.pay(item, teacher, most);
        EXPECT_EQ(answers.tries(item, teacher), 2u);
        answers.add(item, teacher, answer(0.25));
        EXPECT_EQ(answers.charged(), ledger::Amount::micros(130'000));
        EXPECT_EQ(answers.tries(item, teacher), 0u);
        answers.begin(other, teacher);
        answers.pay(other, teacher, most);
        answers.give_up(other, teacher, "digits/1");
        EXPECT_EQ(answers.charged(), ledger::Amount::micros(210'000));
    }
    const TeacherAnswers again{disk, file, 2};
    EXPECT_EQ(again.charged(), ledger::Amount::micros(210'000));
    EXPECT_TRUE(again.find(other, teacher)->probabilities.empty());
}

TEST(TeacherAnswersTest, WhatFailedBeforeAPaymentWasSentIsATryThatCostNothing)
{
    const auto most = ledger::Amount::micros(80'000);
    ledger::SimDisk disk;
    {
        TeacherAnswers answers{disk, file, 2};
        answers.begin(item, teacher);
        answers.pay(item, teacher, most);
        answers.begin(item, teacher);
        EXPECT_EQ(answers.charged(), most) << "of the try before";
    }
    TeacherAnswers answers{disk, file, 2};
    EXPECT_EQ(answers.charged(), most);
    EXPECT_EQ(answers.tries(item, teacher), 2u);
    answers.add(item, teacher, {{0.5, 0.5}, "digits/1", {}});
    EXPECT_EQ(answers.charged(), most) << "the answer was free";
    answers.begin(other, teacher);
    answers.give_up(other, teacher, "digits/1");
    EXPECT_EQ(answers.charged(), most);
}

TEST(TeacherAnswersTest, ALineThatWasCutShortIsDroppedAndTheNextOneStandsByItself)
{
    ledger::SimDisk disk;
    TeacherAnswers{disk, file, 2}.add(item, teacher, answer(0.25));
    const auto whole = disk.contents(file);
    for (std::size_t kept = 0; kept < whole.size(); ++kept) {
        disk.put(file, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(kept)});
        {
            TeacherAnswers answers{disk, file, 2};
            ASSERT_EQ(answers.find(item, teacher), nullptr);
            answers.add(other, teacher, answer(0.5));
        }
        const TeacherAnswers again{disk, file, 2};
        ASSERT_NE(again.find(other, teacher), nullptr);
        ASSERT_EQ(again.charged(), ledger::Amount::micros(50'000));
    }
}

TEST(TeacherAnswersTest, NoAnswerThatWasAddedIsLostWithThePower)
{
    ledger::SimDisk counted;
    TeacherAnswers{counted, file, 2}.add(item, teacher, answer(0.25));
    ASSERT_GE(counted.steps(), 3u);
    for (std::uint64_t after = 0; after <= counted.steps(); ++after) {
        ledger::SimDisk disk;
        disk.fail({.after = after, .partial_bytes = 20, .fatal = true});
        bool is_added = false;
        try {
            TeacherAnswers answers{disk, file, 2};
            answers.add(item, teacher, answer(0.25));
            is_added = true;
        } catch (const Failure&) {
        }
        disk.crash([] { return false; }, false);
        const TeacherAnswers answers{disk, file, 2};
        EXPECT_TRUE(!is_added || answers.find(item, teacher)) << "after step " << after;
    }
}

TEST(TeacherAnswersTest, ADamagedLineIsNamed)
{
    const auto good = line(R"("charged":"1","probabilities":[0.5,0.5])");
    for (const auto& bad :
         {std::string{"{\n"}, std::string{"[]\n"}, std::string{"{}\n"},
          line(R"("charged":"1","probabilities":[0.5,0.9])"),
          line(R"("charged":"1","probabilities":[0.5,"x"])"),
          line(R"("charged":"-1","probabilities":[0.5,0.5])"), line(R"("asked":"x")"),
          line(R"("asked":false)"), line(R"("paying":"1")") /* and nothing was begun */,
          line(R"("charged":"1","probabilities":7)"), line(R"("probabilities":[0.5,0.5])"),
          line(R"("charged":"18446744073709551615","probabilities":[0.5,0.5])"),
          std::string{R"({"item":"0x12","teacher":"t","source":"s","charged":"1",)"
                      R"("probabilities":[]})"
                      "\n"}}) {
        ledger::SimDisk disk;
        put(disk, good + bad);
        const auto said = refusal_of(disk).message;
        EXPECT_NE(said.find("line 2 of answers.jsonl is damaged"), std::string::npos)
            << bad << said;
    }
    const auto begun = good + line(R"("asked":true)");
    for (const auto* bad : {R"("paying":1.5)", R"("paying":"18446744073709551615")"}) {
        ledger::SimDisk disk;
        put(disk, begun + line(bad));
        const auto said = refusal_of(disk).message;
        EXPECT_NE(said.find("line 3 of answers.jsonl is damaged"), std::string::npos) << said;
    }
    ledger::SimDisk disk;
    put(disk, begun + line(R"("paying":"1")"));
    EXPECT_EQ(refusal_of(disk).message, "");
}

TEST(TeacherAnswersTest, AnswersOfOtherClassesAreNotTaken)
{
    ledger::SimDisk disk;
    TeacherAnswers{disk, file, 2}.add(item, teacher, answer(0.25));
    const auto said = refusal_of(disk, 3);
    EXPECT_EQ(said.fault, Fault::usage);
    EXPECT_NE(said.message.find("another number of classes"), std::string::npos) << said.message;
}

TEST(TeacherAnswersTest, AFileWithoutAnEndOfLineIsBounded)
{
    ledger::SimDisk disk;
    put(disk, std::string(6 << 20, ' '));
    EXPECT_NE(refusal_of(disk).message.find("longer than lines are"), std::string::npos);
}

}  // namespace
}  // namespace wallet::cli
