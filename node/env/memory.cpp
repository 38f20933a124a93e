#include "node/env/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace node {

std::uint64_t machine_memory_bytes()
{
    const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
    const auto machine = pages * static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
    std::ifstream group{"/sys/fs/cgroup/memory.max"};
    std::uint64_t most = 0;
    return group >> most ? std::min(machine, most) : machine;  // "max" is no number
}

}  // namespace node
