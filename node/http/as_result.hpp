#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace node {

namespace asio = boost::asio;

/// Waits in a coroutine and gives the error beside the value instead of throwing it.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace node
