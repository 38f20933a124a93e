#pragma once

#include "ledger/base/bytes.hpp"

namespace ledger {

/// MD5, for the header Content-MD5 (RFC 1864), which object stores ask for, and nothing else: it
/// tells accidents, not malice.
using Md5 = FixedBytes<struct Md5Tag, 16>;
Md5 md5(ByteView data);

}  // namespace ledger
