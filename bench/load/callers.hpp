#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <time.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// Processor time in seconds.
double cpu_seconds(clockid_t which);

/// 784 numbers in JSON, for a model of that name: an image for those that begin with "cnn".
std::string body_for(const std::string& model);

/// One connection and what it sends next; a paid one signs its vouchers before it is measured.
struct Caller {
    boost::asio::ip::tcp::socket socket;
    boost::beast::flat_buffer buffer;
    std::vector<std::string> requests;  ///< one for each call, or one for all
    std::size_t sent = 0;

    explicit Caller(boost::asio::io_context& io) : socket{io} {}
    const std::string& next() { return requests.size() == 1 ? requests[0] : requests.at(sent); }
};

/// An HTTP request with a JSON body, and the header PAYMENT-SIGNATURE unless `payment` is empty.
std::string request_text(const std::string& path, const std::string& body,
                         const std::string& payment);

struct Load {
    std::vector<double> latencies_us;
    double wall_s = 0;
    double server_cpu_us = 0;  ///< per call

    double rate() const { return static_cast<double>(latencies_us.size()) / wall_s; }
};

/// Closed loop: every connection sends, then every answer is read; again until the time is over
/// or a caller has no voucher left. An answer that is not 200 ends the program.
Load drive(std::vector<std::unique_ptr<Caller>>& callers, std::chrono::milliseconds span);

/// `count` connections; the one of index i sends what `requests(i)` lists.
std::vector<std::unique_ptr<Caller>> connect(
    boost::asio::io_context& io, std::uint16_t port, std::size_t count,
    const std::function<std::vector<std::string>(std::size_t)>& requests);

}  // namespace bench
