#pragma once

#include "training/app/train_options.hpp"
#include "training/workers/link.hpp"

#include <functional>
#include <ostream>

namespace training {

/// `train` as one of several workers: gives an exit status.
using Train = std::function<int(const TrainOptions&, Link*, std::ostream&, std::ostream&)>;

/// How many workers the options, or their job file, ask for. In a sandbox the file is read by a
/// process that is in it, too.
std::uint32_t count_of_workers(const TrainOptions& options);

/// Starts that many workers of this program and adds up for them. Gives the status of the one that
/// wrote the model, or of the one that could not go on; `deserted` where all were lost.
int lead_command(const TrainOptions& options, std::uint32_t workers, std::ostream& error);

/// One of several workers that are started one by one: the first starts a worker, waits for the
/// others and adds up for all; the others train.
int meet_command(const TrainOptions& options, const Train& train, std::ostream& out,
                 std::ostream& error);

/// Trains as the worker at this end of a connection. Why it ends is told at the other end.
int work_for(const TrainOptions& options, Channel channel, const Train& train, std::ostream& out,
             std::ostream& error);

}  // namespace training
