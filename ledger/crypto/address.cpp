#include "ledger/crypto/address.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace ledger {
namespace {

bool is_lower(char c)
{
    return c >= 'a' && c <= 'f';
}
bool is_upper(char c)
{
    return c >= 'A' && c <= 'F';
}

}  // namespace

std::string to_checksum(const Address& address)
{
    std::string text = to_hex(address.view());
    const Hash hash = keccak256(as_bytes(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned nibble = (i % 2 == 0) ? hash.bytes[i / 2] >> 4U : hash.bytes[i / 2] & 15U;
        if (nibble >= 8 && is_lower(text[i])) text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return "0x" + text;
}

std::optional<Address> parse_address(std::string_view text)
{
    if (text.size() != 2 + 2 * Address::size || !text.starts_with("0x")) return {};
    const auto address = id_from_hex<Address>(text.substr(2));
    if (!address) return {};
    const auto digits = text.substr(2);
    const bool mixed =
        std::ranges::any_of(digits, is_lower) && std::ranges::any_of(digits, is_upper);
    if (mixed && to_checksum(*address) != text) return {};
    return address;
}

}  // namespace ledger
