#include "bench/load/endless_samples.hpp"
#include "bench/load/hand_written.hpp"
#include "bench/load/transformer_model.hpp"
#include "bench/load/worker_rounds.hpp"
#include "bench/report.hpp"
#include "tests/support/tiny_models.hpp"
#include "training/graph/read_plan.hpp"
#include "training/session/session.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

/// Steps of the trainer beside the same model written by hand, in turns in one run; what reading
/// samples costs; several workers beside one; and segments executed again beside the training.
namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int rounds = 15;
    int steps = 20;
    int threads = 1;
    std::uint64_t batch = 64;
    int workers = 2;
    std::string json;
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
    const EndlessSamples samples{by_hand->input_shape()};
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

/// Workers against one, in turns, in processes of their own: this one must have no threads yet.
void compare_workers(const std::string& name, const onnx::ModelProto& model,
                     std::vector<std::int64_t> shape, const Options& options, Report& report)
{
    const auto bytes = inference::tiny::to_bytes(model);
    const auto several = static_cast<std::uint32_t>(options.workers);
    std::vector<double> one;
    std::vector<double> ratios;
    std::vector<double> shared;
    for (int round = 0; round < options.rounds; ++round) {
        const auto rate = [&](std::uint32_t workers) {
            return steps_per_second(
                {bytes, shape, options.batch, options.steps, options.threads, workers});
        };
        const auto first = rate(round % 2 == 0 ? 1 : several);
        const auto second = rate(round % 2 == 0 ? several : 1);
        one.push_back(round % 2 == 0 ? first : second);
        shared.push_back(round % 2 == 0 ? second : first);
        ratios.push_back(shared.back() / one.back());
    }
    report.add("train/workers=" + std::to_string(several) + "/" + name, quantile(shared, 0.5),
               "steps/s", quantile(one, 0.5));
    fmt::print("{:44} median of ratios {:.3f}, {:.3f} to {:.3f}, {} cores\n", "",
               quantile(ratios, 0.5), quantile(ratios, 0), quantile(ratios, 1),
               std::thread::hardware_concurrency());
}

/// What executing a sample of the segments again costs beside that share of the training: made and
/// restored anew for each, as a verifier does, who trusts no state of its own.
void verify(const std::string& name, const onnx::ModelProto& model, std::vector<std::int64_t> shape,
            const Options& options, Report& report)
{
    constexpr std::size_t segments = 32, sampled = 8;
    const EndlessSamples samples{std::move(shape)};
    const auto bytes = inference::tiny::to_bytes(model);
    training::Recipe recipe;
    recipe.batch = options.batch;
    recipe.steps = segments * static_cast<std::uint64_t>(options.steps);
    const auto make = [&] {
        auto session = training::Session::make(std::move(*training::read_plan(bytes)), recipe,
                                               {&samples, nullptr});
        if (!session) std::abort();
        return std::move(*session);
    };
    const auto execute = [&](training::Session& session) {
        for (int i = 0; i < options.steps; ++i)
            if (!session.take_step()) std::abort();
        return training::commitment_to(session.checkpoint());
    };
    std::vector<double> spent;
    std::vector<double> limits;
    for (int round = 0; round < std::min(options.rounds, 5); ++round) {
        std::vector<training::Checkpoint> states;
        std::vector<ledger::Hash> committed;
        const auto trained = seconds_of([&] {
            auto session = make();
            for (std::size_t i = 0; i < segments; ++i) {
                states.push_back(session.checkpoint());
                committed.push_back(execute(session));
            }
        });
        spent.push_back(1e3 * seconds_of([&] {
                            for (std::size_t i = 0; i < segments; i += segments / sampled) {
                                auto session = make();
                                if (!session.restore(states[i]) || execute(session) != committed[i])
                                    std::abort();
                            }
                        }));
        limits.push_back(1e3 * trained * sampled / segments);
    }
    report.add("train/verify/" + name, quantile(spent, 0.5), "ms", quantile(limits, 0.5));
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
    app.add_option("--workers", options.workers, "Processes that are compared with one; 1: none")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--json", options.json, "Also write the cases to this file");
    CLI11_PARSE(app, argc, argv);
    Report report;
    if (options.workers > 1) {
        compare_workers("mlp", inference::tiny::mlp(), {784}, options, report);
        compare_workers("cnn", inference::tiny::cnn(), {1, 28, 28}, options, report);
        compare_workers("transformer", transformer_model(),
                        hand_written_transformer()->input_shape(), options, report);
    }
    at::set_num_threads(options.threads);
    compare("mlp", hand_written_mlp(), inference::tiny::mlp(), options, report);
    compare("cnn", hand_written_cnn(), inference::tiny::cnn(), options, report);
    compare("transformer", hand_written_transformer(), transformer_model(), options, report);
    verify("mlp", inference::tiny::mlp(), {784}, options, report);
    verify("cnn", inference::tiny::cnn(), {1, 28, 28}, options, report);
    verify("transformer", transformer_model(), hand_written_transformer()->input_shape(), options,
           report);
    return report.write(options.json) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    return bench::run(argc, argv);
}
