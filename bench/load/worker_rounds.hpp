#pragma once

#include "ledger/base/bytes.hpp"

#include <cstdint>
#include <vector>

namespace bench {

struct WorkerRound {
    const ledger::Bytes& model;
    std::vector<std::int64_t> shape;  ///< of a sample
    std::uint64_t batch;              ///< samples of a step, of all workers together
    int steps;
    int threads;  ///< of each worker
    std::uint32_t workers;
};

/// Takes the steps in so many processes, which this one starts, and adds up for them over Unix
/// sockets. One worker takes them alone. Starting is not counted. This process must have no
/// threads.
double steps_per_second(const WorkerRound& round);

}  // namespace bench
