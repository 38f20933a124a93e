#include "samples/subset.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace samples {

Subset::Subset(std::shared_ptr<const Source> whole, std::vector<std::size_t> indices)
    : whole_{std::move(whole)}, indices_{std::move(indices)}
{
    ledger::ensure(std::ranges::all_of(indices_, [&](auto at) { return at < whole_->size(); }),
                   "a subset is of samples that are there");
}

std::string_view Subset::slice(std::size_t index) const
{
    return whole_->slice(indices_[index]);
}

std::optional<std::int64_t> Subset::label(std::size_t index) const
{
    return whole_->label(indices_[index]);
}

ledger::Result<void> Subset::read(std::size_t index, const Place& to) const
{
    return whole_->read(indices_[index], to);
}

std::vector<std::int64_t> labels_of(const Source& source)
{
    std::vector<std::int64_t> labels;
    labels.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        const auto label = source.label(i);
        if (!label) return {};
        labels.push_back(*label);
    }
    return labels;
}

}  // namespace samples
