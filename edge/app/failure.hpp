#pragma once

#include "ledger/base/result.hpp"

#include <string>
#include <utility>

namespace edge::app {

/// How the program ends; the numbers are its exit status and documented in --help.
enum class Fault {
    usage = 1,
    not_found = 3,
    busy = 4,
    denied = 5,
    damaged = 6,
    full = 7,
    failed = 9,
};

struct Failure {
    Fault fault;
    std::string message;
};

Fault fault_of(ledger::ErrorKind kind);
[[noreturn]] void fail(Fault fault, std::string message);

template <class T>
T must(ledger::Result<T> result)
{
    if (!result) fail(fault_of(result.error().kind), result.error().detail);
    return std::move(*result);
}
inline void must(const ledger::Result<void>& result)
{
    if (!result) fail(fault_of(result.error().kind), result.error().detail);
}

}  // namespace edge::app
