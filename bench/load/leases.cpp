// What faking the work of a GPU lease pays, by the ledger's rules at a network's default
// parameters, and the figure of docs/leases.md. Prints the same from the same seed.
#include "tests/support/lease_economy.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <fstream>

namespace {

constexpr double width = 720;
constexpr double height = 360;
constexpr double left = 64;
constexpr double right = 180;
constexpr double top = 20;
constexpr double bottom = 48;
constexpr double highest = 0.2;  ///< of the axis, in parts of V
constexpr double lowest = -1.4;

struct Line {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< per cent faked, gain in parts of V
};

double across(double percent)
{
    return left + percent / 100 * (width - left - right);
}

double down(double gain)
{
    return top + (highest - gain) / (highest - lowest) * (height - top - bottom);
}

std::string drawn(const std::vector<Line>& lines)
{
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" "
        "fill=\"white\"/>\n",
        width, height);
    for (double gain = highest; gain > lowest - 0.01; gain -= 0.2)
        svg += fmt::format(
            "<line x1=\"{:.0f}\" y1=\"{:.1f}\" x2=\"{:.0f}\" y2=\"{:.1f}\" "
            "stroke=\"#ddd\"/>\n<text x=\"{:.0f}\" y=\"{:.1f}\" "
            "text-anchor=\"end\">{:+.1f}</text>\n",
            left, down(gain), width - right, down(gain), left - 6, down(gain) + 4, gain);
    for (int percent = 0; percent <= 100; percent += 20)
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{} %</text>\n",
                           across(percent), height - bottom + 18, percent);
    svg += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">part of the segments "
        "that is faked</text>\n<text x=\"16\" y=\"{:.0f}\" text-anchor=\"middle\" "
        "transform=\"rotate(-90 16 {:.0f})\">gain of the provider, in parts of the "
        "pay</text>\n",
        across(50), height - 10, height / 2 - 10, height / 2 - 10);
    const std::vector<std::string> colours{"#1b6ca8", "#b3541e", "#4b8b3b", "#7a4b9a"};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& colour = colours[i % colours.size()];
        std::string points;
        for (const auto& [percent, gain] : lines[i].points)
            points += fmt::format("{:.1f},{:.1f} ", across(percent), down(gain));
        svg += fmt::format(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" "
            "stroke-width=\"2\"/>\n<text x=\"{:.0f}\" y=\"{:.0f}\" fill=\"{}\">{}"
            "</text>\n",
            points, colour, width - right + 10, top + 20 + 20.0 * static_cast<double>(i), colour,
            lines[i].name);
    }
    return svg + "</svg>\n";
}

}  // namespace

int main(int count, char** arguments)
{
    CLI::App app{"What faking the work of a GPU lease pays"};
    std::size_t runs = 200;
    std::uint64_t seed = 22;
    std::string svg;
    app.add_option("--runs", runs, "leases for each point")->check(CLI::PositiveNumber);
    app.add_option("--seed", seed, "of everything that is drawn");
    app.add_option("--svg", svg, "write the figure to this file");
    CLI11_PARSE(app, count, arguments);

    market::LeaseEconomy economy{seed};
    std::vector<Line> lines;
    for (const auto& mix :
         {market::VerifierMix{"honest verifiers", 0, 0},
          market::VerifierMix{"30 % of them lazy", 30, 0}, market::VerifierMix{"10 % lying", 0, 10},
          market::VerifierMix{"20 % lazy, 10 % lying", 20, 10}}) {
        Line line{mix.name, {}};
        for (const unsigned percent : {0u, 1u, 2u, 5u, 10u, 15u, 20u, 30u, 40u, 60u, 80u, 100u}) {
            const auto gain = economy.provider_gain(percent, mix, runs);
            line.points.emplace_back(percent, gain);
            fmt::print("{:24} {:3} % faked: {:+.3f} of the pay\n", mix.name, percent, gain);
        }
        lines.push_back(std::move(line));
    }
    fmt::print("verifiers, of a report's fee: working {:+.2f}, lazy {:+.2f}\n",
               economy.verifier_gain(false, runs), economy.verifier_gain(true, runs));
    if (!svg.empty() && !(std::ofstream{svg} << drawn(lines)).flush()) {
        fmt::print(stderr, "cannot write {}\n", svg);
        return 1;
    }
    return 0;
}
