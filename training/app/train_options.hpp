#pragma once

#include "samples/open.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
    /// Those who share each batch; empty: one, or as the job file says.
    std::optional<std::uint32_t> workers;
    std::uint64_t memory_mib = 4096;
    bool sandbox = false;
};

/// How several workers come together.
struct WorkerOptions {
    std::optional<std::uint32_t> rank;  ///< which of them this one is; empty: all are started here
    std::string rendezvous;             ///< where they meet that were not started here
    bool open_network = false;          ///< also where others than this machine could come
    std::uint64_t silence_seconds = 120;  ///< after which a worker is lost
    std::uint64_t join_seconds = 600;     ///< until all are ready
    int link = -1;  ///< a connected descriptor, where a program has started this worker
    /// The words of this command line, the program's name first: workers are started with them.
    std::vector<std::string> words;
};

struct TrainOptions {
    JobOptions job;
    WorkerOptions workers;
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
    std::string workers;    ///< a WorkerCounts; empty: as the checkpoint says, or the job
    std::string expect;     ///< a commitment; empty: only said
    std::string out;        ///< a checkpoint; empty: none is written
    std::string model_out;  ///< the model of the state that is reached; empty: none is written
    bool json = false;
};

}  // namespace training
