#include "bench/load/batching.hpp"

#include "bench/load/callers.hpp"
#include "bench/load/served_network.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using inference::DataType;
using inference::Tensor;

constexpr std::size_t connections = 32;
constexpr int turns = 5;

/// Rows a second with a model for each processor, all at work.
double engine_rate(inference::Engine& engine, ledger::ByteView file, std::int64_t rows,
                   std::chrono::milliseconds span)
{
    std::mutex mutex;
    double all = 0;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back([&] {
            const auto model = engine.load(file);
            if (!model) return;
            const std::vector input{Tensor{"image",
                                           DataType::FP32,
                                           {rows, 1, 28, 28},
                                           ledger::Bytes(static_cast<std::size_t>(rows) * 3136)}};
            std::int64_t done = 0;
            const auto began = Clock::now();
            while (Clock::now() - began < span)
                if ((*model)->run(input)) done += rows;
            const auto took = std::chrono::duration<double>(Clock::now() - began).count();
            const std::lock_guard lock{mutex};
            all += static_cast<double>(done) / took;
        });
    threads.clear();
    return all;
}

std::string binary_request(const std::string& path)
{
    const std::string json =
        R"({"inputs":[{"name":"image","shape":[1,1,28,28],"datatype":"FP32",)"
        R"("parameters":{"binary_data_size":3136}}],"parameters":{"binary_data_output":true}})";
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" +
           "Inference-Header-Content-Length: " + std::to_string(json.size()) +
           "\r\nContent-Length: " + std::to_string(json.size() + 3136) + "\r\n\r\n" + json +
           std::string(3136, '\0');
}

struct Runs {
    std::uint64_t runs, rows;
};

Runs runs_of(std::uint16_t port, const std::string& model)
{
    const auto stats =
        nlohmann::json::parse(ask(port, "GET", "/v2/models/" + model + "/stats", "").body);
    const auto& one = stats["model_stats"][0];
    return {one["execution_count"], one["inference_count"]};
}

struct Median {
    std::vector<double> rates, cpu_us, p50_us, p99_us;
    void add(const Load& load)
    {
        rates.push_back(load.rate());
        cpu_us.push_back(load.server_cpu_us);
        p50_us.push_back(quantile(load.latencies_us, 0.5));
        p99_us.push_back(quantile(load.latencies_us, 0.99));
    }
};

}  // namespace

void measure_batching(Report& report, std::uint16_t port, inference::Engine& engine,
                      ledger::ByteView cnn, std::chrono::milliseconds span)
{
    std::vector<double> of_one, of_32;
    for (int turn = 0; turn < turns; ++turn) {
        of_one.push_back(engine_rate(engine, cnn, 1, span / turns));
        of_32.push_back(engine_rate(engine, cnn, 32, span / turns));
    }
    report.add("engine/model=cnn/rows=1/rate", quantile(of_one, 0.5), "1/s", 0);
    report.add("engine/model=cnn/rows=32/rate", quantile(of_32, 0.5), "1/s", quantile(of_one, 0.5));

    boost::asio::io_context io;
    for (const std::string form : {"json", "binary"}) {
        std::map<std::string, Median> measured;
        std::map<std::string, std::vector<std::unique_ptr<Caller>>> callers;
        for (const std::string model : {"free-cnn", "free-cnn-joined"})
            callers[model] = connect(io, port, connections, [&](std::size_t) {
                const auto path = "/v2/models/" + model + "/infer";
                return std::vector{form == "json" ? request_text(path, body_for("cnn"), "")
                                                  : binary_request(path)};
            });
        const auto before = runs_of(port, "free-cnn-joined");
        for (int turn = 0; turn < turns; ++turn)
            for (auto& [model, of_model] : callers)
                measured[model].add(drive(of_model, span / turns));
        const auto after = runs_of(port, "free-cnn-joined");
        const auto& alone = measured["free-cnn"];
        const auto& joined = measured["free-cnn-joined"];
        const auto tail = "/model=cnn/connections=32/form=" + form;
        const auto beside = [&](const char* what, const char* unit,
                                std::vector<double> Median::*of) {
            const auto limit = quantile(alone.*of, 0.5);
            report.add("infer/alone" + tail + what, limit, unit, 0);
            report.add("infer/joined" + tail + what, quantile(joined.*of, 0.5), unit, limit);
        };
        beside("/rate", "1/s", &Median::rates);
        beside("/cpu", "us", &Median::cpu_us);
        beside("/p50", "us", &Median::p50_us);
        beside("/p99", "us", &Median::p99_us);
        report.add("infer/joined" + tail + "/rows of a run",
                   static_cast<double>(after.rows - before.rows) /
                       static_cast<double>(std::max<std::uint64_t>(1, after.runs - before.runs)),
                   "rows", 0);
    }
}

}  // namespace bench
