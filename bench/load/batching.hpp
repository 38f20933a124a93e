#pragma once

#include "bench/report.hpp"
#include "inference/engine.hpp"

#include <chrono>
#include <cstdint>

namespace bench {

/// What joining calls gives at 32 connections: the models free-cnn and free-cnn-joined of the node
/// at `port` in turns, in JSON and in binary, beside what the engine alone gains from 32 rows in a
/// run. Medians of five turns.
void measure_batching(Report& report, std::uint16_t port, inference::Engine& engine,
                      ledger::ByteView cnn, std::chrono::milliseconds span);

}  // namespace bench
