#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace ledger {

enum class ErrorKind {
    invalid,      ///< the bytes, text or arguments given make no sense
    not_found,    ///< what was asked for is not there
    corrupt,      ///< stored bytes are not what was written
    io,           ///< the disk or the network refused
    full,         ///< no space, or a bound is reached
    unavailable,  ///< not now; asking again later may succeed
    denied,       ///< wrong passphrase, permissions or key
};

/// Something outside our code failed. `detail` is for people, never for branching.
struct Error {
    ErrorKind kind;
    std::string detail;
};

/// The error of bytes, text or arguments that make no sense.
inline Error invalid(std::string detail)
{
    return {ErrorKind::invalid, std::move(detail)};
}

/// A value, or why there is none. Test it like a bool; read it with * and ->.
template <class T, class E = Error>
using Result = boost::system::result<T, E>;

}  // namespace ledger
