#pragma once

#include "ledger/base/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace ledger {

/// first, first + 1, … as the RFCs write their keys.
inline Bytes counting(std::uint8_t first, std::size_t count)
{
    Bytes bytes(count);
    for (auto& byte : bytes) byte = first++;
    return bytes;
}

}  // namespace ledger
