#pragma once

#include "samples/arguments/sample_arguments.hpp"
#include "wallet/cli/local_model.hpp"
#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// A model that was measured on the tenant's own samples.
struct Measured {
    evaluation::Report report;  ///< signed by nobody
    evaluation::Answers answers;
};
/// Runs all samples through a model file on this machine; throws.
Measured measured(const std::string& model, const samples::SampleArguments& holdout);

/// Each metric by name: {"value","n"} and, where there are, "bounds".
json metrics_json(const evaluation::Report& report);

/// What a training brought, by a paired test of the measure that models are judged by.
struct Gain {
    std::string metric;
    double before = 0, after = 0;
    evaluation::Verdict verdict = evaluation::Verdict::not_enough_data;
    double p = 1;
};
/// Throws where the two do not answer the same question.
Gain gain_of(const Measured& before, const Measured& after);
json gain_json(const Gain& gain);

}  // namespace wallet::cli
