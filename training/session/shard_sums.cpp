#include "training/session/shard_sums.hpp"

#include <ATen/ATen.h>

namespace training {
namespace {

/// The first numbers: weight, samples, weighted loss, hits; then for each parameter whether it has
/// a gradient.
constexpr std::size_t heads = 4;

/// Takes room for one tensor after the other out of the numbers of its type.
class Places {
public:
    explicit Places(Sums& sums, std::size_t wide) : sums_{sums}, wide_{wide} {}
    at::Tensor next(const at::Tensor& like)
    {
        const auto count = static_cast<std::size_t>(like.numel());
        const bool is_wide = like.scalar_type() == at::kDouble;
        void* at = is_wide ? static_cast<void*>(sums_.wide.data() + wide_)
                           : static_cast<void*>(sums_.narrow.data() + narrow_);
        (is_wide ? wide_ : narrow_) += count;
        return at::from_blob(at, like.sizes(),
                             at::TensorOptions{is_wide ? at::kDouble : at::kFloat});
    }

private:
    Sums& sums_;
    std::size_t wide_;
    std::size_t narrow_ = 0;
};

}  // namespace

ShardSums::ShardSums(Weights& weights, const FakeQuantisation* quantisation, std::uint32_t shards)
    : weights_{weights}, quantisation_{quantisation}, shards_{shards}
{
    for (const auto& each : weights_.statistics()) statistics_.push_back(each.tensor.clone());
    if (quantisation_ != nullptr) ranges_ = quantisation_->ranges().clone();
}

std::size_t ShardSums::wide_numbers() const
{
    const auto of_ranges = ranges_.defined() ? static_cast<std::size_t>(ranges_.numel()) : 0;
    return heads + weights_.parameters().size() + of_ranges * shards_;
}

Sums ShardSums::of(const Pass& pass, std::uint32_t shard) const
{
    const at::NoGradGuard quiet;
    Sums sums;
    std::size_t wide = wide_numbers();
    std::size_t narrow = 0;
    const auto count = [&](const at::Tensor& each) {
        (each.scalar_type() == at::kDouble ? wide : narrow) +=
            static_cast<std::size_t>(each.numel());
    };
    for (const auto& each : weights_.parameters()) count(each.tensor);
    for (const auto& each : weights_.statistics()) count(each.tensor);
    sums.wide.resize(wide);
    sums.narrow.resize(narrow);
    sums.wide[0] = pass.weight;
    sums.wide[1] = static_cast<double>(pass.samples);
    sums.wide[2] = pass.weight == 0 ? 0 : pass.loss * pass.weight;
    sums.wide[3] = static_cast<double>(pass.hits);
    Places places{sums, wide_numbers()};
    std::size_t at = heads;
    for (const auto& each : weights_.parameters()) {
        const auto place = places.next(each.tensor);
        const auto& gradient = each.tensor.grad();
        if (gradient.defined()) place.copy_(gradient).mul_(pass.weight);
        sums.wide[at++] = gradient.defined() ? 1 : 0;
    }
    for (const auto& each : weights_.statistics()) {
        const auto place = places.next(each.tensor);
        if (pass.samples != 0) place.copy_(each.tensor).mul_(static_cast<double>(pass.samples));
    }
    // Each shard has room of its own, so that what is added up is all of them side by side.
    if (ranges_.defined() && pass.samples != 0) {
        const auto numbers = static_cast<std::size_t>(ranges_.numel());
        const auto* from = quantisation_->ranges().data_ptr<float>();
        std::copy(from, from + numbers, sums.wide.data() + at + numbers * shard);
    }
    return sums;
}

void ShardSums::rewind()
{
    const at::NoGradGuard quiet;
    for (std::size_t i = 0; i < statistics_.size(); ++i)
        weights_.statistics()[i].tensor.copy_(statistics_[i]);
    if (ranges_.defined()) quantisation_->ranges().copy_(ranges_);
}

ShardSums::Pass ShardSums::apply(Sums& all)
{
    const at::NoGradGuard quiet;
    Pass pass;
    pass.weight = all.wide[0];
    pass.samples = static_cast<std::uint64_t>(all.wide[1]);
    pass.loss = all.wide[2] / pass.weight;
    pass.hits = static_cast<std::uint64_t>(all.wide[3]);
    Places places{all, wide_numbers()};
    std::size_t at = heads;
    for (const auto& each : weights_.parameters()) {
        const auto sum = places.next(each.tensor);
        auto parameter = each.tensor;
        parameter.mutable_grad() =
            all.wide[at++] > 0 ? sum.clone().div_(pass.weight) : at::Tensor{};
    }
    for (const auto& each : weights_.statistics())
        each.tensor.copy_(places.next(each.tensor).div_(all.wide[1]));
    if (!ranges_.defined()) return pass;
    const auto numbers = static_cast<std::size_t>(ranges_.numel());
    auto* to = quantisation_->ranges().data_ptr<float>();
    for (std::size_t i = 0; i < numbers; ++i) {
        const bool is_least = i % 2 == 0;
        // A shard without samples says 0 and 0, as one that has seen nothing: 0 is in every range.
        double farthest = 0;
        for (std::size_t shard = 0; shard < shards_; ++shard) {
            const auto said = all.wide[at + numbers * shard + i];
            farthest = is_least ? std::min(farthest, said) : std::max(farthest, said);
        }
        to[i] = static_cast<float>(farthest);
    }
    return pass;
}

}  // namespace training
