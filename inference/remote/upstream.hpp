#pragma once

#include "inference/engine.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inference {

struct UpstreamRequest {
    std::string method = "GET";
    std::string target;  ///< path and query, after the base of the server's address
    std::vector<std::pair<std::string, std::string>> headers = {};
    Bytes body = {};
};

struct UpstreamReply {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;

    /// The first field of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

enum class UpstreamFault {
    unreachable,  ///< nobody is there; nothing of the request was sent
    untrusted,    ///< the server's certificate does not hold; nothing was sent
    broken,       ///< the connection broke after something was sent
    malformed,    ///< what came is no HTTP
    too_large,    ///< the answer is above its bound
    deadline,     ///< the request's time was over
    cancelled,    ///< the request was stopped by its caller
    busy,         ///< all connections are in use; nothing was sent
};

/// `detail` never holds credentials.
struct UpstreamError {
    UpstreamFault fault{};
    std::string detail;
};

/// One server. Calls block; any number at a time, each from its own thread.
class Upstream {
public:
    virtual ~Upstream() = default;

    /// Any status is an answer. Ends soon after the deadline or the stop, by closing the
    /// connection: a server that looks after its callers stops working then.
    virtual Result<UpstreamReply, UpstreamError> call(const UpstreamRequest& request,
                                                      const RunControl& control) = 0;
};

}  // namespace inference
