#include "ledger/base/ensure.hpp"
#include "samples/numbers.hpp"
#include "samples/table.hpp"

#include <algorithm>
#include <set>

namespace samples {
namespace {

using inference::TensorSpec;
using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

constexpr std::size_t block_bytes = 4u << 20;

/// Rows of equal size, in blocks: growing never copies what is there.
class Rows {
public:
    explicit Rows(std::size_t row_bytes)
        : row_bytes_{row_bytes},
          rows_per_block_{
              std::max<std::size_t>(block_bytes / std::max<std::size_t>(row_bytes, 1), 1)}
    {
    }

    std::size_t size() const { return size_; }
    std::span<std::uint8_t> add()
    {
        if (size_ % rows_per_block_ == 0) blocks_.emplace_back().reserve(first_reserve());
        auto& block = blocks_.back();
        block.resize(block.size() + row_bytes_);
        ++size_;
        return std::span{block}.last(row_bytes_);
    }
    ledger::ByteView at(std::size_t row) const
    {
        return ledger::ByteView{blocks_[row / rows_per_block_]}.subspan(
            row % rows_per_block_ * row_bytes_, row_bytes_);
    }

private:
    /// A small file does not take a whole block.
    std::size_t first_reserve() const
    {
        return blocks_.size() == 1 ? row_bytes_ : rows_per_block_ * row_bytes_;
    }

    std::size_t row_bytes_;
    std::size_t rows_per_block_;
    std::size_t size_ = 0;
    std::vector<Bytes> blocks_;
};

class TableSource final : public Source {
public:
    TableSource(TensorSpec input, Rows rows, Answers answers, Slices slices)
        : inputs_{std::move(input)},
          rows_{std::move(rows)},
          answers_{std::move(answers)},
          slices_{std::move(slices)}
    {
    }

    std::size_t size() const override { return rows_.size(); }
    const std::vector<TensorSpec>& inputs() const override { return inputs_; }
    const Target& target() const override { return answers_.target(); }
    std::string_view slice(std::size_t index) const override { return slices_.at(index); }
    std::optional<std::int64_t> label(std::size_t index) const override
    {
        return answers_.label(index);
    }

    Result<void> read(std::size_t index, const Place& to) const override
    {
        const auto row = rows_.at(index);
        ledger::ensure(to.inputs.size() == 1 && to.inputs[0].size() == row.size(),
                       "a place has room for its sample");
        std::ranges::copy(row, to.inputs[0].begin());
        answers_.put(index, to);
        return {};
    }

private:
    std::vector<TensorSpec> inputs_;
    Rows rows_;
    Answers answers_;
    Slices slices_;
};

/// Reads one file; its members are known once the header came.
class TableLoader {
public:
    TableLoader(const TensorSpec& input, const TableOptions& options, const Limits& limits)
        : input_{input}, options_{options}, limits_{limits}, slices_{limits}
    {
    }

    Result<void> header(const TableHeader& header)
    {
        if (auto chosen = choose_columns(header); !chosen) return chosen;
        auto sample = sample_of_array(input_, {static_cast<std::int64_t>(features_.size())},
                                      "each row has features");
        if (!sample) return sample.error();
        if (!can_put(sample->datatype))
            return invalid("the input " + input_.name + " is " +
                           std::string{inference::name_of(input_.datatype)} +
                           ", which CSV does not give");
        input_ = std::move(*sample);
        const auto normalise = Normaliser::make(options_.normalise, input_, {}, 1);
        if (!normalise) return normalise.error();
        if (options_.normalise.invert) return invalid("only pictures are inverted");
        normalise_ = *normalise;
        names_ = header.names();
        rows_.emplace(features_.size() * inference::size_of(input_.datatype));
        answers_.emplace(options_.target, options_.classes, targets_.size(), limits_);
        texts_.resize(targets_.size());
        return {};
    }

    Result<void> row(std::span<const std::string_view> fields, const std::string& where)
    {
        const auto step = inference::size_of(input_.datatype);
        const auto row_bytes = features_.size() * step;
        if (rows_->size() == limits_.samples ||
            row_bytes > limits_.table_bytes - rows_->size() * row_bytes)
            return Error{ErrorKind::full, where + ": there is no room for more rows"};
        const auto to = rows_->add();
        for (std::size_t i = 0; i < features_.size(); ++i) {
            const auto text = fields[features_[i]];
            const auto number = number_of(text);
            if (!number ||
                !put_number(to.data() + i * step, input_.datatype, normalise_(*number, i)))
                return invalid(where + ", column '" + names_[features_[i]] + "': '" +
                               std::string{text.substr(0, 64)} + "' is no " +
                               std::string{inference::name_of(input_.datatype)});
        }
        for (std::size_t i = 0; i < targets_.size(); ++i) texts_[i] = fields[targets_[i]];
        if (auto added = answers_->add(texts_, where); !added) return added;
        return slice_ ? slices_.add(fields[*slice_], where) : Result<void>{};
    }

    Result<std::unique_ptr<Source>> finish()
    {
        auto answers = answers_->finish();
        if (!answers) return answers.error();
        return std::unique_ptr<Source>{std::make_unique<TableSource>(
            std::move(input_), std::move(*rows_), std::move(*answers), std::move(slices_))};
    }

private:
    Result<void> choose_columns(const TableHeader& header)
    {
        std::set<std::size_t> taken;
        for (const auto& name : options_.ignored) {
            const auto column = header.column(name);
            if (!column) return column.error();
            taken.insert(*column);
        }
        auto targets = options_.targets;
        if (targets.empty() && header.find("label")) targets = {"label"};
        for (const auto& name : targets) {
            const auto column = header.column(name);
            if (!column) return column.error();
            if (!taken.insert(*column).second)
                return invalid("the column '" + name + "' is given twice");
            if (options_.target != TargetKind::none) targets_.push_back(*column);
        }
        if (targets_.empty() &&
            (options_.target == TargetKind::classes || options_.target == TargetKind::numbers))
            return invalid("no column is a target: name one, there is no 'label'");
        slice_ = header.find(options_.slice.empty() ? "slice" : options_.slice);
        if (!slice_ && !options_.slice.empty()) return header.column(options_.slice).error();
        if (slice_) taken.insert(*slice_);
        for (const auto& name : options_.features) {
            const auto column = header.column(name);
            if (!column) return column.error();
            if (!taken.insert(*column).second)
                return invalid("the column '" + name + "' is given twice");
            features_.push_back(*column);
        }
        if (options_.features.empty())
            for (std::size_t i = 0; i < header.names().size(); ++i)
                if (!taken.contains(i)) features_.push_back(i);
        return features_.empty() ? invalid("no column is a feature") : Result<void>{};
    }

    TensorSpec input_;
    const TableOptions& options_;
    const Limits& limits_;
    std::vector<std::size_t> features_, targets_;
    std::optional<std::size_t> slice_;
    std::vector<std::string> names_;
    std::vector<std::string_view> texts_;
    Normaliser normalise_;
    std::optional<Rows> rows_;
    std::optional<AnswerBuilder> answers_;
    Slices slices_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_table(const ItemPlace& file, const TensorSpec& input,
                                           const TableOptions& options, const Limits& limits)
{
    TableLoader loader{input, options, limits};
    const auto read = read_table(
        file, options.delimiter, limits,
        [&](const TableHeader& header) { return loader.header(header); },
        [&](std::span<const std::string_view> fields, const std::string& where) {
            return loader.row(fields, where);
        });
    if (!read) return read.error();
    auto made = loader.finish();
    if (!made) return Error{made.error().kind, file.name() + ": " + made.error().detail};
    return made;
}

}  // namespace samples
