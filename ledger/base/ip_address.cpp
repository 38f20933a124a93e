#include "ledger/base/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace ledger {
namespace {

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

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
    // Global unicast is 2000::/3; 2001:db8::/32 is for documentation, and 2001::/32 (Teredo) and
    // 2002::/16 (6to4) lead to whatever IPv4 address they hold.
    const bool of_2001 = b[0] == 0x20 && b[1] == 0x01;
    const bool documentation = of_2001 && b[2] == 0x0d && b[3] == 0xb8;
    const bool tunnel = (of_2001 && b[2] == 0 && b[3] == 0) || (b[0] == 0x20 && b[1] == 0x02);
    return (b[0] & 0xe0) == 0x20 && !documentation && !tunnel;
}

std::optional<IpBytes> ip_from_text(std::string_view text)
{
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return {};
    const std::string host{text};
    IpBytes ip;
    if (::inet_pton(AF_INET6, host.c_str(), ip.bytes.data()) == 1) return ip;
    std::copy(mapped.begin(), mapped.end(), ip.bytes.begin());
    if (::inet_pton(AF_INET, host.c_str(), ip.bytes.data() + mapped.size()) == 1) return ip;
    return {};
}

bool is_private_host(std::string_view host)
{
    if (host == "localhost") return true;
    const auto ip = ip_from_text(host);
    return ip && !is_public(*ip);
}

}  // namespace ledger
