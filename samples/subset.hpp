#pragma once

#include "samples/source.hpp"

#include <memory>

namespace samples {

/// Some samples of a source, in an order of their own. Shares the source.
class Subset final : public Source {
public:
    /// Each of `indices` is below the size of `whole`; one may stand there twice.
    Subset(std::shared_ptr<const Source> whole, std::vector<std::size_t> indices);

    std::size_t size() const override { return indices_.size(); }
    const std::vector<inference::TensorSpec>& inputs() const override { return whole_->inputs(); }
    const Target& target() const override { return whole_->target(); }
    std::string_view slice(std::size_t index) const override;
    std::optional<std::int64_t> label(std::size_t index) const override;
    ledger::Result<void> read(std::size_t index, const Place& to) const override;

private:
    std::shared_ptr<const Source> whole_;
    std::vector<std::size_t> indices_;
};

/// The classes of all samples; empty where the source does not know them without reading.
std::vector<std::int64_t> labels_of(const Source& source);

}  // namespace samples
