// Draws digits, learns to read them and writes the net as ONNX: a real model for the demo and for
// tests, made from nothing but a seed.
#include "demo/glyphs.hpp"
#include "demo/perceptron.hpp"
#include "demo/write_idx.hpp"
#include "demo/write_onnx.hpp"
#include "demo/write_png.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>

namespace demo {
namespace {

struct Options {
    std::uint64_t seed = 1;
    std::string out;
    std::string metrics;
    std::string dataset;
    int draw = -1;
    std::size_t samples = 16'000;
    std::size_t held_out = 4'000;
    Training training;
};

std::vector<Sample> draw_samples(std::size_t count, Random& random)
{
    std::vector<Sample> samples(count);
    for (std::size_t i = 0; i < count; ++i) {
        samples[i].digit = static_cast<int>(i % classes);
        samples[i].image = draw_digit(samples[i].digit, random);
    }
    return samples;
}

bool write(const std::string& path, const std::string& bytes)
{
    std::ofstream file{path, std::ios::binary};
    file << bytes;
    file.close();
    if (!file) std::fprintf(stderr, "millrace-demo-digits: cannot write %s\n", path.c_str());
    return static_cast<bool>(file);
}

int draw(const Options& options)
{
    // Another stream than training's, so that the image is one the net has never seen.
    Random random{~(options.seed * classes + static_cast<std::uint64_t>(options.draw))};
    if (write_png(draw_digit(options.draw, random), options.out)) return 0;
    std::fprintf(stderr, "millrace-demo-digits: cannot write %s\n", options.out.c_str());
    return 1;
}

int write_dataset(const Options& options)
{
    Random random{options.seed};
    if (write_idx(options.dataset, "train", options.samples, random) &&
        write_idx(options.dataset, "t10k", options.held_out, random))
        return 0;
    std::fprintf(stderr, "millrace-demo-digits: cannot write into %s\n", options.dataset.c_str());
    return 1;
}

int learn(const Options& options)
{
    Random random{options.seed};
    std::fprintf(stderr, "drawing %zu digits\n", options.samples + options.held_out);
    auto samples = draw_samples(options.samples, random);
    const auto held_out = draw_samples(options.held_out, random);
    Perceptron net{random};
    train(net, samples, options.training, random, [&](int epoch, float loss) {
        std::fprintf(stderr, "epoch %d of %d: loss %.4f\n", epoch, options.training.epochs,
                     static_cast<double>(loss));
    });
    const auto share = accuracy(net, held_out);
    std::fprintf(stderr, "accuracy %.4f on %zu digits held out\n", share, held_out.size());
    char metrics[120];
    std::snprintf(metrics, sizeof metrics, "{\"accuracy\":%.6f,\"n\":%zu}\n", share,
                  held_out.size());
    std::fputs(metrics, stdout);
    if (!write(options.out, to_onnx(net))) return 1;
    return options.metrics.empty() || write(options.metrics, metrics) ? 0 : 1;
}

int run(int argc, char** argv)
{
    Options options;
    CLI::App app{
        "Draw digits, train a small net to read them and write it as ONNX.\n"
        "With --draw: only draw one digit that the net has not seen."};
    auto* out = app.add_option("--out", options.out, "the ONNX file, or with --draw the PNG file");
    app.add_option("--dataset", options.dataset,
                   "folder: only draw digits, as MNIST's four IDX files")
        ->check(CLI::ExistingDirectory)
        ->excludes(out);
    app.add_option("--seed", options.seed, "the same seed gives the same net and image");
    app.add_option("--metrics", options.metrics, "also write {accuracy, n} to this file");
    app.add_option("--draw", options.draw, "draw this digit instead of training")
        ->check(CLI::Range(0, 9));
    app.add_option("--samples", options.samples, "digits to learn from")
        ->check(CLI::Range(100, 1'000'000));
    app.add_option("--held-out", options.held_out, "digits to measure with")
        ->check(CLI::Range(100, 1'000'000));
    app.add_option("--epochs", options.training.epochs, "passes over the digits")
        ->check(CLI::Range(1, 1000));
    CLI11_PARSE(app, argc, argv);
    if (!options.dataset.empty()) return write_dataset(options);
    if (options.out.empty()) {
        std::fputs("millrace-demo-digits: --out or --dataset is required\n", stderr);
        return 1;
    }
    return options.draw >= 0 ? draw(options) : learn(options);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv)
{
    return demo::run(argc, argv);
}
