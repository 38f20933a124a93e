#pragma once

#include "ledger/base/draws.hpp"
#include "samples/source.hpp"

#include <cstring>
#include <string>
#include <vector>

namespace training {

/// Samples in memory: rows of numbers, with a class or numbers each.
class PointSource final : public samples::Source {
public:
    using Rows = std::vector<std::vector<float>>;

    PointSource(Rows rows, std::vector<std::int64_t> labels, std::size_t classes)
        : rows_{std::move(rows)}, labels_{std::move(labels)}
    {
        target_.kind = samples::Target::Kind::classes;
        for (std::size_t i = 0; i < classes; ++i) target_.classes.push_back(std::to_string(i));
        set_shape({static_cast<std::int64_t>(rows_.front().size())});
    }
    PointSource(Rows rows, Rows numbers) : rows_{std::move(rows)}, numbers_{std::move(numbers)}
    {
        if (!numbers_.empty()) {
            target_.kind = samples::Target::Kind::numbers;
            target_.shape = {static_cast<std::int64_t>(numbers_.front().size())};
        }
        set_shape({static_cast<std::int64_t>(rows_.front().size())});
    }

    void set_shape(std::vector<std::int64_t> shape)
    {
        inputs_ = {{"image", inference::DataType::FP32, std::move(shape)}};
    }
    /// From now on this sample cannot be read.
    void spoil(std::size_t index) { spoilt_ = index; }

    std::size_t size() const override { return rows_.size(); }
    const std::vector<inference::TensorSpec>& inputs() const override { return inputs_; }
    const samples::Target& target() const override { return target_; }
    std::string_view slice(std::size_t) const override { return {}; }
    ledger::Result<void> read(std::size_t index, const samples::Place& to) const override
    {
        if (index == spoilt_) return ledger::invalid("row " + std::to_string(index) + " is bad");
        std::memcpy(to.inputs[0].data(), rows_[index].data(), to.inputs[0].size());
        if (to.label != nullptr) *to.label = labels_[index];
        if (!numbers_.empty())
            std::memcpy(to.numbers.data(), numbers_[index].data(), to.numbers.size_bytes());
        return {};
    }

private:
    Rows rows_;
    std::vector<std::int64_t> labels_;
    Rows numbers_;
    std::vector<inference::TensorSpec> inputs_;
    samples::Target target_;
    std::size_t spoilt_ = SIZE_MAX;
};

/// `count` points of `dimensions` numbers around one centre for each class.
inline PointSource clouds(std::size_t count, std::size_t dimensions, std::size_t classes,
                          std::uint64_t seed = 1, float spread = 0.5F)
{
    ledger::Draws centres{99};
    std::vector<std::vector<float>> centre(classes, std::vector<float>(dimensions));
    for (auto& each : centre)
        for (auto& number : each) number = centres.next_float();
    ledger::Draws draws{seed};
    PointSource::Rows rows;
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < count; ++i) {
        const auto label = draws.below(classes);
        labels.push_back(static_cast<std::int64_t>(label));
        auto& row = rows.emplace_back();
        for (const auto number : centre[label]) row.push_back(number + spread * draws.next_float());
    }
    return {std::move(rows), std::move(labels), classes};
}

}  // namespace training
