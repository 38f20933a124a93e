#pragma once

#include "ledger/base/result.hpp"

#include <string>
#include <string_view>

namespace node {

/// http://HOST[:PORT][/BASE] or https://…, without user, query and fragment.
struct ServerUrl {
    bool tls = false;
    std::string host;  ///< a name or an address, without brackets
    std::string port;
    std::string base;  ///< empty, or begins with a slash and does not end with one

    /// As the header Host has it.
    std::string authority() const;
    bool is_loopback() const;
};

/// At most 512 bytes; `invalid` for anything else.
ledger::Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace node
