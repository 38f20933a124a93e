#pragma once

#include "ledger/base/result.hpp"
#include "samples/arguments/sample_arguments.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace samples {

/// One training as a document that its tenant, its provider and whoever does it again have alike:
/// all that decides which bits come out, but the model and the data. It names no file and nothing
/// that is written:
///
///     {"version": 1, "recipe": {...}, "threads": 1, "workers": 2, "samples": {...},
///      "test": "20%", "splitSeed": 0, "headOnly": false}
///
/// Only "version" must be there.
struct JobFile {
    /// As it came; whoever trains reads it. Nested no deeper than a whole job may be.
    nlohmann::json recipe = nlohmann::json::object();
    /// One where it is left out, not as many as the machine has: other bits would come out of the
    /// same file.
    std::uint32_t threads = 1;
    /// Those who share each batch. One is left out of the text: older trainers know of no others.
    std::uint32_t workers = 1;
    SampleArguments samples;  ///< without a path; samples_json
    std::string test;         ///< the part that is left out, a samples::Portion; empty: nothing
    std::uint64_t split_seed = 0;
    bool head_only = false;
    friend bool operator==(const JobFile&, const JobFile&) = default;
};

struct JobLimits {
    static constexpr std::size_t bytes = 1 << 20;
    static constexpr unsigned depth = 8;
    static constexpr std::uint32_t threads = 1024;
    static constexpr std::uint32_t workers = 64;
    static constexpr std::uint64_t seed = (1ULL << 53) - 1;  ///< what all readers of JSON keep
};

/// `invalid` names the field that is not known, there twice, of another type or out of bounds;
/// `full` above the limits, before anything is parsed.
ledger::Result<JobFile> read_job(std::string_view text);

/// The same job is always the same text: every field but `workers` of 1, by name, without blanks.
/// `invalid` or `full` where `read_job` would not take it.
ledger::Result<std::string> job_text(const JobFile& job);

}  // namespace samples
