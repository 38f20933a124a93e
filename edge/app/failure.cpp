#include "edge/app/failure.hpp"

namespace edge::app {

Fault fault_of(ledger::ErrorKind kind)
{
    switch (kind) {
        case ledger::ErrorKind::invalid:
            return Fault::usage;
        case ledger::ErrorKind::not_found:
            return Fault::not_found;
        case ledger::ErrorKind::corrupt:
            return Fault::damaged;
        case ledger::ErrorKind::full:
            return Fault::full;
        case ledger::ErrorKind::unavailable:
            return Fault::busy;
        case ledger::ErrorKind::denied:
            return Fault::denied;
        case ledger::ErrorKind::io:
            break;
    }
    return Fault::failed;
}

void fail(Fault fault, std::string message)
{
    throw Failure{fault, std::move(message)};
}

}  // namespace edge::app
