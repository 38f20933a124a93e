#pragma once

#include "samples/open.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace samples {

/// What a command line says about samples: the same words in every program.
struct SampleArguments {
    std::string path;
    std::string kind;
    std::string labels;
    std::string input;
    std::string target_kind;
    std::vector<std::string> features;
    std::vector<std::string> targets;
    std::vector<std::string> ignored;
    std::vector<std::string> classes;
    std::string slice;
    std::string delimiter = ",";
    double scale = 0;
    bool has_scale = false;
    bool invert = false;
    std::vector<double> mean;
    std::vector<double> deviation;
    std::uint32_t rate = 0;
    friend bool operator==(const SampleArguments&, const SampleArguments&) = default;
};

/// Adds --data and what belongs to it. `arguments` must outlive the parsing.
void add_sample_arguments(CLI::App& command, SampleArguments& arguments);

/// What these words say, after the parsing, which checked them.
OpenOptions open_options(const SampleArguments& arguments);
/// Opens them for a model; the path "-" is a stream of items on standard input, which is read to
/// its end. Errors as samples::open and read_item_stream.
ledger::Result<std::unique_ptr<Source>> open_samples(const OpenOptions& options,
                                                     const inference::ModelIo& io);

}  // namespace samples
