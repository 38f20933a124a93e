#include "samples/arguments/job_file.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace samples {
namespace {

std::string why(std::string_view text)
{
    const auto job = read_job(text);
    return job ? std::string{"it is read"} : job.error().detail;
}

TEST(JobFile, NeedsNothingButItsVersion)
{
    const auto job = read_job(R"({"version": 1})");
    ASSERT_TRUE(job) << job.error().detail;
    EXPECT_EQ(*job, JobFile{});
    EXPECT_EQ(job->threads, 1U) << "not what this machine has";
    EXPECT_EQ(job->workers, 1U);
}

TEST(JobFile, ReadsAllThatDecidesTheBits)
{
    const auto job = read_job(R"({
        "version": 1, "recipe": {"seed": 7, "loss": {"class_weights": [1, 0.5]}}, "threads": 2, "workers": 3,
        "samples": {"kind": "idx", "invert": true}, "test": "12.5%", "splitSeed": 9,
        "headOnly": true})");
    ASSERT_TRUE(job) << job.error().detail;
    EXPECT_EQ(job->recipe.dump(), R"({"loss":{"class_weights":[1,0.5]},"seed":7})");
    EXPECT_EQ(job->threads, 2U);
    EXPECT_EQ(job->workers, 3U);
    EXPECT_EQ(job->samples.kind, "idx");
    EXPECT_TRUE(job->samples.invert);
    EXPECT_EQ(job->test, "12.5%");
    EXPECT_EQ(job->split_seed, 9U);
    EXPECT_TRUE(job->head_only);
}

TEST(JobFile, IsTheSameTextForTheSameJob)
{
    const auto job = read_job(R"({"threads": 3, "version": 1, "recipe": {"b": 1, "a": {}}})");
    ASSERT_TRUE(job) << job.error().detail;
    const auto text = job_text(*job);
    ASSERT_TRUE(text) << text.error().detail;
    EXPECT_EQ(*text, R"({"headOnly":false,"recipe":{"a":{},"b":1},"samples":{"classes":[],)"
                     R"("delimiter":",","deviation":[],"features":[],"ignored":[],"input":"",)"
                     R"("invert":false,"kind":"","labels":"","mean":[],"rate":0,"slice":"",)"
                     R"("targetKind":"","targets":[]},"splitSeed":0,"test":"","threads":3,)"
                     R"("version":1})");
    const auto again = read_job(*text);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, *job);
}

TEST(JobFile, SaysHowManyWorkersThereAreWhereThereAreSeveral)
{
    JobFile job;
    EXPECT_EQ(job_text(job)->find("workers"), std::string::npos) << "older trainers know of none";
    job.workers = 3;
    EXPECT_NE(job_text(job)->find(R"("workers":3)"), std::string::npos);
    job.workers = 65;
    EXPECT_EQ(job_text(job).error().detail, why(R"({"version": 1, "workers": 65})"));
    EXPECT_NE(why(R"({"version": 1, "workers": 0})").find("'workers'"), std::string::npos);
}

TEST(JobFile, NamesWhatIsWrong)
{
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "the job is no JSON object"},
        {"{}", "the job's 'version' is missing"},
        {R"({"version": 2})", "the job's 'version' is not 1, the only one that is known"},
        {R"({"version": "1"})", "the job's 'version' is not 1, the only one that is known"},
        {R"({"version": 1, "version": 1})", R"(the job: JSON has the member version twice)"},
        {R"({"version": 1, "recipe": {"seed": 1, "seed": 2}})",
         R"(the job: JSON has the member seed twice)"},
        {R"({"version": 1, "recipe": "fast"})", "the job's 'recipe' is not an object"},
        {R"({"version": 1, "recipe": null})", "the job's 'recipe' is not an object"},
        {R"({"version": 1, "threads": 0})", "the job's 'threads' is not from 1 to 1024"},
        {R"({"version": 1, "threads": 1025})", "the job's 'threads' is not from 1 to 1024"},
        {R"({"version": 1, "threads": 1.0})", "the job's 'threads' is not a whole number"},
        {R"({"version": 1, "samples": []})", "the job's 'samples' is not an object"},
        {R"({"version": 1, "samples": {"path": "x"}})", "the job's 'samples.path' is not known"},
        {R"({"version": 1, "samples": {"mean": [""]}})",
         "the job's 'samples.mean' is not a number"},
        {R"({"version": 1, "test": "most"})",
         "the job's 'test' is neither a share, as 20%, nor a number of samples"},
        {R"({"version": 1, "test": 20})", "the job's 'test' is not a text"},
        {R"({"version": 1, "splitSeed": -1})", "the job's 'splitSeed' is not a whole number"},
        {R"({"version": 1, "splitSeed": 9007199254740992})",
         "the job's 'splitSeed' is not from 0 to 9007199254740991"},
        {R"({"version": 1, "headOnly": "no"})", "the job's 'headOnly' is not true or false"},
        {R"({"version": 1, "out": "model.onnx"})", "the job's 'out' is not known"},
        {R"({"version": 1, "teacher": "t.onnx"})", "the job's 'teacher' is not known"},
        {R"({"version": 1, "data": "-"})", "the job's 'data' is not known"},
    };
    for (const auto& [text, reason] : cases) EXPECT_EQ(why(text), reason) << text;
    EXPECT_EQ(read_job("{").error().kind, ledger::ErrorKind::invalid);
    EXPECT_EQ(read_job(R"({"version": 1} 2)").error().kind, ledger::ErrorKind::invalid);
}

TEST(JobFile, IsRefusedAboveItsBoundsBeforeItIsParsed)
{
    EXPECT_EQ(why(std::string(JobLimits::bytes + 1, ' ')),
              "the job: JSON is longer than 1048576 bytes");
    EXPECT_EQ(why(std::string(JobLimits::bytes, '[')), "the job: JSON nests deeper than 8 levels");
    EXPECT_EQ(why(R"({"version": 1, "recipe": {"a": [[[[[[[]]]]]]]}})"),
              "the job: JSON nests deeper than 8 levels");
    EXPECT_EQ(why(R"({"version": 1, "recipe": {"a": [[[[[[]]]]]]}})"), "it is read");
}

TEST(JobFile, IsNotWrittenWhereItCouldNotBeRead)
{
    const auto reason = [](const JobFile& job) {
        const auto text = job_text(job);
        return text ? *text : text.error().detail;
    };
    JobFile job;
    job.samples.labels = "/etc/passwd";
    EXPECT_EQ(reason(job), "the job's 'samples.labels' is not the name of one of the samples");
    job = {};
    job.samples.classes = {"caf\xe9"};
    EXPECT_EQ(reason(job), "the job has a name that is not UTF-8, which JSON cannot say");
    job = {};
    job.samples.mean = {std::numeric_limits<double>::quiet_NaN()};
    EXPECT_EQ(reason(job), "the job's 'samples.mean' is not a number");
    job = {};
    job.threads = 0;
    EXPECT_EQ(reason(job), "the job's 'threads' is not from 1 to 1024");
    job = {};
    job.recipe = nlohmann::json{{"notes", std::string(JobLimits::bytes, 'a')}};
    EXPECT_EQ(reason(job), "the job: JSON is longer than 1048576 bytes");
}

}  // namespace
}  // namespace samples
