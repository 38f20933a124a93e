#pragma once

#include "ledger/base/result.hpp"

#include <new>
#include <stdexcept>
#include <string>

namespace training {

/// Runs `work`, which gives a Result, and makes an error of what it or libtorch throws.
template <class Work>
auto attempt(Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return ledger::Error{ledger::ErrorKind::full, "there is no memory for it"};
    } catch (const std::exception& error) {
        // libtorch's own message goes on with where it was thrown.
        const std::string why = error.what();
        return ledger::invalid(why.substr(0, why.find('\n')).substr(0, 500));
    }
}

}  // namespace training
