#include "evaluation/run/take.hpp"

#include "evaluation/statistics/bootstrap.hpp"

#include <algorithm>
#include <cmath>

namespace evaluation {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;
namespace {

/// "0", "1", ...: classes that are known by their numbers, of which there may be more.
bool are_numbers(const std::vector<std::string>& names)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] != std::to_string(i)) return false;
    return true;
}

class ClassTaker final : public Taker {
public:
    explicit ClassTaker(const TakeContext& context)
        : context_{context},
          answers_{context.answers},
          are_numbers_{are_numbers(context.target.classes)}
    {
        answers_.classes = context.target.classes;
        answers_.has_probabilities = !answers_.plan.are_numbers_of_classes;
        answers_.classified.reserve(answers_.samples);
    }

    Result<void> take(const Batch& batch, std::span<const OutputRows> outputs) override
    {
        const auto& output = outputs.front();
        if (batch.first() == 0)
            if (const auto begun = begin(batch, output); !begun) return begun.error();
        std::vector<double> row;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const auto index = batch.first() + i;
            auto read = output.read(i, row);
            if (read) read = take_row(index, row, static_cast<std::uint32_t>(batch.label(i)));
            if (!read) return of_sample(index, read.error());
        }
        return {};
    }

private:
    Result<void> begin(const Batch& batch, const OutputRows& output)
    {
        const auto width = output.width();
        if (answers_.plan.are_numbers_of_classes) {
            if (width != 1) return invalid("the output has not one class for each sample");
            return grow(answers_.classes.size());
        }
        is_single_ = width == 1 && answers_.classes.size() == 2;
        const auto classes = is_single_ ? 2 : width;
        const auto known = answers_.classes.size();
        if (classes < known || (classes > known && !are_numbers_))
            return invalid("the model has " + std::to_string(classes) +
                           " classes and the data have " + std::to_string(known));
        if (const auto grown = grow(classes); !grown) return grown.error();
        answers_.kept =
            choose(answers_.samples, context_.limits.kept_numbers / classes, context_.seed);
        if (answers_.kept.size() < answers_.samples)
            answers_.notes.push_back("Areas under ROC curves are of " +
                                     std::to_string(answers_.kept.size()) +
                                     " samples, chosen by the seed.");
        answers_.probabilities.reserve(answers_.kept.size() * classes);
        return look(batch, output);
    }

    /// Whether the first batch holds probabilities or logits.
    Result<void> look(const Batch& batch, const OutputRows& output)
    {
        auto are_all = true, are_shares = true;
        std::vector<double> row;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            if (const auto read = output.read(i, row); !read)
                return of_sample(batch.first() + i, read.error());
            const auto is_share = [](double x) { return x >= 0 && x <= 1; };
            if (!std::all_of(row.begin(), row.end(), is_share)) are_shares = false;
            if (!(is_single_ ? is_share(row[0]) : are_probabilities(row))) are_all = false;
        }
        answers_.scores =
            context_.scores.value_or(are_all ? ScoreKind::probabilities : ScoreKind::logits);
        if (!context_.scores && !are_all && are_shares)
            answers_.notes.push_back(
                "The scores lie between 0 and 1 but do not sum to 1; they were taken for logits.");
        return {};
    }

    Result<void> grow(std::size_t classes)
    {
        if (classes > context_.limits.classes)
            return Error{ErrorKind::full, std::to_string(classes) + " classes are more than " +
                                              std::to_string(context_.limits.classes)};
        for (auto i = answers_.classes.size(); i < classes; ++i)
            answers_.classes.push_back(std::to_string(i));
        return {};
    }

    Result<void> take_row(std::size_t index, std::vector<double>& row, std::uint32_t label)
    {
        if (answers_.plan.are_numbers_of_classes) return take_number(row.front(), label);
        const auto kind = answers_.scores;
        if (is_single_) {
            const auto one = row.front();
            row.assign({kind == ScoreKind::logits ? 0 : 1 - one, one});
        }
        if (row.size() != answers_.classes.size()) return invalid("another number of classes");
        if (kind == ScoreKind::probabilities && !are_probabilities(row))
            return invalid(
                "the scores are no probabilities, as those of the first samples were; "
                "say that they are logits");
        answers_.classified.push_back(answer_of(row, kind, label));
        if (next_kept_ == answers_.kept.size() || answers_.kept[next_kept_] != index) return {};
        ++next_kept_;
        keep(row);
        return {};
    }

    void keep(const std::vector<double>& scores)
    {
        auto& to = answers_.probabilities;
        if (answers_.scores == ScoreKind::probabilities) {
            to.insert(to.end(), scores.begin(), scores.end());
            return;
        }
        const auto best = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (const auto score : scores) sum += std::exp(score - best);
        for (const auto score : scores) to.push_back(std::exp(score - best) / sum);
    }

    Result<void> take_number(double number, std::uint32_t label)
    {
        if (number < 0 || number >= real(context_.limits.classes))
            return invalid("there is no class " + std::to_string(std::llround(number)));
        const auto predicted = static_cast<std::uint32_t>(number);
        if (predicted >= answers_.classes.size()) {
            if (!are_numbers_) return invalid("there is no class " + std::to_string(predicted));
            if (const auto grown = grow(predicted + 1); !grown) return grown.error();
        }
        ClassAnswer answer;
        answer.label = label;
        answer.predicted = predicted;
        answer.rank = predicted == label ? 0 : 1;
        answers_.classified.push_back(answer);
        return {};
    }

    TakeContext context_;
    Answers& answers_;
    bool are_numbers_;
    bool is_single_ = false;
    std::size_t next_kept_ = 0;
};

}  // namespace

std::unique_ptr<Taker> make_class_taker(const TakeContext& context)
{
    return std::make_unique<ClassTaker>(context);
}

}  // namespace evaluation
