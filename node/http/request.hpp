#pragma once

#include "node/http/target.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace node {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

std::string_view to_text(Method method);
/// Exact and case-sensitive, as RFC 9110 9.1 wants; `other` for every other token.
Method method_from_text(std::string_view text);

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

/// The parsed head of one request. The views live until the exchange ends.
struct RequestHead {
    Method method = Method::other;
    std::string_view method_text;
    Target target;
    bool http_1_1 = true;
    bool keep_alive = true;         ///< the caller's wish: version and Connection
    bool chunked = false;           ///< Transfer-Encoding: chunked
    bool expects_continue = false;  ///< Expect: 100-continue
    bool websocket_upgrade = false;
    std::optional<std::uint64_t> content_length;
    std::vector<HeaderField> headers;

    /// Forgets the last request; keeps the memory.
    void clear();

    /// The first field of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
    /// How many fields have that name: a header that carries money must come once.
    std::size_t header_count(std::string_view name) const;
    /// What stands behind "Bearer" in Authorization (RFC 6750 2.1), whose case does not matter;
    /// empty when the scheme is another, or the field does not come once.
    std::string_view bearer_token() const;
    bool has_body() const { return chunked || content_length.value_or(0) != 0; }
};

}  // namespace node
