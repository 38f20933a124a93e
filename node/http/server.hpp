#pragma once

#include "ledger/base/result.hpp"
#include "node/env/clock.hpp"
#include "node/http/exchange.hpp"
#include "node/http/limits.hpp"
#include "node/http/observer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace node {

struct ServerConfig {
    asio::ip::address address = asio::ip::address_v4::loopback();
    std::uint16_t port = 8700;  ///< 0: any free one
    unsigned io_threads = 1;    ///< each connection stays on one of them
    HttpLimits limits = {};
};

/// The HTTP/1.1 server: accepts, frames, bounds and times; what is answered is the handler's. When
/// it is crowded, each new connection ends the one that has been idle the longest.
/// Owns its io threads. Handler, clock and observers must outlive it.
class Server {
public:
    Server(ServerConfig config, Handler& handler, const Clock& clock,
           std::vector<RequestObserver*> observers = {});
    /// Stops at once when `stop` was not called.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and listens; who connects waits until `start`. Errors: unavailable (port in use),
    /// denied, io.
    ledger::Result<void> listen();
    /// Starts the threads, and listens first where `listen` was not called.
    ledger::Result<void> start();

    /// Where it listens; valid after `listen`.
    asio::ip::tcp::endpoint local() const;

    /// The first io thread's executor, for work that belongs to HTTP. Valid until `stop`.
    asio::any_io_executor executor();

    /// From here on every answer ends its connection, so that callers go elsewhere; new ones are
    /// still served. Waits until nobody is connected, or until `patience` has passed.
    void drain(std::chrono::milliseconds patience);

    /// No new connections; idle ones close; running exchanges finish, until `patience` has
    /// passed: then what is left is cut off. Blocks until all threads ended. Not from a handler.
    void stop(std::chrono::milliseconds patience);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace node
