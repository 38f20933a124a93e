#include "wallet/cli/labels/sample_plan.hpp"

#include "ledger/crypto/sha256.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <fstream>

namespace wallet::cli {
namespace {

SamplePlan plan(const std::string& seed)
{
    return {ledger::sha256(ledger::as_bytes(seed)),
            298,
            {"http://node/v2/models/digits/versions/1?input="},
            {ledger::sha256(ledger::as_bytes("a")), ledger::sha256(ledger::as_bytes("b"))}};
}

Failure refusal_of(const std::filesystem::path& folder, const SamplePlan& fresh, std::uint64_t each)
{
    try {
        plan_of(folder, fresh, each);
    } catch (const Failure& failure) {
        return failure;
    }
    return {};
}

TEST(SamplePlanTest, IsMadeOnceForAFolder)
{
    const ledger::TemporaryFolder folder;
    EXPECT_EQ(plan_of(folder.path(), plan("first"), 0), plan("first"));
    EXPECT_EQ(plan_of(folder.path(), plan("second"), 298), plan("first")) << "nobody draws again";
    struct stat about {};
    ASSERT_EQ(stat((folder.path() / "sample.json").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(SamplePlanTest, IsForOneSetOfTeachersAndOneSize)
{
    const ledger::TemporaryFolder folder;
    plan_of(folder.path(), plan("first"), 0);
    auto other = plan("first");
    other.teachers.push_back("http://node/v2/models/leaves/versions/1?input=");
    EXPECT_EQ(refusal_of(folder.path(), other, 0).fault, Fault::usage);
    EXPECT_EQ(refusal_of(folder.path(), plan("first"), 150).fault, Fault::usage);
}

TEST(SamplePlanTest, ThatIsDamagedIsNotDrawnAgainInSilence)
{
    for (const auto* text : {"", "[]", "{}", R"({"seed":"0x12","each":1,"teachers":[],"known":[]})",
                             R"({"seed":7,"each":1,"teachers":[],"known":[]})"}) {
        const ledger::TemporaryFolder folder;
        const auto file = folder.path() / "sample.json";
        std::ofstream{file} << text;
        std::filesystem::permissions(file, std::filesystem::perms{0600});
        const auto said = refusal_of(folder.path(), plan("first"), 0);
        EXPECT_NE(said.message.find("is damaged"), std::string::npos) << text << said.message;
    }
}

}  // namespace
}  // namespace wallet::cli
