#include "node/http/connection_counts.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>

namespace node {
namespace {

/// Whoever has one IPv6 address has the whole /64; IPv4 in IPv6 clothes is IPv4.
boost::asio::ip::address one_caller(const boost::asio::ip::address& from)
{
    if (!from.is_v6()) return from;
    const auto wide = from.to_v6();
    if (wide.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, wide);
    }
    auto bytes = wide.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6{bytes};
}

}  // namespace

bool ConnectionCounts::crowded() const
{
    const std::lock_guard lock{mutex_};
    return count_ > limit_ - limit_ / 8;
}

bool ConnectionCounts::enter(const boost::asio::ip::address& from)
{
    const std::lock_guard lock{mutex_};
    if (count_ >= limit_) return false;
    auto& here = by_address_[one_caller(from)];
    if (here >= limit_per_address_) return false;
    ++here;
    ++count_;
    return true;
}

void ConnectionCounts::leave(const boost::asio::ip::address& from)
{
    const std::lock_guard lock{mutex_};
    const auto here = by_address_.find(one_caller(from));
    if (--here->second == 0) by_address_.erase(here);
    if (--count_ == 0) emptied_.notify_all();
}

bool ConnectionCounts::wait_until_empty(std::chrono::milliseconds patience)
{
    std::unique_lock lock{mutex_};
    return emptied_.wait_for(lock, patience, [&] { return count_ == 0; });
}

}  // namespace node
