#include "evaluation/report/report.hpp"
#include "evaluation/report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace evaluation {
namespace {

constexpr double width = 720, margin = 24, square = 300;
constexpr std::size_t most_classes = 40, most_rows = 40;
constexpr const char *ink = "#1f5fa8", *faint = "#bbb", *warm = "#d9822b";
constexpr const char* colours[] = {"#1f5fa8", "#d9822b", "#3a8f3a", "#b03060",
                                   "#7a5bb0", "#8c6d46", "#2a9d9d", "#777"};

/// Draws one part below the other.
class Picture {
public:
    explicit Picture(const Report& report) : report_{report} {}

    std::string draw()
    {
        const auto& results = report_.results;
        heading(report_.model.file + " on " + report_.data, 16);
        svg_.text(margin, down(18),
                  fmt::format("{}, {} samples; bars are {:.0f} % bounds", name_of(results.task),
                              results.samples, 100 * confidence_level));
        down(10);
        bounds("Metrics", results.metrics);
        if (results.confusion && results.confusion->classes() <= most_classes) matrix();
        if (results.reliability || !results.curves.empty()) squares();
        if (!results.slices.empty()) slices();
        return svg_.document(width, y_ + margin);
    }

private:
    double down(double by) { return y_ += by; }

    void heading(std::string_view text, double size = 14)
    {
        down(size + 14);
        svg_.text(margin, y_, text, Svg::Anchor::start, size);
        down(8);
    }

    /// A row for each, on one axis: from 0 to 1 where all lie there.
    void bounds(std::string_view title, const std::vector<NamedMeasure>& rows)
    {
        if (rows.empty()) return;
        heading(title);
        double low = 0, high = 1;
        for (const auto& [name, measure] : rows)
            for (const auto value : {measure.value, measure.interval ? measure.interval->low : 0,
                                     measure.interval ? measure.interval->high : 0}) {
                if (!std::isfinite(value)) continue;
                low = std::min(low, value);
                high = std::max(high, value);
            }
        constexpr double from = 200, to = width - 130;
        const auto x = [&](double value) {
            const auto share = (std::clamp(value, low, high) - low) / (high - low);
            return from + share * (to - from);
        };
        const auto top = y_ + 4;
        for (const auto& [name, measure] : rows) {
            const auto y = down(20);
            svg_.text(from - 12, y + 4, name, Svg::Anchor::end);
            if (measure.interval)
                svg_.line(x(measure.interval->low), y, x(measure.interval->high), y, ink, 2);
            svg_.circle(x(measure.value), y, 3.5, ink);
            svg_.text(width - margin, y + 4, fmt::format("{:.4f}", measure.value),
                      Svg::Anchor::end);
        }
        down(12);
        for (const auto tick : {low, (low + high) / 2, high}) {
            svg_.line(x(tick), top, x(tick), y_, faint, 0.5);
            svg_.text(x(tick), y_ + 14, fmt::format("{:.3g}", tick), Svg::Anchor::middle, 10);
        }
        down(18);
    }

    void matrix()
    {
        heading("Label (rows) and answer (columns), share of the row");
        const auto& matrix = *report_.results.confusion;
        const auto& names = report_.results.class_names;
        const auto cell = std::min(44.0, (width - 200) / real(matrix.classes()));
        constexpr double left = 170;
        const auto top = y_ + 6;
        for (std::size_t i = 0; i < matrix.classes(); ++i) {
            const auto y = top + cell * real(i);
            svg_.text(left - 8, y + cell / 2 + 4, names[i].substr(0, 60), Svg::Anchor::end,
                      std::min(12.0, cell - 1));
            for (std::size_t j = 0; j < matrix.classes(); ++j) {
                const auto count = matrix.at(i, j);
                const auto share = real(count) / std::max(1.0, real(matrix.labelled(i)));
                // From white to the ink's own colour.
                const auto shade =
                    fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(255 - share * (255 - 0x1f)),
                                static_cast<int>(255 - share * (255 - 0x5f)),
                                static_cast<int>(255 - share * (255 - 0xa8)));
                const auto x = left + cell * real(j);
                svg_.rectangle(x, y, cell - 0.5, cell - 0.5, shade,
                               fmt::format("{} taken for {}: {}", names[i], names[j], count));
                if (cell >= 26 && count > 0)
                    svg_.text(x + cell / 2, y + cell / 2 + 4, std::to_string(count),
                              Svg::Anchor::middle, 11, share > 0.5 ? "#fff" : "#222");
            }
        }
        y_ = top + cell * real(matrix.classes()) + 8;
    }

    /// A square from 0 to 1 in both directions, with its diagonal.
    void frame(double left, double top, std::string_view title, std::string_view below)
    {
        svg_.text(left, top - 8, title, Svg::Anchor::start, 14);
        svg_.line(left, top, left, top + square, faint);
        svg_.line(left, top + square, left + square, top + square, faint);
        svg_.line(left, top + square, left + square, top, faint, 0.5);
        svg_.text(left + square / 2, top + square + 16, below, Svg::Anchor::middle, 11);
    }

    void squares()
    {
        const auto top = down(40);
        constexpr double right = margin + square + 48;
        const auto& results = report_.results;
        if (results.reliability) {
            frame(margin, top, "Share right for each confidence", "confidence");
            for (std::size_t i = 0; i < reliability_bins; ++i) {
                const auto& bin = (*results.reliability)[i];
                if (bin.n == 0) continue;
                const auto share = real(bin.right) / real(bin.n);
                constexpr double step = square / static_cast<double>(reliability_bins);
                svg_.rectangle(margin + step * real(i) + 1, top + square * (1 - share), step - 2,
                               square * share, ink,
                               fmt::format("{} of {} right", bin.right, bin.n));
                const auto mean = bin.confidence / real(bin.n);
                svg_.circle(margin + square * mean, top + square * (1 - share), 3, warm);
            }
        }
        if (!results.curves.empty()) {
            frame(right, top, "ROC, each class against the rest", "share of false alarms");
            for (std::size_t i = 0; i < results.curves.size(); ++i) {
                std::vector<std::pair<double, double>> points;
                for (const auto& point : results.curves[i].points)
                    points.emplace_back(right + square * point.false_positives,
                                        top + square * (1 - point.true_positives));
                svg_.path(points, colours[i % std::size(colours)]);
            }
        }
        down(square + 24);
    }

    void slices()
    {
        std::vector<NamedMeasure> rows;
        for (const auto& slice : report_.results.slices)
            if (!slice.metrics.empty() && rows.size() < most_rows)
                rows.push_back({slice.name.empty() ? "–" : slice.name.substr(0, 60),
                                slice.metrics.front().measure});
        if (!rows.empty()) bounds("By group: " + report_.results.metrics.front().name, rows);
    }

    const Report& report_;
    Svg svg_;
    double y_ = 0;
};

}  // namespace

std::string to_svg(const Report& report)
{
    return Picture{report}.draw();
}

}  // namespace evaluation
