#pragma once

#include "node/http/response.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace node {

/// How an answer is framed and what becomes of the connection.
struct AnswerFraming {
    std::optional<std::uint64_t> content_length;  ///< none: chunked, or until the end
    bool chunked = false;
    bool close = false;
    bool keep_alive_1_0 = false;  ///< HTTP/1.0 wants it said
};

/// Appends status line and fields up to the empty line. `date` is an IMF-fixdate (RFC 9110
/// 5.6.7). Fields in `more` come after the response's own; fields with control characters, and
/// those that frame the message, which is the server's to do, are dropped.
void append_response_head(std::string& to, const Response& response, const Response::Headers& more,
                          const AnswerFraming& framing, std::string_view date);

}  // namespace node
