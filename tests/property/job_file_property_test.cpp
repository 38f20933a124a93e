#include "ledger/base/draws.hpp"
#include "samples/arguments/job_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace samples {
namespace {

using nlohmann::json;

/// Anything that a job may say, from a seed.
class AnyJob {
public:
    explicit AnyJob(std::uint64_t seed) : draws_{seed} {}

    JobFile operator()()
    {
        JobFile job;
        job.recipe = object(3);
        job.threads = static_cast<std::uint32_t>(1 + draws_.below(JobLimits::threads));
        auto& said = job.samples;
        said.kind = std::array{"", "pictures", "wav", "csv", "idx", "npy"}[draws_.below(6)];
        said.target_kind = std::array{"", "none", "classes", "numbers"}[draws_.below(4)];
        said.labels = text();
        said.input = text();
        said.slice = text();
        said.features = texts();
        said.targets = texts();
        said.ignored = texts();
        said.classes = texts();
        said.delimiter = std::array{",", ";", "\t", " ", "\"", "|"}[draws_.below(6)];
        said.has_scale = flag();
        if (said.has_scale) said.scale = number();
        said.invert = flag();
        for (auto left = draws_.below(4); left > 0; --left) said.mean.push_back(number());
        for (auto left = draws_.below(4); left > 0; --left)
            said.deviation.push_back(std::abs(number()) + 1e-300);
        said.rate = static_cast<std::uint32_t>(draws_.next());
        job.test = std::array{"", "20%", "0.5%", "1000", "1"}[draws_.below(5)];
        job.split_seed = draws_.below(JobLimits::seed + 1);
        job.head_only = flag();
        job.workers = 1 + static_cast<std::uint32_t>(draws_.below(JobLimits::workers));
        return job;
    }

private:
    bool flag() { return draws_.below(2) == 0; }

    /// Of all sizes, with more digits than people write.
    double number()
    {
        const auto power = static_cast<int>(draws_.below(600)) - 300;
        return std::ldexp(draws_.unit() * 2 - 1, power);
    }

    std::string text()
    {
        constexpr std::array letters{"a", "Z", "0", " ", "\"", "\\", "/", "é", "数", ",", "{", "]"};
        std::string made;
        for (auto left = draws_.below(8); left > 0; --left)
            made += letters[draws_.below(letters.size())];
        // A path from the root is no name of a sample.
        return made.starts_with('/') ? "a" + made : made;
    }

    std::vector<std::string> texts()
    {
        std::vector<std::string> made(draws_.below(4));
        for (auto& each : made) each = text();
        return made;
    }

    json object(std::uint64_t depth)
    {
        auto made = json::object();
        for (auto left = draws_.below(4); left > 0; --left) made[text()] = value(depth);
        return made;
    }

    json value(std::uint64_t depth)
    {
        switch (draws_.below(depth == 0 ? 5 : 7)) {
            case 0:
                return draws_.next();
            case 1:
                return number();
            case 2:
                return flag();
            case 3:
                return text();
            case 4:
                return -static_cast<std::int64_t>(draws_.below(1 << 30)) - 1;
            case 5:
                return json::array({value(depth - 1), value(depth - 1)});
            default:
                return object(depth - 1);
        }
    }

    ledger::Draws draws_;
};

TEST(JobFileProperty, ComesBackFromItsTextAsItWas)
{
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto job = AnyJob{seed}();
        const auto text = job_text(job);
        ASSERT_TRUE(text) << text.error().detail;
        const auto again = read_job(*text);
        ASSERT_TRUE(again) << again.error().detail;
        ASSERT_EQ(*again, job) << *text;
        ASSERT_EQ(*job_text(*again), *text);
    }
}

}  // namespace
}  // namespace samples
