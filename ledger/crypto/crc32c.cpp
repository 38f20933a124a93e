#include "ledger/crypto/crc32c.hpp"

#include <crypto++/crc.h>

#include <array>

namespace ledger {

std::uint32_t crc32c(ByteView data)
{
    return crc32c(data, {});
}

std::uint32_t crc32c(ByteView first, ByteView second)
{
    CryptoPP::CRC32C sum;
    if (!first.empty()) sum.Update(first.data(), first.size());
    if (!second.empty()) sum.Update(second.data(), second.size());
    std::array<std::uint8_t, 4> little{};
    sum.TruncatedFinal(little.data(), little.size());
    return static_cast<std::uint32_t>(little[0]) | static_cast<std::uint32_t>(little[1]) << 8 |
           static_cast<std::uint32_t>(little[2]) << 16 |
           static_cast<std::uint32_t>(little[3]) << 24;
}

}  // namespace ledger
