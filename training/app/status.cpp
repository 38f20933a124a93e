#include "training/app/commands.hpp"

namespace training {

int fail(const ledger::Error& problem, std::ostream& error)
{
    error << "millrace-trainer: " << problem.detail << '\n';
    using Kind = ledger::ErrorKind;
    if (problem.kind == Kind::unavailable) return deserted;
    const bool of_data = problem.kind == Kind::invalid || problem.kind == Kind::corrupt ||
                         problem.kind == Kind::full;
    return of_data ? refused : unreadable;
}

}  // namespace training
