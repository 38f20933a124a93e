#include "samples/arguments/job_file.hpp"

#include "ledger/codec/json.hpp"
#include "samples/arguments/field_reader.hpp"
#include "samples/arguments/samples_json.hpp"
#include "samples/split.hpp"

namespace samples {
namespace {

using ledger::Result;
using nlohmann::json;

constexpr std::size_t most_portion_bytes = 32;

ledger::Error wrong(const std::string& why)
{
    return ledger::invalid("the job's " + why);
}

void version(FieldReader& reader)
{
    const auto* value = reader.find("version");
    if (value == nullptr)
        reader.wrong("version", "is missing");
    else if (!value->is_number_unsigned() || *value != 1)
        reader.wrong("version", "is not 1, the only one that is known");
}

}  // namespace

Result<JobFile> read_job(std::string_view text)
{
    const auto object = ledger::codec::parse_json(text, {JobLimits::bytes, JobLimits::depth});
    if (!object) return ledger::Error{object.error().kind, "the job: " + object.error().detail};
    if (!object->is_object()) return ledger::invalid("the job is no JSON object");
    JobFile job;
    FieldReader reader{*object, {}};
    version(reader);
    if (const auto* recipe = reader.object("recipe")) job.recipe = *recipe;
    std::uint64_t threads = 1;
    reader.count("threads", 1, JobLimits::threads, threads);
    job.threads = static_cast<std::uint32_t>(threads);
    std::uint64_t workers = 1;
    reader.count("workers", 1, JobLimits::workers, workers);
    job.workers = static_cast<std::uint32_t>(workers);
    const auto* said = reader.object("samples");
    reader.text("test", most_portion_bytes, job.test);
    if (!job.test.empty() && !portion_of(job.test))
        reader.wrong("test", "is neither a share, as 20%, nor a number of samples");
    reader.count("splitSeed", 0, JobLimits::seed, job.split_seed);
    reader.flag("headOnly", job.head_only);
    if (const auto fault = reader.fault(); !fault.empty()) return wrong(fault);
    if (said == nullptr) return job;
    auto samples = read_samples_json(*said, "samples.");
    if (!samples) return wrong(samples.error().detail);
    job.samples = std::move(*samples);
    return job;
}

Result<std::string> job_text(const JobFile& job)
{
    json object{{"version", 1},
                {"recipe", job.recipe},
                {"threads", job.threads},
                {"samples", samples_json(job.samples)},
                {"test", job.test},
                {"splitSeed", job.split_seed},
                {"headOnly", job.head_only}};
    if (job.workers != 1) object["workers"] = job.workers;
    try {
        auto text = object.dump();
        if (const auto read = read_job(text); !read) return read.error();
        return text;
    } catch (const json::exception&) {
        return ledger::invalid("the job has a name that is not UTF-8, which JSON cannot say");
    }
}

}  // namespace samples
