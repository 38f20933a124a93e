#pragma once

#include "training/recipe/recipe.hpp"

#include <span>
#include <utility>

/// The one list of the recipe's fields, with their bounds: read and written by what visits it.
namespace training::fields {

template <class Kind>
using Names = std::span<const std::pair<std::string_view, Kind>>;

inline constexpr std::pair<std::string_view, LossOptions::Kind> losses[] = {
    {"automatic", LossOptions::Kind::automatic},
    {"cross_entropy", LossOptions::Kind::cross_entropy},
    {"binary_cross_entropy", LossOptions::Kind::binary_cross_entropy},
    {"mean_squared", LossOptions::Kind::mean_squared},
    {"huber", LossOptions::Kind::huber},
    {"triplet", LossOptions::Kind::triplet}};
inline constexpr std::pair<std::string_view, OptimiserOptions::Kind> optimisers[] = {
    {"sgd", OptimiserOptions::Kind::sgd},
    {"adam", OptimiserOptions::Kind::adam},
    {"adamw", OptimiserOptions::Kind::adamw}};
inline constexpr std::pair<std::string_view, ScheduleOptions::Kind> schedules[] = {
    {"constant", ScheduleOptions::Kind::constant},
    {"cosine", ScheduleOptions::Kind::cosine},
    {"linear", ScheduleOptions::Kind::linear},
    {"steps", ScheduleOptions::Kind::steps}};
inline constexpr std::pair<std::string_view, TensorOptions::Grid> grids[] = {
    {"none", TensorOptions::Grid::none},
    {"bfloat16", TensorOptions::Grid::bfloat16},
    {"float16", TensorOptions::Grid::float16}};
inline constexpr std::pair<std::string_view, ValidationOptions::Measure> measures[] = {
    {"loss", ValidationOptions::Measure::loss}, {"accuracy", ValidationOptions::Measure::accuracy}};
inline constexpr std::pair<std::string_view, Precision> precisions[] = {
    {"float32", Precision::float32}, {"bfloat16", Precision::bfloat16}};

struct Range {
    double least;
    double most;
};
inline constexpr Range share{0, 1};
inline constexpr Range below_one{0, 0.999999999};
inline constexpr Range any_positive{0, 1e9};
inline constexpr Range counts{0, 1e12};

template <class Visitor>
void visit(Visitor& at, LossOptions& loss)
{
    at.choice("kind", loss.kind, Names<LossOptions::Kind>{losses});
    at.text("output", loss.output);
    at.number("label_smoothing", loss.label_smoothing, below_one);
    at.number("delta", loss.delta, {1e-9, 1e9});
    at.number("margin", loss.margin, any_positive);
    at.numbers("class_weights", loss.class_weights, any_positive);
    at.flag("balanced", loss.balanced);
    at.number("distillation", loss.distillation, share);
    at.number("temperature", loss.temperature, {0.01, 1000});
}

template <class Visitor>
void visit(Visitor& at, OptimiserOptions& optimiser)
{
    at.choice("kind", optimiser.kind, Names<OptimiserOptions::Kind>{optimisers});
    at.number("rate", optimiser.rate, {0, 1000});
    at.number("momentum", optimiser.momentum, below_one);
    at.flag("nesterov", optimiser.nesterov);
    at.number("beta1", optimiser.beta1, below_one);
    at.number("beta2", optimiser.beta2, below_one);
    at.number("epsilon", optimiser.epsilon, {1e-30, 1});
    at.number("weight_decay", optimiser.weight_decay, {0, 1000});
}

template <class Visitor>
void visit(Visitor& at, ScheduleOptions& schedule)
{
    at.choice("kind", schedule.kind, Names<ScheduleOptions::Kind>{schedules});
    at.count("warmup", schedule.warmup, counts);
    at.number("floor", schedule.floor, share);
    at.number("factor", schedule.factor, share);
    at.count("every", schedule.every, {1, 1e9});
}

template <class Visitor>
void visit(Visitor& at, ClipOptions& clip)
{
    at.number("norm", clip.norm, any_positive);
    at.number("value", clip.value, any_positive);
}

template <class Visitor>
void visit(Visitor& at, TensorOptions& tensors)
{
    at.texts("train", tensors.train);
    at.texts("freeze", tensors.freeze);
    at.flag("head_only", tensors.head_only);
    at.flag("batch_normalisation", tensors.batch_normalisation);
    at.number("towards_start", tensors.towards_start, any_positive);
    at.choice("snap", tensors.snap, Names<TensorOptions::Grid>{grids});
}

template <class Visitor>
void visit(Visitor& at, QuantiseOptions& quantise)
{
    at.count("bits", quantise.bits, {0, 8});
    at.flag("per_channel", quantise.per_channel);
    at.number("start", quantise.start, share);
}

template <class Visitor>
void visit(Visitor& at, ValidationOptions& validation)
{
    at.number("share", validation.share, {0, 0.9});
    at.count("every", validation.every, {1, 1e9});
    at.count("patience", validation.patience, {0, 1e9});
    at.number("least_gain", validation.least_gain, any_positive);
    at.choice("by", validation.by, Names<ValidationOptions::Measure>{measures});
}

template <class Visitor>
void visit(Visitor& at, AugmentOptions& augment)
{
    at.number("shift", augment.shift, share);
    at.number("rotate", augment.rotate, {0, 180});
    at.number("zoom", augment.zoom, {0, 0.9});
    at.flag("mirror", augment.mirror);
    at.number("gain", augment.gain, share);
    at.number("offset", augment.offset, any_positive);
    at.number("noise", augment.noise, any_positive);
    at.number("erase", augment.erase, share);
}

template <class Visitor>
void visit(Visitor& at, Recipe& recipe)
{
    at.count("seed", recipe.seed, {0, 9007199254740991.0});
    at.count("epochs", recipe.epochs, {0, 1e9});
    at.count("steps", recipe.steps, counts);
    at.count("batch", recipe.batch, {1, 1 << 20});
    at.choice("precision", recipe.precision, Names<Precision>{precisions});
    at.group("loss", recipe.loss);
    at.group("optimiser", recipe.optimiser);
    at.group("schedule", recipe.schedule);
    at.group("clip", recipe.clip);
    at.group("tensors", recipe.tensors);
    at.group("quantise", recipe.quantise);
    at.group("validation", recipe.validation);
    at.group("augment", recipe.augment);
}

}  // namespace training::fields
