#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <string>

namespace market {

/// Makes the sender a host, or, when it is one, changes its endpoint and adds to its bond.
struct HostRegister {
    std::string endpoint;  ///< https or http URL, at most 256 bytes
    Amount bond;           ///< moved from the balance into the bond
    Address key;           ///< signs receipts and claims; added like HostKey does
    friend bool operator==(const HostRegister&, const HostRegister&) = default;
};
MILLRACE_DESCRIBE(HostRegister, (endpoint, bond, key))

enum class KeyChange { add, retire };
BOOST_DESCRIBE_ENUM(KeyChange, add, retire)

struct HostKey {
    KeyChange change{};
    Address key;
    friend bool operator==(const HostKey&, const HostKey&) = default;
};
MILLRACE_DESCRIBE(HostKey, (change, key))

/// Starts the way out: no new deposits from here on.
struct HostUnbond {
    friend bool operator==(const HostUnbond&, const HostUnbond&) = default;
};
MILLRACE_DESCRIBE(HostUnbond, ())

/// Returns the bond after the unbonding time.
struct HostUnbondFinal {
    friend bool operator==(const HostUnbondFinal&, const HostUnbondFinal&) = default;
};
MILLRACE_DESCRIBE(HostUnbondFinal, ())

}  // namespace market
