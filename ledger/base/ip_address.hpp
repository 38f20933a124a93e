#pragma once

#include "ledger/base/ids.hpp"

#include <optional>
#include <string_view>

namespace ledger {

/// 16 bytes; an IPv4 address a.b.c.d is ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
using IpBytes = FixedBytes<struct IpBytesTag, 16>;

bool is_ipv4(const IpBytes&);
/// Neither private, link-local, loopback, multicast, documentation nor unspecified.
bool is_public(const IpBytes&);
/// "192.0.2.1" and "2001:db8::1"; no names, no brackets.
std::optional<IpBytes> ip_from_text(std::string_view);
/// Whether a host as a URL names it is one of a network of its own: "localhost", or an address that
/// is not public. Of other names nobody can tell before they are looked up.
bool is_private_host(std::string_view host);

}  // namespace ledger
