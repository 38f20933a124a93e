#include "evaluation/run/take.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

using ledger::invalid;
using ledger::Result;
namespace {

/// Whole numbers of classes; empty for padding, which is below 0.
Result<std::optional<std::uint32_t>> label_of(double number, std::size_t classes)
{
    if (number < 0) return std::optional<std::uint32_t>{};
    if (number >= real(classes) || number != std::floor(number))
        return invalid("a box is of class " + std::to_string(number));
    return std::optional{static_cast<std::uint32_t>(number)};
}

class BoxTaker final : public Taker {
public:
    explicit BoxTaker(const TakeContext& context)
        : context_{context},
          answers_{context.answers},
          columns_{static_cast<std::size_t>(context.target.shape[1])}
    {
    }

    Result<void> take(const Batch& batch, std::span<const OutputRows> outputs) override
    {
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const auto boxes = boxes_of(batch.target(i));
            const auto found = found_of(outputs, i);
            if (!boxes) return of_sample(batch.first() + i, boxes.error());
            if (!found) return of_sample(batch.first() + i, found.error());
            answers_.matches.add_image(*boxes, *found);
        }
        if (answers_.matches.found() > context_.limits.found_boxes)
            return ledger::Error{ledger::ErrorKind::full, "the model finds too many boxes"};
        return {};
    }

    void finish() override { answers_.matches.sort(); }

private:
    Result<std::vector<TrueBox>> boxes_of(std::span<const float> target) const
    {
        std::vector<TrueBox> boxes;
        for (std::size_t at = 0; at + columns_ <= target.size(); at += columns_) {
            std::vector<double> row;
            for (std::size_t k = 0; k < columns_; ++k)
                row.push_back(static_cast<double>(target[at + k]));
            if (!std::all_of(row.begin(), row.end(), [](double x) { return std::isfinite(x); }))
                return invalid("a box of the data is not finite");
            const auto label = label_of(row[4], context_.limits.classes);
            if (!label) return label.error();
            if (!*label) continue;
            if (row[2] < row[0] || row[3] < row[1])
                return invalid("a box of the data ends before it begins");
            boxes.push_back(
                {{row[0], row[1], row[2], row[3]}, **label, columns_ == 6 && row[5] != 0});
        }
        return boxes;
    }

    Result<std::vector<FoundBox>> found_of(std::span<const OutputRows> outputs,
                                           std::size_t row) const
    {
        std::vector<double> corners, scores, labels;
        for (auto [rows, to] :
             {std::pair{&outputs[0], &corners}, {&outputs[1], &scores}, {&outputs[2], &labels}})
            if (const auto read = rows->read(row, *to); !read) return read.error();
        if (corners.size() != 4 * scores.size() || labels.size() != scores.size())
            return invalid("the numbers of boxes, scores and labels differ");
        std::vector<FoundBox> found;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const auto label = label_of(labels[i], context_.limits.classes);
            if (!label) return label.error();
            if (!*label) continue;
            const auto* c = &corners[4 * i];
            // One that ends before it begins has no area and matches nothing.
            found.push_back(
                {{c[0], c[1], std::max(c[0], c[2]), std::max(c[1], c[3])}, **label, scores[i]});
        }
        return found;
    }

    TakeContext context_;
    Answers& answers_;
    std::size_t columns_;
};

}  // namespace

std::unique_ptr<Taker> make_box_taker(const TakeContext& context)
{
    return std::make_unique<BoxTaker>(context);
}

}  // namespace evaluation
