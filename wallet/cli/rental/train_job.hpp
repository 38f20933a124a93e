#pragma once

#include "samples/arguments/sample_arguments.hpp"
#include "wallet/cli/rental/tenant.hpp"

namespace wallet::cli {

/// What a training is made of, as the command line says it.
struct TrainingWords {
    std::string model, recipe;
    samples::SampleArguments samples;  ///< its path: plain files, sealed for this job alone
    std::vector<std::string> batches;  ///< sealed already: of the ledger's datasets
    std::string master, sale;          ///< whose key opens those
    std::string test;
    std::uint64_t split_seed = 0;
    std::uint64_t steps = 0;  ///< 0: the recipe's
    std::uint32_t threads = 1;
    bool head_only = false;
};

/// Makes the job ready in a folder, anew until it was ordered: job/ with model and job file,
/// job-batch/ and data-N/ sealed to this account. `usage` where another was ordered from there.
/// Fills in the order's job (but for its segments) and the data.
void make_job(const Party& party, const TrainingWords& words, RentOptions& options);

/// Does the first step of that job here: what a provider could not do is told before anything is
/// paid. `usage` with the trainer's words, `timeout` when somebody asks this program to end.
void try_first_step(const Party& party, const RentOptions& options);

}  // namespace wallet::cli
