#pragma once

#include <cstdint>

namespace node {

/// What a node has open beside its callers' connections: the store, the log, peers.
constexpr std::uint64_t files_besides_callers = 1'024;

/// Lets this process open as many files as the system allows it; how many those are.
std::uint64_t raise_open_files();

/// How many that would be, changing nothing.
std::uint64_t most_open_files();

}  // namespace node
