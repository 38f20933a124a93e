#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

namespace wallet {

/// An https server on 127.0.0.1 with a certificate that it signed itself. Answers each request
/// with 200 and its body, one connection at a time, until destroyed.
class TlsNode {
public:
    /// `names` as in a subjectAltName: "DNS:localhost,IP:127.0.0.1". Written to `folder`, for
    /// clients that are to trust it: `authorities()`.
    TlsNode(const std::filesystem::path& folder, const std::string& names);
    ~TlsNode();
    TlsNode(const TlsNode&) = delete;
    TlsNode& operator=(const TlsNode&) = delete;

    std::string url(const std::string& host) const;
    const std::string& authorities() const { return certificate_file_; }
    /// Requests that arrived whole.
    int requests() const { return requests_; }
    /// The name that the last client asked for; empty when it told none.
    std::string asked_for() const { return asked_for_; }

private:
    void serve();

    std::string certificate_file_;
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> requests_ = 0;
    std::string asked_for_;  ///< read by the test only after the reply has come
    std::thread thread_;
};

}  // namespace wallet
