#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/ip_address.hpp"
#include "ledger/codec/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace node {

using ledger::IpBytes;
using ledger::is_ipv4;
using ledger::is_public;

/// Addresses that one party can be expected to have many of. First byte: which kind.
using Netgroup = ledger::FixedBytes<struct NetgroupTag, 7>;

struct NetAddress {
    IpBytes ip;
    std::uint16_t port{};
    friend auto operator<=>(const NetAddress&, const NetAddress&) = default;
};
MILLRACE_DESCRIBE(NetAddress, (ip, port))

/// /16 of IPv4, /32 of IPv6: what eclipse defences count (Bitcoin's groups without AS numbers).
Netgroup netgroup_of(const IpBytes&);
/// /24 of IPv4, /48 of IPv6: what handshakes are rationed by.
Netgroup handshake_group_of(const IpBytes&);

/// "192.0.2.1:7000" and "[2001:db8::1]:7000"; no names.
std::string to_text(const NetAddress&);
std::optional<NetAddress> address_from_text(std::string_view);

}  // namespace node
