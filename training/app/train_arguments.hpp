#pragma once

#include "samples/arguments/sample_arguments.hpp"
#include "training/app/train_options.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace training {

/// The commands `train` and `replay` of the command line. Both structs must outlive the parsing;
/// call `train_options` or `replay_options` after it.
struct TrainArguments {
    TrainOptions train;
    ReplayOptions replay;
    samples::SampleArguments samples;
    CLI::Option* threads = nullptr;  ///< of `train`
};

/// Threads where none are said.
std::uint32_t processors();

CLI::App* add_train_command(CLI::App& app, TrainArguments& arguments);
CLI::App* add_replay_command(CLI::App& app, TrainArguments& arguments);

/// `words`: the command line, as it was given to the program.
TrainOptions train_options(const TrainArguments& arguments, std::vector<std::string> words);
ReplayOptions replay_options(const TrainArguments& arguments);

}  // namespace training
