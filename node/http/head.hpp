#pragma once

#include "ledger/base/result.hpp"
#include "node/http/http_error.hpp"
#include "node/http/request.hpp"

#include <cstddef>
#include <string_view>

namespace node {

struct HeadLimits {
    std::size_t fields = 100;
};

/// Whether `raw`, a request head up to and with its empty line, is strict HTTP/1.x (RFC 9112).
/// Refused, because another program on the way could read it differently: lines not ended by
/// CRLF, control characters, folded lines, anything but one space in the request line, a space
/// before a colon, more than one Content-Length or one that is not 1 to 18 digits, any
/// Transfer-Encoding but `chunked` alone, both of them, no or several Host fields on 1.1, a Host
/// that is no host. Status 400; 431 too many fields, 505 another HTTP version. Pure.
ledger::Result<void, HttpError> check_head(std::string_view raw, HeadLimits limits = {});

/// The same line by line for a head that is still incomplete, so that what can only be refused is
/// refused at once and does not wait for more. Looks at the lines that are whole, up to the empty
/// one. Pure.
ledger::Result<void, HttpError> check_head_part(std::string_view raw);

/// Splits `name: value`, the value without surrounding blanks; 400 when either is not allowed.
ledger::Result<void, HttpError> split_field(std::string_view line, std::string_view& name,
                                            std::string_view& value);

/// Checks `raw`, then lets Beast parse it into `head`, whose views point into `raw`. Also
/// refuses a target that `Target` refuses, an absolute target whose host is not Host's, `*` with
/// another method than OPTIONS, and (417) an expectation other than 100-continue. Pure.
ledger::Result<void, HttpError> parse_head(std::string_view raw, RequestHead& head,
                                           HeadLimits limits = {});

}  // namespace node
