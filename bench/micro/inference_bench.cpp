// What the engine adds to bare ONNX Runtime, and what reading a request costs, beside each other.
#include "inference/model_pool.hpp"
#include "inference/onnx_engine_api.hpp"
#include "inference/protocol/infer_request.hpp"
#include "inference/protocol/infer_response.hpp"
#include "inference/telemetry.hpp"
#include "tests/support/tiny_models.hpp"

#include <benchmark/benchmark.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <semaphore>

namespace inference {
namespace {

enum Net : std::int64_t { mlp, cnn };

ledger::Bytes file_of(std::int64_t net)
{
    return tiny::to_bytes(net == mlp ? tiny::mlp() : tiny::cnn());
}

std::vector<std::int64_t> shape_of(std::int64_t net, std::int64_t batch)
{
    if (net == mlp) return {batch, 784};
    return {batch, 1, 28, 28};
}

Tensor image_of(std::int64_t net, std::int64_t batch)
{
    std::vector<float> pixels(static_cast<std::size_t>(batch) * 784);
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<float>(i * 37 % 256) / 255;
    Tensor image{"image", DataType::FP32, shape_of(net, batch), Bytes(pixels.size() * 4)};
    std::memcpy(image.data.data(), pixels.data(), image.data.size());
    return image;
}

Engine& engine()
{
    static const auto opened = [] {
        auto result = open_onnx_engine();
        if (result) return *result;
        std::fprintf(stderr, "%s\n", result.error().detail.c_str());
        std::exit(1);
    }();
    return *opened;
}

void label(benchmark::State& state)
{
    state.SetLabel((state.range(0) == mlp ? "net=mlp batch=" : "net=cnn batch=") +
                   std::to_string(state.range(1)));
    state.SetItemsProcessed(state.iterations() * state.range(1));
}

// The limit: the library alone, same options, input wrapped and output read in place.
void raw(benchmark::State& state)
{
    engine();
    static Ort::Env environment{ORT_LOGGING_LEVEL_FATAL, "bench"};
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    const auto file = file_of(state.range(0));
    Ort::Session session{environment, file.data(), file.size(), options};
    auto image = image_of(state.range(0), state.range(1));
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const char* in = "image";
    const char* out = "probabilities";
    for (auto _ : state) {
        const auto value = Ort::Value::CreateTensor(memory, image.data.data(), image.data.size(),
                                                    image.shape.data(), image.shape.size(),
                                                    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
        auto results = session.Run(Ort::RunOptions{nullptr}, &in, &value, 1, &out, 1);
        benchmark::DoNotOptimize(results.front().GetTensorRawData());
    }
    label(state);
}

void run(benchmark::State& state)
{
    LoadOptions options;
    options.memory_arena = state.range(2) == 1;
    const auto model = engine().load(file_of(state.range(0)), options);
    const std::vector image{image_of(state.range(0), state.range(1))};
    RunControl control;
    control.deadline = std::chrono::steady_clock::now() + std::chrono::hours{1};
    for (auto _ : state) benchmark::DoNotOptimize((*model)->run(image, {}, control));
    label(state);
}

// 32 requests of one row in flight on one worker: with the hand-over between threads, without HTTP.
void pool(benchmark::State& state)
{
    constexpr std::ptrdiff_t in_flight = 32;
    PoolOptions options;
    options.batch.max_rows = static_cast<std::uint64_t>(state.range(1));
    const auto opened = ModelPool::open(engine(), file_of(state.range(0)), options);
    const std::vector image{image_of(state.range(0), 1)};
    std::counting_semaphore<in_flight> places{in_flight};
    for (auto _ : state) {
        places.acquire();
        const auto taken = (*opened)->submit({image, {}, {}}, [&](const PoolAnswer& answer) {
            if (!answer.outcome) std::abort();
            places.release();
        });
        if (!taken) std::abort();
    }
    for (std::ptrdiff_t i = 0; i < in_flight; ++i) places.acquire();
    const auto stats = (*opened)->stats();
    state.SetItemsProcessed(state.iterations());
    state.counters["rows_of_a_run"] =
        static_cast<double>(stats.inference_count) / static_cast<double>(stats.execution_count);
    state.SetLabel((state.range(0) == mlp ? "net=mlp max_rows=" : "net=cnn max_rows=") +
                   std::to_string(state.range(1)));
}

ModelIo image_io()
{
    return {{{"image", DataType::FP32, {-1, 784}}}, {{"probabilities", DataType::FP32, {-1, 10}}}};
}

// Pixels as clients send them: up to nine digits each.
std::string pixels_as_json()
{
    std::string text = R"({"inputs":[{"name":"image","shape":[1,784],"datatype":"FP32","data":[)";
    for (int i = 0; i < 784; ++i) {
        char digits[32];
        const auto value = static_cast<float>(i * 37 % 256) / 255;
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        if (i != 0) text += ',';
        text.append(digits, end);
    }
    return text + "]}]}";
}

void parse_json(benchmark::State& state)
{
    const auto text = pixels_as_json();
    const auto io = image_io();
    for (auto _ : state)
        benchmark::DoNotOptimize(parse_infer_request(ledger::as_bytes(text), {}, io));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// The limit of reading: no number is looked at.
void parse_binary(benchmark::State& state)
{
    const std::string text = R"({"inputs":[{"name":"image","shape":[1,784],"datatype":"FP32",)"
                             R"("parameters":{"binary_data_size":3136}}]})";
    const auto view = ledger::as_bytes(text);
    Bytes body{view.begin(), view.end()};
    body.resize(body.size() + 3136);
    const auto io = image_io();
    for (auto _ : state) benchmark::DoNotOptimize(parse_infer_request(body, text.size(), io));
}

void render_json(benchmark::State& state)
{
    InferRequest request;
    request.outputs.push_back({"probabilities", false, 0});
    Tensor output{"probabilities", DataType::FP32, {1, 10}, Bytes(40, 0x3c)};
    const std::vector outputs{output};
    for (auto _ : state)
        benchmark::DoNotOptimize(render_infer_response(request, {"digits", "1", {}}, outputs));
}

BENCHMARK(raw)
    ->Name("inference/raw_onnxruntime")
    ->Args({mlp, 1})
    ->Args({cnn, 1})
    ->Args({mlp, 32})
    ->Args({cnn, 32});
BENCHMARK(run)
    ->Name("inference/engine/budget")
    ->Args({mlp, 1, 0})
    ->Args({cnn, 1, 0})
    ->Args({mlp, 32, 0})
    ->Args({cnn, 32, 0});
BENCHMARK(run)
    ->Name("inference/engine/arena")
    ->Args({mlp, 1, 1})
    ->Args({cnn, 1, 1})
    ->Args({mlp, 32, 1})
    ->Args({cnn, 32, 1});
BENCHMARK(pool)
    ->Name("inference/pool/in_flight=32")
    ->Args({mlp, 1})
    ->Args({mlp, 32})
    ->Args({cnn, 1})
    ->Args({cnn, 32})
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK(parse_json)->Name("protocol/parse_json/floats=784");
BENCHMARK(parse_binary)->Name("protocol/parse_binary/floats=784");
BENCHMARK(render_json)->Name("protocol/render_json/floats=10");

}  // namespace
}  // namespace inference

int main(int argc, char** argv)
{
    inference::disable_telemetry();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
