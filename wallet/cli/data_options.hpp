#pragma once

#include "samples/arguments/sample_arguments.hpp"
#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace wallet::cli {

/// The options that say what a model is measured on.
class DataOptions {
public:
    void add_to(CLI::App&);
    /// Opens them for a model with this `io`; throws.
    std::shared_ptr<const samples::Source> open(const inference::ModelIo& io) const;
    /// What people call them: the last part of the path.
    std::string name() const;

private:
    samples::SampleArguments samples_;
    std::string test_;
    std::uint64_t split_seed_ = 0;
};

}  // namespace wallet::cli
