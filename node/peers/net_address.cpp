#include "node/peers/net_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace node {
namespace {

constexpr std::size_t ipv4_at = 12;  ///< in the bytes of a mapped address

Netgroup group(const IpBytes& ip, std::size_t ipv4_bytes, std::size_t ipv6_bytes)
{
    Netgroup made;
    const bool four = is_ipv4(ip);
    made.bytes[0] = four ? 4 : 6;
    const auto* from = ip.bytes.data() + (four ? ipv4_at : 0);
    std::copy_n(from, four ? ipv4_bytes : ipv6_bytes, made.bytes.begin() + 1);
    return made;
}

}  // namespace

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
    const auto* from = address.ip.bytes.data() + (four ? ipv4_at : 0);
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
    auto host = text.substr(0, colon);
    const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (has_brackets) host = host.substr(1, host.size() - 2);
    const bool is_ipv6_text = host.find(':') != host.npos;
    const auto ip = ledger::ip_from_text(host);
    if (!ip || has_brackets != is_ipv6_text) return {};
    address.ip = *ip;
    return address;
}

}  // namespace node
