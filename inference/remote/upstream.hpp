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

/// Takes the next piece of a body; false: no more is wanted.
using BodySink = std::function<bool(ByteView)>;

/// One server. Calls block; any number at a time, each from its own thread.
class Upstream {
public:
    virtual ~Upstream() = default;

    /// Any status is an answer. Ends soon after the deadline or the stop, by closing the
    /// connection: a server that looks after its callers stops working then.
    virtual Result<UpstreamReply, UpstreamError> call(const UpstreamRequest& request,
                                                      const RunControl& control) = 0;

    /// As `call`, but the body of an answer with status 200 goes to `sink` as it comes, on this
    /// thread, in pieces of at most 64 KiB and all of it within the bound of `call`'s; the body of
    /// the reply is empty then. A sink that wants no more closes the connection: the reply is an
    /// answer all the same. While the sink waits nothing is read, and it has to look at deadline
    /// and stop itself.
    virtual Result<UpstreamReply, UpstreamError> stream(const UpstreamRequest& request,
                                                        const RunControl& control,
                                                        const BodySink& sink) = 0;
};

}  // namespace inference
