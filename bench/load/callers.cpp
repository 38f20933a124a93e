#include "bench/load/callers.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

double cpu_seconds(clockid_t which)
{
    timespec used{};
    ::clock_gettime(which, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

std::string body_for(const std::string& model)
{
    auto data = json::array();
    for (int i = 0; i < 784; ++i) data.push_back(static_cast<double>(i % 17) / 16.0);
    json body{{"inputs",
               {{{"name", "image"}, {"shape", {1, 784}}, {"datatype", "FP32"}, {"data", data}}}}};
    if (model.starts_with("cnn")) body["inputs"][0]["shape"] = {1, 1, 28, 28};
    return body.dump();
}

std::string request_text(const std::string& path, const std::string& body,
                         const std::string& payment)
{
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
           (payment.empty() ? "" : "PAYMENT-SIGNATURE: " + payment + "\r\n") +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Load drive(std::vector<std::unique_ptr<Caller>>& callers, std::chrono::milliseconds span)
{
    Load load;
    const auto process = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const auto own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    const auto began = Clock::now();
    std::vector<Clock::time_point> sent(callers.size());
    while (Clock::now() - began < span) {
        const auto left = [](const auto& c) {
            return c->requests.size() == 1 || c->sent < c->requests.size();
        };
        if (!std::all_of(callers.begin(), callers.end(), left)) break;
        for (std::size_t i = 0; i < callers.size(); ++i) {
            sent[i] = Clock::now();
            asio::write(callers[i]->socket, asio::buffer(callers[i]->next()));
            ++callers[i]->sent;
        }
        for (std::size_t i = 0; i < callers.size(); ++i) {
            http::response<http::string_body> response;
            http::read(callers[i]->socket, callers[i]->buffer, response);
            if (response.result_int() != 200) {
                std::cerr << "bench: " << response.result_int() << " " << response.body() << "\n";
                std::exit(1);
            }
            load.latencies_us.push_back(
                std::chrono::duration<double, std::micro>(Clock::now() - sent[i]).count());
        }
    }
    load.wall_s = std::chrono::duration<double>(Clock::now() - began).count();
    const auto spent = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process -
                       (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - own);
    load.server_cpu_us = spent * 1e6 / static_cast<double>(load.latencies_us.size());
    return load;
}

std::vector<std::unique_ptr<Caller>> connect(
    asio::io_context& io, std::uint16_t port, std::size_t count,
    const std::function<std::vector<std::string>(std::size_t)>& requests)
{
    std::vector<std::unique_ptr<Caller>> callers;
    for (std::size_t i = 0; i < count; ++i) {
        callers.push_back(std::make_unique<Caller>(io));
        callers.back()->requests = requests(i);
    }
    // Signing takes longer than a server keeps a connection on which nothing comes.
    for (auto& caller : callers) {
        caller->socket.connect({asio::ip::address_v4::loopback(), port});
        caller->socket.set_option(tcp::no_delay{true});
    }
    return callers;
}

}  // namespace bench
