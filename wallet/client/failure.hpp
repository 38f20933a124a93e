#pragma once

#include "ledger/base/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace wallet {

/// Why something did not work, as the command line's exit status tells it.
enum class Fault {
    usage = 1,        ///< what was asked for makes no sense
    refused,          ///< a rule of the market or the mempool says no
    not_found,        ///< no such account, block, model, file, ...
    unreachable,      ///< no node there, or it takes no work now
    denied,           ///< wrong passphrase, key or permissions
    unverified,       ///< a proof, hash or signature does not hold
    timeout,          ///< not known yet; asking again is safe
    payment_refused,  ///< the host did not take the payment
    failed,           ///< the disk, or something nobody expected
};

/// `message` is one line for people; `detail` is what a program may want beside it.
struct Failure {
    Fault fault = Fault::failed;
    std::string message;
    nlohmann::json detail = nullptr;
};

template <class T>
using Outcome = ledger::Result<T, Failure>;

/// The failure that an error of the ledger's libraries means here.
inline Failure failure_of(const ledger::Error& error)
{
    const auto fault = [&] {
        switch (error.kind) {
            case ledger::ErrorKind::invalid:
                return Fault::usage;
            case ledger::ErrorKind::not_found:
                return Fault::not_found;
            case ledger::ErrorKind::unavailable:
                return Fault::unreachable;
            case ledger::ErrorKind::denied:
                return Fault::denied;
            default:
                return Fault::failed;
        }
    };
    return {fault(), error.detail};
}

}  // namespace wallet
