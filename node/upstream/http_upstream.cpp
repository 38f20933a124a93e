#include "node/upstream/http_upstream.hpp"

namespace node {

using inference::BodySink;
using inference::RunControl;
using inference::UpstreamError;
using inference::UpstreamFault;
using inference::UpstreamRequest;
using Clock = std::chrono::steady_clock;

/// One of the connections that may be in use at one time.
class HttpUpstream::Place {
public:
    explicit Place(HttpUpstream& upstream) : upstream_{upstream}
    {
        const std::lock_guard lock{upstream_.mutex_};
        taken_ = upstream_.in_use_ < upstream_.options_.connections;
        if (taken_) ++upstream_.in_use_;
    }
    ~Place()
    {
        const std::lock_guard lock{upstream_.mutex_};
        if (taken_) --upstream_.in_use_;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    explicit operator bool() const { return taken_; }

private:
    HttpUpstream& upstream_;
    bool taken_ = false;
};

HttpUpstream::HttpUpstream(HttpUpstreamOptions options)
    : options_{std::move(options)}, tls_{boost::asio::ssl::context::tls_client}
{
}

ledger::Result<std::shared_ptr<HttpUpstream>> HttpUpstream::open(HttpUpstreamOptions options)
{
    std::shared_ptr<HttpUpstream> made{new HttpUpstream{std::move(options)}};
    auto& tls = made->tls_;
    boost::system::error_code error;
    using boost::asio::ssl::context;
    tls.set_options(context::no_tlsv1 | context::no_tlsv1_1, error);
    tls.set_verify_mode(boost::asio::ssl::verify_peer, error);
    if (made->options_.authorities.empty())
        tls.set_default_verify_paths(error);
    else
        tls.load_verify_file(made->options_.authorities, error);
    if (error)
        return ledger::invalid("cannot read the certificates that vouch for the server: " +
                               error.message());
    return made;
}

HttpUpstream::Answer HttpUpstream::call(const UpstreamRequest& request, const RunControl& control)
{
    return ask(request, control, nullptr);
}

HttpUpstream::Answer HttpUpstream::stream(const UpstreamRequest& request, const RunControl& control,
                                          const BodySink& sink)
{
    return ask(request, control, &sink);
}

HttpUpstream::Answer HttpUpstream::ask(const UpstreamRequest& request, const RunControl& control,
                                       const BodySink* sink)
try {
    const Place place{*this};
    if (!place) return UpstreamError{UpstreamFault::busy, "all connections are in use"};
    const ExtraHeader extra{options_.credentials.header,
                            ledger::as_text(options_.credentials.value.view())};
    const auto exchange = [&](ServerConnection& connection, bool& sent) {
        return connection.exchange(request, extra, control, sink, sent);
    };
    if (auto connection = kept()) {
        bool sent = false;
        auto reply = exchange(*connection, sent);
        if (reply || sent) {
            if (reply) keep(std::move(connection));
            return reply;
        }
    }
    auto opened = ServerConnection::open(options_.url, tls_, options_.limits, control);
    if (!opened) return opened.error();
    {
        const std::lock_guard lock{mutex_};
        ++opened_;
    }
    bool sent = false;
    auto reply = exchange(**opened, sent);
    if (reply)
        keep(std::move(*opened));
    else if (!sent && reply.error().fault == UpstreamFault::broken)
        return UpstreamError{UpstreamFault::unreachable, reply.error().detail};
    return reply;
} catch (const std::exception& problem) {
    return UpstreamError{UpstreamFault::broken, problem.what()};
}

std::unique_ptr<ServerConnection> HttpUpstream::kept()
{
    for (;;) {
        Idle found;
        {
            const std::lock_guard lock{mutex_};
            if (idle_.empty()) return nullptr;
            found = std::move(idle_.back());
            idle_.pop_back();
        }
        if (Clock::now() - found.since < options_.keep_idle && found.connection->quiet())
            return std::move(found.connection);
    }
}

void HttpUpstream::keep(std::unique_ptr<ServerConnection> connection)
{
    if (!connection->reusable()) return;
    const std::lock_guard lock{mutex_};
    if (idle_.size() < options_.connections) idle_.push_back({std::move(connection), Clock::now()});
}

std::size_t HttpUpstream::idle() const
{
    const std::lock_guard lock{mutex_};
    return idle_.size();
}

std::uint64_t HttpUpstream::opened() const
{
    const std::lock_guard lock{mutex_};
    return opened_;
}

}  // namespace node
