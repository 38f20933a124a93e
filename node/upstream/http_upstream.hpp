#pragma once

#include "node/upstream/credentials.hpp"
#include "node/upstream/server_connection.hpp"

#include <mutex>
#include <vector>

namespace node {

struct HttpUpstreamOptions {
    ServerUrl url;
    std::string authorities;  ///< PEM file that vouches for an https server; empty: the system's
    Credentials credentials = {};
    ConnectionLimits limits = {};
    std::size_t connections = 8;         ///< in use at one time; kept as many
    std::chrono::seconds keep_idle{30};  ///< longer than this nobody trusts one to be there
};

/// One HTTP/1.1 server over kept-alive connections. Certificates of an https server have to hold
/// and to name its host. A request is sent a second time, on a new connection, only where nothing
/// of it was sent on a kept one.
class HttpUpstream final : public inference::Upstream {
public:
    /// `invalid` when the authorities cannot be read.
    static ledger::Result<std::shared_ptr<HttpUpstream>> open(HttpUpstreamOptions options);

    ledger::Result<inference::UpstreamReply, inference::UpstreamError> call(
        const inference::UpstreamRequest& request, const inference::RunControl& control) override;
    ledger::Result<inference::UpstreamReply, inference::UpstreamError> stream(
        const inference::UpstreamRequest& request, const inference::RunControl& control,
        const inference::BodySink& sink) override;

    /// Connections that wait for the next call.
    std::size_t idle() const;
    /// Connections made so far.
    std::uint64_t opened() const;

private:
    using Answer = ledger::Result<inference::UpstreamReply, inference::UpstreamError>;
    struct Idle {
        std::unique_ptr<ServerConnection> connection;
        std::chrono::steady_clock::time_point since;
    };
    class Place;

    explicit HttpUpstream(HttpUpstreamOptions options);
    Answer ask(const inference::UpstreamRequest&, const inference::RunControl&,
               const inference::BodySink*);
    std::unique_ptr<ServerConnection> kept();
    void keep(std::unique_ptr<ServerConnection>);

    const HttpUpstreamOptions options_;
    boost::asio::ssl::context tls_;
    mutable std::mutex mutex_;
    std::vector<Idle> idle_;
    std::size_t in_use_ = 0;
    std::uint64_t opened_ = 0;
};

}  // namespace node
