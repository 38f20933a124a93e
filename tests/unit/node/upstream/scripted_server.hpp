#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace node {

/// A server on 127.0.0.1 that says exactly what it is told to, on threads of its own.
class ScriptedServer {
public:
    /// The client's end of one connection.
    class Caller {
    public:
        explicit Caller(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

        /// The next head with its body, by its Content-Length; empty when the caller is gone.
        std::string request()
        {
            for (;;) {
                const auto head = got_.find("\r\n\r\n");
                if (head != std::string::npos) {
                    const auto at = got_.find("Content-Length: ");
                    const auto body = at < head ? std::stoul(got_.substr(at + 16)) : 0;
                    if (got_.size() >= head + 4 + body) {
                        auto made = got_.substr(0, head + 4 + body);
                        got_.erase(0, made.size());
                        return made;
                    }
                }
                char piece[4096];
                boost::system::error_code error;
                const auto size = socket_.read_some(boost::asio::buffer(piece), error);
                if (error) return {};
                got_.append(piece, size);
            }
        }
        void say(const std::string& text)
        {
            boost::system::error_code ignored;
            boost::asio::write(socket_, boost::asio::buffer(text), ignored);
        }
        void say_ok(const std::string& body)
        {
            say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
        }
        void hang_up()
        {
            boost::system::error_code ignored;
            socket_.close(ignored);
        }
        /// Blocks until the caller hangs up.
        void wait_until_gone()
        {
            while (!request().empty()) {
            }
        }

    private:
        boost::asio::ip::tcp::socket socket_;
        std::string got_;
    };
    using Script = std::function<void(Caller&)>;

    explicit ScriptedServer(Script script) : script_{std::move(script)}
    {
        thread_ = std::thread{[this] { accept(); }};
    }
    ~ScriptedServer()
    {
        ended_ = true;
        boost::asio::ip::tcp::socket last{io_};  // wakes the accept
        boost::system::error_code ignored;
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
        for (auto& caller : callers_) caller.join();
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    int connections() const { return connections_; }

private:
    void accept()
    {
        for (;;) {
            auto socket = acceptor_.accept();
            if (ended_) return;
            ++connections_;
            callers_.emplace_back(
                [this, caller = Caller{std::move(socket)}]() mutable { script_(caller); });
        }
    }

    Script script_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
    std::atomic<bool> ended_ = false;
    std::atomic<int> connections_ = 0;
    std::vector<std::thread> callers_;
    std::thread thread_;
};

}  // namespace node
