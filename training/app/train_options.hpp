#pragma once

#include "samples/open.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace training {

/// What is trained, with what and how; the same for training and for doing a part of it again.
struct JobOptions {
    std::string model;
    std::string file;  ///< a path; what that file says stands instead of what is empty here
    samples::OpenOptions data;
    std::string validation;  ///< a path; empty: a share of the samples, as the recipe says
    std::string test;        ///< a portion that is left out; empty: nothing
    std::uint64_t split_seed = 0;
    std::string recipe;       ///< a path; empty: the defaults
    std::string recipe_text;  ///< one that was read already; empty: none was
    std::string teacher;      ///< a path
    /// Instead of what the recipe says.
    std::optional<std::uint64_t> epochs;
    std::optional<std::uint64_t> steps;
    std::optional<std::uint64_t> batch;
    std::optional<std::uint64_t> seed;
    std::optional<double> rate;
    bool head_only = false;
    std::uint32_t threads = 1;
    std::uint64_t memory_mib = 4096;
    bool sandbox = false;
};

struct TrainOptions {
    JobOptions job;
    std::string out;
    std::string checkpoint;
    bool resume = false;
    bool force = false;
    std::uint64_t every = 0;       ///< steps between checkpoints; 0: each epoch
    std::uint64_t stop_after = 0;  ///< steps in all; 0: to the end
    std::uint64_t seconds = 0;     ///< at most; 0: as long as it takes
    std::uint64_t segment = 0;     ///< steps of a segment; 0: none
    std::string segments;          ///< folder of their checkpoints
    std::string log;
    bool json = false;
    bool quiet = false;
};

struct ReplayOptions {
    JobOptions job;
    std::string from;  ///< a checkpoint; empty: from the start
    std::uint64_t steps = 0;
    std::string expect;     ///< a commitment; empty: only said
    std::string out;        ///< a checkpoint; empty: none is written
    std::string model_out;  ///< the model of the state that is reached; empty: none is written
    bool json = false;
};

}  // namespace training
