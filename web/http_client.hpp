#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace web {

/// Why there is no answer.
enum class Fault {
    usage,        ///< what was asked for makes no sense
    unreachable,  ///< nobody is there, or the connection broke
    unverified,   ///< the server's certificate does not hold; nothing was sent
    timeout,      ///< it took too long; asking again is safe where the request allows it
    failed,       ///< it is no HTTP, or above the bounds
};
struct Failure {
    Fault fault = Fault::failed;
    std::string message;  ///< one line for people
};
template <class T>
using Outcome = ledger::Result<T, Failure>;

/// Where a node listens.
struct NodeUrl {
    bool tls = false;
    std::string host;
    std::string port;
    std::string base;  ///< path before every target, without a slash at its end

    /// As in a Host header; an IPv6 address gets its brackets.
    std::string authority() const;
    /// http://HOST[:PORT] or https://HOST[:PORT]; a port that the scheme implies is left out.
    std::string origin() const;
};

/// http://HOST[:PORT][/BASE] or the same with https. `usage` for anything else.
Outcome<NodeUrl> parse_url(std::string_view text);

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string target;  ///< with a leading slash and the query
    HttpHeaders headers = {};
    ledger::Bytes body = {};
    std::string content_type = "application/json";  ///< of a body that is not empty
};

struct HttpReply {
    unsigned status = 0;
    HttpHeaders headers = {};
    ledger::Bytes body = {};

    /// The first of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// What a server that nobody trusts may make us wait for and keep.
struct HttpBounds {
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds exchange{75'000};  ///< from the first byte sent to the last read
    std::uint32_t head_bytes = 64 * 1024;
    std::size_t body_bytes = 64 << 20;
    /// `unreachable` where the host has no public address: a stranger named it, and must not make
    /// us ask what only this machine or its network can reach.
    bool public_alone = false;
};

/// Who may vouch for the name of an https server.
struct HttpTrust {
    /// PEM file of certificates. Empty: those that the system trusts, as OpenSSL finds them
    /// (SSL_CERT_FILE and SSL_CERT_DIR say where else to look).
    std::string authorities;
};

/// HTTP/1.1 over a connection of its own for each call; TLS 1.2 or later for https, where the
/// server's certificate has to be for the host of the URL. No retries: who calls knows what may be
/// repeated. Throws nothing; one thread at a time.
class HttpClient {
public:
    explicit HttpClient(NodeUrl url, HttpBounds bounds = {}, HttpTrust trust = {})
        : url_{std::move(url)}, bounds_{bounds}, trust_{std::move(trust)}
    {
    }

    /// Any status is an answer. `unreachable` when nobody is there or the connection broke,
    /// `unverified` when the server's certificate does not hold (nothing was sent then),
    /// `timeout` when it took too long, `failed` for what is no HTTP or above the bounds.
    Outcome<HttpReply> call(const HttpRequest& request) const;

    const NodeUrl& url() const { return url_; }

private:
    NodeUrl url_;
    HttpBounds bounds_;
    HttpTrust trust_;
};

}  // namespace web
