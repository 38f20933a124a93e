#include "training/loss/loss.hpp"

#include "training/loss/triplet.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace training {
namespace {

using Kind = LossOptions::Kind;
using ledger::Result;
using samples::Target;

ledger::Error unfit(const std::string& why)
{
    return ledger::invalid("the loss does not fit: " + why);
}

// How many numbers one answer has; empty where the model leaves it open.
std::optional<std::int64_t> numbers_of(const inference::TensorSpec& spec)
{
    std::int64_t count = 1;
    for (std::size_t i = 1; i < spec.shape.size(); ++i) {
        if (spec.shape[i] < 0 || __builtin_mul_overflow(count, spec.shape[i], &count)) return {};
    }
    return count;
}

Kind meant(Kind kind, Target::Kind target)
{
    if (kind != Kind::automatic) return kind;
    return target == Target::Kind::classes ? Kind::cross_entropy : Kind::mean_squared;
}

std::optional<std::string> fault_of(const LossOptions& options, const Target& target,
                                    const inference::TensorSpec& spec, LastStep last)
{
    const auto kind = options.kind;
    const bool classes = target.kind == Target::Kind::classes;
    const auto numbers = numbers_of(spec);
    const auto class_count = static_cast<std::int64_t>(target.classes.size());
    if ((kind == Kind::cross_entropy || kind == Kind::triplet) && !classes)
        return "the samples have no classes";
    if (kind == Kind::cross_entropy) {
        if (spec.shape.size() != 2)
            return "cross_entropy wants an output [n,classes], not " +
                   inference::to_text(spec.shape);
        if (numbers && *numbers != class_count)
            return "the output '" + spec.name + "' has " + std::to_string(*numbers) +
                   " numbers and the samples have " + std::to_string(class_count) + " classes";
        if (last == LastStep::sigmoid) return "cross_entropy of an output after a sigmoid";
    }
    if (kind == Kind::triplet && spec.shape.size() != 2)
        return "triplet wants an output [n,numbers], not " + inference::to_text(spec.shape);
    if (kind == Kind::binary_cross_entropy) {
        if (classes && (class_count != 2 || numbers != 1))
            return "binary_cross_entropy of classes wants two of them and an output of one number";
        if (target.kind == Target::Kind::none) return "the samples have no target";
        if (last == LastStep::softmax || last == LastStep::log_softmax)
            return "binary_cross_entropy of an output after a softmax";
    }
    if ((kind == Kind::mean_squared || kind == Kind::huber) && classes)
        return "the samples have classes, and this loss is one of numbers";
    if (target.kind == Target::Kind::numbers && numbers) {
        const auto wanted = std::accumulate(target.shape.begin(), target.shape.end(),
                                            std::int64_t{1}, std::multiplies<>{});
        if (*numbers != wanted)
            return "the output '" + spec.name + "' has " + std::to_string(*numbers) +
                   " numbers and each sample's target " + std::to_string(wanted);
    }
    if ((!options.class_weights.empty() || options.balanced) && kind != Kind::cross_entropy)
        return "weights of classes are for cross_entropy";
    if (!options.class_weights.empty() && options.class_weights.size() != target.classes.size())
        return std::to_string(options.class_weights.size()) + " class weights for " +
               std::to_string(class_count) + " classes";
    if (options.distillation > 0 && kind == Kind::triplet)
        return "triplet cannot be distilled from a teacher";
    return {};
}

}  // namespace

Result<Loss> Loss::make(const LossOptions& options, const Target& target,
                        const inference::TensorSpec& spec, LastStep last)
{
    auto mine = options;
    mine.kind = meant(options.kind, target.kind);
    if (const auto fault = fault_of(mine, target, spec, last)) return unfit(*fault);
    Loss loss{std::move(mine), target.kind == Target::Kind::classes, last};
    if (!options.class_weights.empty()) loss.set_class_weights(options.class_weights);
    return loss;
}

void Loss::set_class_weights(const std::vector<double>& weights)
{
    class_weights_ = at::tensor(weights, at::kDouble).to(at::kFloat);
}

bool Loss::counts_hits() const
{
    return of_classes_ && options_.kind != Kind::triplet;
}

at::Tensor Loss::from_labels(const at::Tensor& answers, const at::Tensor& wanted) const
{
    const auto mean = static_cast<std::int64_t>(at::Reduction::Mean);
    switch (options_.kind) {
        case Kind::cross_entropy:
            return at::cross_entropy_loss(answers, wanted, class_weights_, mean, -100,
                                          options_.label_smoothing);
        case Kind::binary_cross_entropy: {
            auto numbers = wanted.to(answers.scalar_type()).reshape(answers.sizes());
            const auto smooth = options_.label_smoothing;
            if (smooth > 0) numbers = numbers * (1 - smooth) + smooth / 2;
            return at::binary_cross_entropy_with_logits(answers, numbers);
        }
        case Kind::triplet:
            return triplet_loss(answers, wanted, options_.margin);
        default:
            break;
    }
    // Squares are of what the model says, so what it does last is done after all.
    auto said = answers;
    if (last_ == LastStep::sigmoid) said = at::sigmoid(answers);
    if (last_ == LastStep::softmax) said = at::softmax(answers, -1);
    if (last_ == LastStep::log_softmax) said = at::log_softmax(answers, -1);
    const auto numbers = wanted.to(said.scalar_type()).reshape(said.sizes());
    return options_.kind == Kind::huber ? at::huber_loss(said, numbers, mean, options_.delta)
                                        : at::mse_loss(said, numbers);
}

at::Tensor Loss::from_teacher(const at::Tensor& answers, const at::Tensor& teacher) const
{
    const auto t = options_.temperature;
    switch (options_.kind) {
        case Kind::cross_entropy:
            return at::kl_div(at::log_softmax(answers / t, -1), at::log_softmax(teacher / t, -1),
                              static_cast<std::int64_t>(at::Reduction::Sum), true) *
                   (t * t / static_cast<double>(answers.size(0)));
        case Kind::binary_cross_entropy:
            return at::binary_cross_entropy_with_logits(answers / t, at::sigmoid(teacher / t)) *
                   (t * t);
        default:
            return at::mse_loss(answers, teacher);
    }
}

at::Tensor Loss::of(const at::Tensor& answers, const at::Tensor& wanted,
                    const at::Tensor& teacher) const
{
    const auto share = teacher.defined() ? options_.distillation : 0;
    if (share == 0) return from_labels(answers, wanted);
    if (share == 1) return from_teacher(answers, teacher);
    return from_labels(answers, wanted) * (1 - share) + from_teacher(answers, teacher) * share;
}

std::optional<std::int64_t> Loss::hits(const at::Tensor& answers, const at::Tensor& wanted) const
{
    if (!counts_hits()) return {};
    const auto said = options_.kind == Kind::binary_cross_entropy
                          ? at::gt(answers.reshape({-1}), 0).to(at::kLong)
                          : answers.argmax(-1);
    return at::eq(said, wanted).sum().item<std::int64_t>();
}

double Loss::weight_of(const at::Tensor& wanted) const
{
    if (!class_weights_.defined() || options_.distillation > 0)
        return static_cast<double>(wanted.size(0));
    return class_weights_.index_select(0, wanted).sum(at::kDouble).item<double>();
}

std::vector<double> balancing_weights(const std::vector<std::uint64_t>& counts)
{
    const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    std::vector<double> weights;
    for (const auto count : counts)
        weights.push_back(count == 0
                              ? 0
                              : static_cast<double>(all) / (static_cast<double>(counts.size()) *
                                                            static_cast<double>(count)));
    return weights;
}

}  // namespace training
