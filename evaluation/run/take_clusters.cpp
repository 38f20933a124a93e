#include "evaluation/metrics/silhouette.hpp"
#include "evaluation/run/take.hpp"
#include "evaluation/statistics/bootstrap.hpp"

#include <algorithm>

namespace evaluation {

using ledger::Result;
namespace {

class ClusterTaker final : public Taker {
public:
    explicit ClusterTaker(const TakeContext& context) : context_{context}, answers_{context.answers}
    {
    }

    Result<void> take(const Batch& batch, std::span<const OutputRows> outputs) override
    {
        std::vector<double> row, point;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const auto index = batch.first() + i;
            auto read = outputs.front().read(i, row);
            if (read && outputs.size() > 1) read = outputs[1].read(i, point);
            if (!read) return of_sample(index, read.error());
            if (outputs.size() == 1) batch.point(i, point);
            if (index == 0) begin(point.size());
            if (row.empty() || point.size() != width_)
                return of_sample(index, ledger::invalid("another number of numbers"));
            if (next_kept_ == answers_.kept.size() || answers_.kept[next_kept_] != index) continue;
            ++next_kept_;
            const auto cluster = numbers_.emplace(cluster_of(row), numbers_.size()).first->second;
            if (numbers_.size() > context_.limits.classes)
                return ledger::Error{
                    ledger::ErrorKind::full,
                    "more than " + std::to_string(context_.limits.classes) + " clusters"};
            clusters_.push_back(static_cast<std::uint32_t>(cluster));
            for (const auto number : point) points_.push_back(static_cast<float>(number));
        }
        return {};
    }

    void finish() override
    {
        answers_.notes.push_back(std::to_string(numbers_.size()) + " clusters have samples.");
        answers_.silhouettes = silhouettes(points_, width_, clusters_);
    }

private:
    void begin(std::size_t width)
    {
        width_ = width;
        const auto most = std::min(silhouette_points(width, context_.limits.silhouette_steps),
                                   context_.limits.kept_numbers / std::max<std::size_t>(width, 1));
        answers_.kept = choose(answers_.samples, most, context_.seed);
        if (answers_.kept.size() < answers_.samples)
            answers_.notes.push_back("The silhouette is of " +
                                     std::to_string(answers_.kept.size()) +
                                     " samples, chosen by the seed.");
    }

    double cluster_of(const std::vector<double>& row) const
    {
        if (answers_.plan.are_numbers_of_classes) return row.front();
        const auto best = answers_.plan.are_distances ? std::min_element(row.begin(), row.end())
                                                      : std::max_element(row.begin(), row.end());
        return static_cast<double>(best - row.begin());
    }

    TakeContext context_;
    Answers& answers_;
    std::map<double, std::size_t> numbers_;
    std::vector<std::uint32_t> clusters_;
    std::vector<float> points_;
    std::size_t width_ = 0;
    std::size_t next_kept_ = 0;
};

}  // namespace

std::unique_ptr<Taker> make_cluster_taker(const TakeContext& context)
{
    return std::make_unique<ClusterTaker>(context);
}

}  // namespace evaluation
