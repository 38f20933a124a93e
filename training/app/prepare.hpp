#pragma once

#include "training/app/train_options.hpp"
#include "training/session/session.hpp"

#include <memory>

namespace training {

/// A training about to begin, and what it is done with.
struct Prepared {
    Recipe recipe;
    std::shared_ptr<const samples::Source> samples;
    std::shared_ptr<const samples::Source> validation;  ///< null where nothing is measured
    std::unique_ptr<Session> session;
};

/// Reads model, recipe and samples. `invalid` where something does not fit, those of the disk and
/// of samples::open.
ledger::Result<Prepared> prepare(const JobOptions& options);

}  // namespace training
