#pragma once

#include <cstdint>

namespace node {

/// Bytes of memory that this process may use at most: the machine's, or its control group's where
/// that is less (/sys/fs/cgroup/memory.max).
std::uint64_t machine_memory_bytes();

}  // namespace node
