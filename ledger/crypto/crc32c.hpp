#pragma once

#include "ledger/base/bytes.hpp"

#include <cstdint>

namespace ledger {

/// CRC-32C (Castagnoli, RFC 3720 B.4): finds accidents, stops nobody who means harm.
std::uint32_t crc32c(ByteView data);
/// Two pieces as if they were one.
std::uint32_t crc32c(ByteView first, ByteView second);

}  // namespace ledger
