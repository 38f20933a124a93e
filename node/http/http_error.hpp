#pragma once

#include "node/http/response.hpp"

#include <string>
#include <string_view>

namespace node {

/// Why a request is refused. `code` is for programs and stays the same between versions,
/// `message` is for people.
struct HttpError {
    unsigned status;
    std::string code;
    std::string message;
    std::string detail = {};  ///< optional: what was given, what was expected
};

/// The refusal in the form that the path's protocol wants: `{"error":"…"}` under /v2 (Open
/// Inference Protocol), `{"error":{"code","message","detail"}}` everywhere else.
/// `path` is the path as sent.
Response error_response(std::string_view path, const HttpError& error);

}  // namespace node
