// A job as a stranger may have written it: what is read is written again and read the same, and
// names no file outside of its samples.
#include "samples/arguments/job_file.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto job = samples::read_job(ledger::as_text({data, size}));
    if (!job) {
        ledger::ensure(!job.error().detail.empty(), "a refusal says why");
        return 0;
    }
    ledger::ensure(job->samples.path.empty() && !job->samples.labels.starts_with('/') &&
                       !job->samples.labels.starts_with("../"),
                   "a job has no path");
    const auto text = samples::job_text(*job);
    // The text has all fields, also those that were left out, and may be too long for it.
    if (!text && text.error().kind == ledger::ErrorKind::full) return 0;
    ledger::ensure(text.has_value(), "what is read can be written");
    const auto again = samples::read_job(*text);
    ledger::ensure(again && *again == *job && *samples::job_text(*again) == *text,
                   "a job is read as it was written");
    return 0;
}
