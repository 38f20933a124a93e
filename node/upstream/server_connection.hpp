#pragma once

#include "inference/remote/upstream.hpp"
#include "node/upstream/server_url.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace node {

struct ConnectionLimits {
    std::chrono::milliseconds connect{5'000};     ///< to resolve, to connect, to greet: each
    std::chrono::milliseconds exchange{120'000};  ///< for a call without a deadline
    std::size_t head_bytes = 32 * 1024;
    std::uint64_t body_bytes = std::uint64_t{64} << 20;
    /// For addresses that strangers name: connects to nothing that is private, link-local or this
    /// machine, whatever the name resolves to.
    bool public_alone = false;
};

/// One header that is added to a request.
struct ExtraHeader {
    std::string_view name, value;
};

/// A connection to one server, used by one thread at a time.
class ServerConnection {
public:
    using Opened = ledger::Result<std::unique_ptr<ServerConnection>, inference::UpstreamError>;

    /// `tls` is used where the address says https, and must live as long.
    static Opened open(const ServerUrl& url, boost::asio::ssl::context& tls,
                       const ConnectionLimits& limits, const inference::RunControl& control);
    virtual ~ServerConnection() = default;

    /// `sent` says afterwards whether any byte of the request left us. With a sink the body of a
    /// status 200 goes there, as Upstream::stream has it; null: it is in the reply.
    virtual ledger::Result<inference::UpstreamReply, inference::UpstreamError> exchange(
        const inference::UpstreamRequest& request, const ExtraHeader& extra,
        const inference::RunControl& control, const inference::BodySink* sink, bool& sent) = 0;

    /// Whether the last exchange left it in a state for another one.
    virtual bool reusable() const = 0;
    /// False when the server has closed it, or says something that nobody asked for.
    virtual bool quiet() = 0;
};

}  // namespace node
