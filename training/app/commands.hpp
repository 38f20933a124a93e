#pragma once

#include "ledger/base/result.hpp"
#include "training/app/train_options.hpp"

#include <cstdint>
#include <ostream>
#include <string>

namespace training {

/// What the command line may say, of all commands.
struct CommandOptions {
    std::string path;
    bool json = false;
    bool strict = false;
    bool verbose = false;
    double relative = 1e-3;
    double absolute = 1e-7;
    std::uint64_t memory_mib = 4096;
};

struct DeviceOptions {
    bool json = false;
    std::uint32_t threads = 1;
    std::uint64_t seconds = 4;  ///< that measuring may take, about
};

/// Exit statuses, as the other programs have them.
enum Status : int {
    all_good = 0,
    wrong_usage = 1,
    refused = 2,     ///< a model or a case is not what was hoped for, a worker is not taken
    unreadable = 4,  ///< the system refused a file, a socket or a process
    deserted = 5,    ///< workers, or whoever adds up for them, were lost or did not come
    interrupted = 130,
};
/// Says what is wrong, and gives the status for it.
int fail(const ledger::Error& problem, std::ostream& error);

/// Which nodes of a model cannot be computed, and which of its tensors can be trained.
int check_command(const CommandOptions& options, std::ostream& out, std::ostream& error);

/// Runs the cases below a folder and compares.
int conform_command(const CommandOptions& options, std::ostream& out, std::ostream& error);

/// Trains a model with samples by a recipe, and writes it.
int train_command(const TrainOptions& options, std::ostream& out, std::ostream& error);

/// Takes some steps of a training again and says what they commit to.
int replay_command(const ReplayOptions& options, std::ostream& out, std::ostream& error);

/// What this machine offers to those who let it train, measured.
int device_command(const DeviceOptions& options, std::ostream& out, std::ostream& error);

}  // namespace training
