#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>

namespace node {

/// How many connections there are, in all and from each address. Any thread.
class ConnectionCounts {
public:
    ConnectionCounts(std::size_t limit, std::size_t limit_per_address)
        : limit_{limit}, limit_per_address_{limit_per_address}
    {
    }

    /// Whether so many are here that idle ones should make room: seven eighths of the limit.
    bool crowded() const;
    /// False, and nothing counted, over either limit.
    bool enter(const boost::asio::ip::address& from);
    void leave(const boost::asio::ip::address& from);
    /// Waits until nobody is left; false when the time passed first.
    bool wait_until_empty(std::chrono::milliseconds patience);

private:
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::size_t limit_;
    std::size_t limit_per_address_;
    std::size_t count_ = 0;
    std::map<boost::asio::ip::address, std::size_t> by_address_;
};

}  // namespace node
