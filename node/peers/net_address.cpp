#include "node/peers/net_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace node {
namespace {

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Netgroup group(const IpBytes& ip, std::size_t ipv4_bytes, std::size_t ipv6_bytes)
{
    Netgroup made;
    const bool four = is_ipv4(ip);
    made.bytes[0] = four ? 4 : 6;
    const auto* from = ip.bytes.data() + (four ? mapped.size() : 0);
    std::copy_n(from, four ? ipv4_bytes : ipv6_bytes, made.bytes.begin() + 1);
    return made;
}

bool is_public_ipv4(const std::uint8_t* b)
{
    if (b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224) return false;
    if (b[0] == 100 && (b[1] & 0xc0) == 64) return false;
    if (b[0] == 169 && b[1] == 254) return false;
    if (b[0] == 172 && (b[1] & 0xf0) == 16) return false;
    if (b[0] == 192 && (b[1] == 168 || (b[1] == 0 && (b[2] == 0 || b[2] == 2)))) return false;
    if (b[0] == 198 && ((b[1] & 0xfe) == 18 || (b[1] == 51 && b[2] == 100))) return false;
    return !(b[0] == 203 && b[1] == 0 && b[2] == 113);
}

}  // namespace

bool is_ipv4(const IpBytes& ip)
{
    return std::equal(mapped.begin(), mapped.end(), ip.bytes.begin());
}

bool is_public(const IpBytes& ip)
{
    if (is_ipv4(ip)) return is_public_ipv4(ip.bytes.data() + mapped.size());
    const auto& b = ip.bytes;
    // Global unicast is 2000::/3; 2001:db8::/32 is for documentation.
    const bool documentation = b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8;
    return (b[0] & 0xe0) == 0x20 && !documentation;
}

Netgroup netgroup_of(const IpBytes& ip)
{
    return group(ip, 2, 4);
}

Netgroup handshake_group_of(const IpBytes& ip)
{
    return group(ip, 3, 6);
}

std::string to_text(const NetAddress& address)
{
    char text[INET6_ADDRSTRLEN] = {};
    const bool four = is_ipv4(address.ip);
    const auto* from = address.ip.bytes.data() + (four ? mapped.size() : 0);
    ::inet_ntop(four ? AF_INET : AF_INET6, from, text, sizeof text);
    const std::string port = ":" + std::to_string(address.port);
    return four ? text + port : "[" + std::string{text} + "]" + port;
}

std::optional<NetAddress> address_from_text(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == text.npos || text.size() > 64) return {};
    NetAddress address;
    const auto digits = text.substr(colon + 1);
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, address.port);
    if (error != std::errc{} || stopped != end || address.port == 0) return {};
    std::string host{text.substr(0, colon)};
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        if (::inet_pton(AF_INET6, host.c_str(), address.ip.bytes.data()) != 1) return {};
        return address;
    }
    std::copy(mapped.begin(), mapped.end(), address.ip.bytes.begin());
    if (::inet_pton(AF_INET, host.c_str(), address.ip.bytes.data() + mapped.size()) != 1) return {};
    return address;
}

}  // namespace node
