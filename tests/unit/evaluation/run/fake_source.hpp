#pragma once

#include "evaluation/run/collect.hpp"

#include <cstring>

namespace evaluation {

/// Samples in memory: rows of FP32 as the input "x", and whatever targets are put in.
struct FakeSource final : samples::Source {
    std::vector<std::vector<float>> rows;
    std::vector<std::int64_t> labels;
    std::vector<std::vector<float>> numbers;
    std::vector<std::string> slices;
    std::vector<inference::TensorSpec> specs{{"x", inference::DataType::FP32, {1}}};
    samples::Target asked;
    std::size_t broken = SIZE_MAX;  ///< cannot be read

    std::size_t size() const override { return rows.size(); }
    const std::vector<inference::TensorSpec>& inputs() const override { return specs; }
    const samples::Target& target() const override { return asked; }
    std::string_view slice(std::size_t index) const override
    {
        return slices.empty() ? std::string_view{} : slices[index];
    }
    ledger::Result<void> read(std::size_t index, const samples::Place& to) const override
    {
        if (index == broken)
            return ledger::Error{ledger::ErrorKind::corrupt, "row 4 cannot be read"};
        std::memcpy(to.inputs[0].data(), rows[index].data(), to.inputs[0].size());
        if (to.label != nullptr) *to.label = labels[index];
        for (std::size_t i = 0; i < to.numbers.size(); ++i) to.numbers[i] = numbers[index][i];
        return {};
    }

    static FakeSource of_classes(std::vector<std::vector<float>> rows,
                                 std::vector<std::int64_t> labels, std::vector<std::string> names)
    {
        FakeSource made;
        made.specs[0].shape = {static_cast<std::int64_t>(rows.front().size())};
        made.rows = std::move(rows);
        made.labels = std::move(labels);
        made.asked = {samples::Target::Kind::classes, std::move(names), {}};
        return made;
    }
    static FakeSource of_numbers(std::vector<std::vector<float>> rows,
                                 std::vector<std::vector<float>> numbers,
                                 std::vector<std::int64_t> shape)
    {
        FakeSource made;
        made.specs[0].shape = {static_cast<std::int64_t>(rows.front().size())};
        made.rows = std::move(rows);
        made.numbers = std::move(numbers);
        made.asked = {samples::Target::Kind::numbers, {}, std::move(shape)};
        return made;
    }
};

inline inference::Tensor floats(std::string name, std::vector<std::int64_t> shape,
                                const std::vector<float>& values)
{
    inference::Tensor made{std::move(name), inference::DataType::FP32, std::move(shape), {}};
    made.data.resize(4 * values.size());
    if (!values.empty()) std::memcpy(made.data.data(), values.data(), made.data.size());
    return made;
}

/// One input "x" of rows of `width`, one output of the same.
inline inference::ModelIo echo_io(std::int64_t width, std::string output = "y")
{
    return {{{"x", inference::DataType::FP32, {-1, width}}},
            {{std::move(output), inference::DataType::FP32, {-1, width}}}};
}

/// Answers each output with what came in, as a model of one node would.
inline ledger::Result<std::vector<inference::Tensor>> echo(
    std::span<const inference::Tensor> inputs, std::span<const std::string> outputs)
{
    std::vector<inference::Tensor> made;
    for (const auto& name : outputs) {
        made.push_back(inputs[0]);
        made.back().name = name;
    }
    return made;
}

}  // namespace evaluation
