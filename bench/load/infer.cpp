// What a free and a paid call cost beside raw ONNX Runtime and a bare Beast echo, all in one run.
// CPU figures are the whole process's less the calling thread's: everything the node spends on a
// call, its journal and its model included.
#include "bench/load/batching.hpp"
#include "bench/load/callers.hpp"
#include "bench/load/paid_requests.hpp"
#include "bench/load/served_network.hpp"
#include "bench/report.hpp"

#include "inference/engine.hpp"
#include "inference/telemetry.hpp"
#include "tests/support/tiny_models.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>

namespace {

using namespace ledger;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using bench::body_for;
using bench::chain_requests;
using bench::connect;
using bench::cpu_seconds;
using bench::drive;
using bench::Load;
using bench::paid_requests;
using bench::request_text;

/// Beast's least: reads a request, answers with a short body.
asio::awaitable<void> echo(tcp::socket socket)
{
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    socket.set_option(tcp::no_delay{true});
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        const auto [failed, read] = co_await http::async_read(socket, buffer, request, as_result);
        if (failed) co_return;
        http::response<http::string_body> response{http::status::ok, request.version()};
        response.body() = R"({"outputs":[]})";
        response.prepare_payload();
        const auto [broken, written] = co_await http::async_write(socket, response, as_result);
        if (broken) co_return;
    }
}

asio::awaitable<void> accept_echo(tcp::acceptor& acceptor)
{
    for (;;) {
        auto [failed, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
        if (failed) co_return;
        asio::co_spawn(acceptor.get_executor(), echo(std::move(socket)), asio::detached);
    }
}

/// CPU microseconds of one call of `work`, the median of several windows, with every processor at
/// the same work: where two share a core, as during the calls, each does less in its time.
double cost_us(const std::function<void()>& work)
{
    std::mutex mutex;
    std::vector<double> windows;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back([&] {
            for (int window = 0; window < 9; ++window) {
                constexpr int calls = 400;
                const auto before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
                for (int call = 0; call < calls; ++call) work();
                const auto took = (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - before) * 1e6 / calls;
                const std::lock_guard lock{mutex};
                windows.push_back(took);
            }
        });
    threads.clear();
    return bench::quantile(windows, 0.5);
}

/// fdatasync of 4 KiB appended to a file beside the node's, in microseconds.
std::vector<double> syncs_us(const std::filesystem::path& folder, int count)
{
    const auto path = folder / "sync-probe";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    const std::vector<char> block(4096, 'x');
    std::vector<double> took;
    for (int i = 0; i < count; ++i) {
        const auto began = Clock::now();
        if (::write(file, block.data(), block.size()) != 4096 || ::fdatasync(file) != 0) break;
        took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
    }
    ::close(file);
    return took;
}

long resident_kib()
{
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

struct Terms {
    double recover_us;
    double sign_us;
    std::vector<double> sync_us;
};

void measure_model(bench::Report& report, bench::ServedNetwork& served, const std::string& model,
                   std::chrono::milliseconds span, const std::vector<std::size_t>& sizes,
                   const Terms& terms, std::uint16_t echo_port)
{
    asio::io_context io;
    for (const auto connections : sizes) {
        const auto tail = "/model=" + model + "/connections=" + std::to_string(connections);
        const auto driven = [&](std::uint16_t port, const auto& requests) {
            auto callers = connect(io, port, connections, requests);
            return drive(callers, span);
        };
        const auto on_echo = driven(echo_port, [&](std::size_t) {
            return std::vector{request_text("/echo", body_for(model), "")};
        });
        const auto on_free = driven(served.port(), [&](std::size_t) {
            return std::vector{
                request_text("/v2/models/free-" + model + "/infer", body_for(model), "")};
        });
        const auto vouchers = static_cast<std::size_t>(
            std::max<long>(200, 8'000 * span.count() / 1000 / static_cast<long>(connections)));
        const auto on_paid = driven(served.port(), [&](std::size_t lane) {
            return paid_requests(served, model, lane, vouchers, false);
        });
        const auto on_receipted = driven(served.port(), [&](std::size_t lane) {
            return paid_requests(served, model, lane, vouchers, true);
        });
        const auto on_chained = driven(served.port(), [&](std::size_t lane) {
            return chain_requests(served, model, lane, 3 * vouchers);
        });

        const auto rate = [](const Load& load) {
            return static_cast<double>(load.latencies_us.size()) / load.wall_s;
        };
        report.add("http/echo" + tail + "/rate", rate(on_echo), "1/s", 0);
        report.add("infer/free" + tail + "/rate", rate(on_free), "1/s", rate(on_echo));
        report.add("infer/paid" + tail + "/rate", rate(on_paid), "1/s", rate(on_free));
        // The goal is a ratio of at least 0.9.
        report.add("infer/paid by chain" + tail + "/rate", rate(on_chained), "1/s", rate(on_free));
        report.add("http/echo" + tail + "/cpu", on_echo.server_cpu_us, "us", 0);
        report.add("infer/free" + tail + "/cpu", on_free.server_cpu_us, "us",
                   on_echo.server_cpu_us);
        // Paid calls reach 0.8 of what one free call, one recovery and one signature allow when
        // this ratio is at most 1.25.
        report.add("infer/paid" + tail + "/cpu", on_paid.server_cpu_us, "us",
                   on_free.server_cpu_us + terms.recover_us + terms.sign_us);
        report.add("infer/paid by chain" + tail + "/cpu", on_chained.server_cpu_us, "us",
                   on_free.server_cpu_us);
        // Here one signature more is due.
        report.add("infer/paid with x402 receipt" + tail + "/cpu", on_receipted.server_cpu_us, "us",
                   on_free.server_cpu_us + terms.recover_us + 2 * terms.sign_us);
        for (const double part : {0.5, 0.99}) {
            const auto name = part < 0.9 ? "/p50" : "/p99";
            report.add("infer/free" + tail + name, bench::quantile(on_free.latencies_us, part),
                       "us", 0);
            report.add("infer/paid" + tail + name, bench::quantile(on_paid.latencies_us, part),
                       "us",
                       bench::quantile(on_free.latencies_us, part) +
                           1.3 * bench::quantile(terms.sync_us, part) + 2'000);
            report.add("infer/paid by chain" + tail + name,
                       bench::quantile(on_chained.latencies_us, part), "us",
                       bench::quantile(on_free.latencies_us, part) +
                           1.3 * bench::quantile(terms.sync_us, part) + 2'000);
        }
    }
}

void profile_paid(bench::ServedNetwork& served, const std::string& model,
                  std::chrono::milliseconds span, unsigned turns)
{
    constexpr std::size_t connections = 8;
    asio::io_context io;
    for (unsigned turn = 0; turn < turns; ++turn) {
        auto callers = connect(io, served.port(), connections, [&](std::size_t lane) {
            return paid_requests(served, model, lane, static_cast<std::size_t>(span.count()),
                                 false);
        });
        const auto done = drive(callers, span);
        std::cout << done.latencies_us.size() << " calls, " << done.server_cpu_us << " us each\n";
    }
}

}  // namespace

int main(int count, char** arguments)
{
    inference::disable_telemetry();
    spdlog::set_level(spdlog::level::off);  // an access log line is no part of a call
    CLI::App app{"Free and paid inference beside raw ONNX Runtime and a bare Beast echo"};
    unsigned seconds = 3;
    std::string file;
    std::vector<std::size_t> connections{1, 8, 32};
    std::vector<std::string> models{"mlp", "cnn"};
    app.add_option("--seconds", seconds, "Length of each measurement")->capture_default_str();
    app.add_option("--json", file, "Write the cases to this file");
    app.add_option("--connections", connections, "How many at once, each in turn")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--models", models, "Which of the two")->delimiter(',')->capture_default_str();
    unsigned paid_only = 0;
    app.add_option(
        "--profile-paid", paid_only,
        "Make paid calls of the first model on 8 connections, so many turns, and no more: "
        "for a profiler");
    CLI11_PARSE(app, count, arguments);
    const auto span = std::chrono::milliseconds{1000 * seconds};

    const auto mlp = inference::tiny::to_bytes(inference::tiny::mlp());
    const auto cnn = inference::tiny::to_bytes(inference::tiny::cnn());
    bench::ServedNetwork served{{{"mlp", mlp}, {"cnn", cnn}, {"cnn-joined", cnn, 32}}};
    bench::Report report;
    if (paid_only != 0) {
        profile_paid(served, models.front(), span, paid_only);
        return 0;
    }

    const auto key = bench::ServedNetwork::payer(0);
    const auto digest = sha256(as_bytes("digest"));
    const auto signature = sign(key, digest);
    Terms terms{cost_us([&] { (void)recover(digest, signature); }),
                cost_us([&] { (void)sign(key, digest); }), syncs_us(served.folder(), 300)};
    report.add("crypto/recover/cpu", terms.recover_us, "us", 0);
    report.add("crypto/sign/cpu", terms.sign_us, "us", 0);
    report.add("disk/fdatasync/p50", bench::quantile(terms.sync_us, 0.5), "us", 0);
    report.add("disk/fdatasync/p99", bench::quantile(terms.sync_us, 0.99), "us", 0);

    const auto engine = inference::open_onnx_engine();
    if (!engine) {
        std::cerr << "bench: " << engine.error().detail << "\n";
        return 1;
    }
    for (const auto& [name, bytes, shape] :
         {std::tuple{"mlp", mlp, std::vector<std::int64_t>{1, 784}},
          std::tuple{"cnn", cnn, std::vector<std::int64_t>{1, 1, 28, 28}}}) {
        const auto model = *(*engine)->load(bytes);
        const std::vector input{
            inference::Tensor{"image", inference::DataType::FP32, shape, Bytes(784 * 4)}};
        report.add(std::string{"engine/run/model="} + name + "/cpu",
                   cost_us([&] { (void)model->run(input); }), "us", 0);
    }

    asio::io_context io{1};
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    asio::co_spawn(io, accept_echo(acceptor), asio::detached);
    std::thread echo_thread{[&] { io.run(); }};
    const auto before = resident_kib();
    for (const auto& model : models)
        measure_model(report, served, model, span, connections, terms,
                      acceptor.local_endpoint().port());
    bench::measure_batching(report, served.port(), **engine, cnn, span);
    const auto middle = resident_kib();
    {
        asio::io_context calls;
        auto callers = connect(calls, served.port(), 8, [&](std::size_t) {
            return std::vector{request_text("/v2/models/free-mlp/infer", body_for("mlp"), "")};
        });
        Load all;
        while (all.latencies_us.size() < 100'000) {
            const auto more = drive(callers, span);
            all.latencies_us.insert(all.latencies_us.end(), more.latencies_us.begin(),
                                    more.latencies_us.end());
        }
    }
    report.add("memory/before", static_cast<double>(before), "KiB", 0);
    report.add("memory/after 100,000 calls more", static_cast<double>(resident_kib()), "KiB",
               static_cast<double>(middle));
    io.stop();
    echo_thread.join();
    return report.write(file) ? 0 : 1;
}
