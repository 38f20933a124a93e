#pragma once

#include "ledger/base/bytes.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

/// Integers as everything that is hashed, signed or stored has them: most significant byte first.
namespace ledger {

template <std::unsigned_integral Number>
void append_big_endian(Bytes& to, Number number)
{
    for (std::size_t i = sizeof(Number); i-- > 0;) {
        to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    }
}

/// The first sizeof(Number) bytes of `from`, which has as many.
template <std::unsigned_integral Number>
Number read_big_endian(ByteView from)
{
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        number = static_cast<Number>(number << 8 | from[i]);
    }
    return number;
}

}  // namespace ledger
