#include "evaluation/run/take.hpp"

#include <numeric>

namespace evaluation {

using ledger::Result;
namespace {

class NumberTaker final : public Taker {
public:
    explicit NumberTaker(const TakeContext& context) : context_{context}, answers_{context.answers}
    {
        answers_.numbers.reserve(answers_.samples);
    }

    Result<void> take(const Batch& batch, std::span<const OutputRows> outputs) override
    {
        const auto& output = outputs.front();
        if (batch.first() == 0) begin(batch);
        std::vector<double> row;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            auto read = output.read(i, row);
            if (read && row.size() != answers_.width)
                read = ledger::invalid("the model answers " + std::to_string(row.size()) +
                                       " numbers where the data have " +
                                       std::to_string(answers_.width));
            if (!read) return of_sample(batch.first() + i, read.error());
            const auto target = batch.target(i);
            answers_.numbers.push_back(answer_of(row, target));
            if (!answers_.kept.empty())
                answers_.targets.insert(answers_.targets.end(), target.begin(), target.end());
        }
        return {};
    }

private:
    void begin(const Batch& batch)
    {
        answers_.width = batch.target_width();
        if (answers_.width == 0 ||
            answers_.samples > context_.limits.kept_numbers / answers_.width) {
            answers_.notes.push_back(
                "R squared is not measured: the targets are too many to keep.");
            return;
        }
        answers_.kept.resize(answers_.samples);
        std::iota(answers_.kept.begin(), answers_.kept.end(), std::size_t{0});
        answers_.targets.reserve(answers_.samples * answers_.width);
    }

    TakeContext context_;
    Answers& answers_;
};

}  // namespace

std::unique_ptr<Taker> make_number_taker(const TakeContext& context)
{
    return std::make_unique<NumberTaker>(context);
}

}  // namespace evaluation
