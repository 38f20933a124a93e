#pragma once

#include "ledger/base/draws.hpp"
#include "samples/source.hpp"

#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Samples without end: numbers that follow from their place.
class EndlessSamples final : public samples::Source {
public:
    explicit EndlessSamples(std::vector<std::int64_t> shape)
    {
        inputs_ = {{"image", inference::DataType::FP32, std::move(shape)}};
        target_.kind = samples::Target::Kind::classes;
        target_.classes.assign(10, "c");
        std::size_t count = 1;
        for (const auto size : inputs_.front().shape) count *= static_cast<std::size_t>(size);
        numbers_.resize(count + 64);
        ledger::Draws draws{1};
        for (auto& each : numbers_) each = draws.next_float();
    }
    std::size_t size() const override { return 1'000'000; }
    const std::vector<inference::TensorSpec>& inputs() const override { return inputs_; }
    const samples::Target& target() const override { return target_; }
    std::string_view slice(std::size_t) const override { return {}; }
    ledger::Result<void> read(std::size_t index, const samples::Place& to) const override
    {
        std::memcpy(to.inputs[0].data(), numbers_.data() + index % 64, to.inputs[0].size());
        *to.label = static_cast<std::int64_t>(index % 10);
        return {};
    }

private:
    std::vector<inference::TensorSpec> inputs_;
    samples::Target target_;
    std::vector<float> numbers_;
};

}  // namespace bench
