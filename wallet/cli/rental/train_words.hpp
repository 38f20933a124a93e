#pragma once

#include "wallet/cli/rental/next_version.hpp"
#include "wallet/cli/rental/train_job.hpp"

#include <CLI/CLI.hpp>

namespace wallet::cli {

/// The words of `millrace train`.
struct TrainWords {
    TrainingWords training;
    RentOptions rent;
    NextVersionWords next;
    std::string budget, max_rate, fee, bond, holdout, out;
    std::uint64_t expires_s = 86'400;
    bool skip_trial = false;

    void add_to(CLI::App&);
    /// Read as those that are trained on are.
    samples::SampleArguments holdout_samples() const;
};

}  // namespace wallet::cli
