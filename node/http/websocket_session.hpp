#pragma once

#include "node/http/exchange.hpp"
#include "node/http/limits.hpp"
#include "node/http/shard.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace node {

/// Finishes the handshake of a request whose head was found to be a valid upgrade with this
/// Sec-WebSocket-Key. `received` is what came behind the head: nothing, where the caller waits for
/// the answer as it should. Null when the caller was gone, or sent more than a read's worth too
/// early. The result lives on `shard` and closes (1001) when the server stops.
asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(asio::ip::tcp::socket socket,
                                                             std::string key, std::string received,
                                                             Shard& shard,
                                                             const HttpLimits& limits);

}  // namespace node
