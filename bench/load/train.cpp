#include "bench/load/hand_written.hpp"
#include "bench/load/transformer_model.hpp"
#include "bench/report.hpp"
#include "ledger/base/draws.hpp"
#include "tests/support/tiny_models.hpp"
#include "training/graph/read_plan.hpp"
#include "training/session/session.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstring>

/// Steps of the trainer beside the same model written by hand, in turns in one run; and what
/// reading samples costs.
namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int rounds = 15;
    int steps = 20;
    int threads = 1;
    std::uint64_t batch = 64;
    std::string json;
};

/// Samples without end: numbers that follow from their place.
class Endless final : public samples::Source {
public:
    explicit Endless(std::vector<std::int64_t> shape)
    {
        inputs_ = {{"image", inference::DataType::FP32, std::move(shape)}};
        target_.kind = samples::Target::Kind::classes;
        target_.classes.assign(10, "c");
        std::size_t count = 1;
        for (const auto size : inputs_.front().shape) count *= static_cast<std::size_t>(size);
        numbers_.resize(count + 64);
        ledger::Draws draws{1};
        for (auto& each : numbers_) each = draws.next_float();
    }
    std::size_t size() const override { return 1'000'000; }
    const std::vector<inference::TensorSpec>& inputs() const override { return inputs_; }
    const samples::Target& target() const override { return target_; }
    std::string_view slice(std::size_t) const override { return {}; }
    ledger::Result<void> read(std::size_t index, const samples::Place& to) const override
    {
        std::memcpy(to.inputs[0].data(), numbers_.data() + index % 64, to.inputs[0].size());
        *to.label = static_cast<std::int64_t>(index % 10);
        return {};
    }

private:
    std::vector<inference::TensorSpec> inputs_;
    samples::Target target_;
    std::vector<float> numbers_;
};

double seconds_of(const auto& work)
{
    const auto began = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - began).count();
}

class ByHand {
public:
    ByHand(std::unique_ptr<HandWritten> model, std::uint64_t batch) : model_{std::move(model)}
    {
        std::vector<training::NamedTensor> named;
        for (const auto& each : model_->parameters())
            named.push_back({std::to_string(named.size()), each});
        optimiser_ = std::make_unique<training::Optimiser>(training::OptimiserOptions{}, named);
        auto sizes = model_->input_shape();
        sizes.insert(sizes.begin(), static_cast<std::int64_t>(batch));
        input_ = at::rand(sizes);
        labels_ = at::randint(10, {static_cast<std::int64_t>(batch)}, at::kLong);
    }
    void step()
    {
        const auto loss = at::cross_entropy_loss(model_->logits(input_), labels_);
        sum_ += loss.item<double>();
        loss.backward();
        optimiser_->step(1e-3);
        optimiser_->clear();
    }

private:
    std::unique_ptr<HandWritten> model_;
    std::unique_ptr<training::Optimiser> optimiser_;
    at::Tensor input_;
    at::Tensor labels_;
    double sum_ = 0;
};

void compare(const std::string& name, std::unique_ptr<HandWritten> by_hand,
             const onnx::ModelProto& model, const Options& options, Report& report)
{
    const Endless samples{by_hand->input_shape()};
    ByHand hand{std::move(by_hand), options.batch};
    training::Recipe recipe;
    recipe.batch = options.batch;
    recipe.steps = 1'000'000;
    auto plan = training::read_plan(inference::tiny::to_bytes(model));
    auto session = training::Session::make(std::move(*plan), recipe, {&samples, nullptr});
    if (!session) {
        fmt::print(stderr, "{}: {}\n", name, session.error().detail);
        return;
    }
    const auto run_hand = [&] {
        for (int i = 0; i < options.steps; ++i) hand.step();
    };
    const auto run_session = [&] {
        for (int i = 0; i < options.steps; ++i)
            if (!session->take_step()) std::abort();
    };
    run_hand();
    run_session();
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> ratios;
    const auto waited = session->waited();
    double all = 0;
    for (int round = 0; round < options.rounds; ++round) {
        // Whoever goes second has the warmer caches: they take turns.
        double mine = 0;
        double limit = 0;
        if (round % 2 == 0) limit = seconds_of(run_hand);
        mine = seconds_of(run_session);
        if (round % 2 != 0) limit = seconds_of(run_hand);
        ours.push_back(mine * 1e6 / options.steps);
        theirs.push_back(limit * 1e6 / options.steps);
        ratios.push_back(mine / limit);
        all += mine;
    }
    report.add("train/step/" + name, quantile(ours, 0.5), "us", quantile(theirs, 0.5));
    fmt::print("{:44} median of ratios {:.3f}, {:.3f} to {:.3f}\n", "", quantile(ratios, 0.5),
               quantile(ratios, 0), quantile(ratios, 1));
    const auto waiting = std::chrono::duration<double>(session->waited() - waited).count();
    report.add("train/busy/" + name, 100 * (1 - waiting / all), "%", 100);
}

int run(int argc, char** argv)
{
    Options options;
    CLI::App app{"Steps of the trainer beside the same models written by hand on libtorch"};
    app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--steps", options.steps, "In a round")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    app.add_option("--threads", options.threads)->check(CLI::Range(1, 64))->capture_default_str();
    app.add_option("--batch", options.batch)->check(CLI::Range(1, 4096))->capture_default_str();
    app.add_option("--json", options.json, "Also write the cases to this file");
    CLI11_PARSE(app, argc, argv);
    at::set_num_threads(options.threads);
    Report report;
    compare("mlp", hand_written_mlp(), inference::tiny::mlp(), options, report);
    compare("cnn", hand_written_cnn(), inference::tiny::cnn(), options, report);
    compare("transformer", hand_written_transformer(), transformer_model(), options, report);
    return report.write(options.json) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    return bench::run(argc, argv);
}
