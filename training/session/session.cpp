#include "training/session/session.hpp"

#include "ledger/base/draws.hpp"
#include "training/session/attempt.hpp"
#include "training/session/fitting.hpp"
#include "training/session/mixed_precision.hpp"
#include "training/session/schedule.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace training {
namespace {

using ledger::Result;

constexpr auto quantised_ranges = "quantise/ranges";

double norm_of(const std::vector<NamedTensor>& parameters)
{
    double squares = 0;
    for (const auto& each : parameters)
        if (each.tensor.grad().defined())
            squares += std::pow(each.tensor.grad().norm().item<double>(), 2);
    return std::sqrt(squares);
}

std::vector<NamedTensor> named_below(const std::string& prefix,
                                     const std::vector<NamedTensor>& tensors)
{
    std::vector<NamedTensor> found;
    for (const auto& each : tensors)
        if (each.name.starts_with(prefix))
            found.push_back({each.name.substr(prefix.size()), each.tensor});
    return found;
}

void add_below(const std::string& prefix, const std::vector<NamedTensor>& from,
               std::vector<NamedTensor>& to)
{
    for (const auto& each : from) to.push_back({prefix + each.name, each.tensor});
}

/// Null where the recipe asks for none; otherwise the model goes by it from now on.
Result<std::shared_ptr<FakeQuantisation>> quantisation_of(Executor& model, const Weights& weights,
                                                          const QuantiseOptions& options)
{
    if (options.bits == 0) return std::shared_ptr<FakeQuantisation>{};
    auto chosen = FakeQuantisation::choose(model.plan(), weights.parameters(), options);
    if (!chosen) return chosen.error();
    const auto shared = std::make_shared<FakeQuantisation>(std::move(*chosen));
    model.change_inputs([shared](std::size_t node, std::vector<at::Tensor>& inputs) {
        shared->round_inputs(node, inputs);
    });
    return shared;
}

}  // namespace

/// What a session is made of, once all of it goes together.
struct Session::Parts {
    Executor model;
    std::optional<Executor> teacher;
    Loss loss;
    Weights weights;
    std::shared_ptr<FakeQuantisation> quantisation;
    Order order;
    std::size_t output;
};

Result<Session> Session::make(Plan plan, Recipe recipe, Materials materials,
                              std::optional<Plan> teacher, std::uint32_t threads)
{
    const auto output = output_of(plan, recipe.loss);
    if (!output) return output.error();
    if (const auto fault = fault_between(plan, materials)) return ledger::invalid(*fault);
    if (const auto fault = fault_of_teacher(teacher, plan, *output, recipe.loss))
        return ledger::invalid(*fault);
    if (const auto fixed = fixed_batch(plan)) recipe.batch = *fixed;

    const auto last = take_before_activation(plan, *output);
    auto loss =
        Loss::make(recipe.loss, materials.samples->target(), plan.outputs[*output].spec, last);
    if (!loss) return loss.error();
    if (recipe.validation.by == ValidationOptions::Measure::accuracy && !loss->counts_hits())
        return ledger::invalid("'validation.by' is accuracy, and this loss counts none");
    if (recipe.loss.balanced) {
        const auto counts = count_classes(*materials.samples);
        if (!counts) return counts.error();
        loss->set_class_weights(balancing_weights(*counts));
    }
    const Order order{materials.samples->size(), recipe.batch, recipe.seed,
                      fixed_batch(plan).has_value()};
    auto model = Executor::make(std::move(plan));
    if (!model) return ledger::invalid(model.error().detail);
    std::optional<Executor> teaches;
    if (teacher) {
        take_before_activation(*teacher, *output);
        auto made = Executor::make(std::move(*teacher));
        if (!made) return ledger::invalid("the teacher: " + made.error().detail);
        teaches = std::move(*made);
    }
    auto weights = Weights::choose(*model, recipe.tensors);
    if (!weights) return weights.error();
    auto quantisation = quantisation_of(*model, *weights, recipe.quantise);
    if (!quantisation) return quantisation.error();
    return Session{Parts{std::move(*model), std::move(teaches), std::move(*loss),
                         std::move(*weights), std::move(*quantisation), order, *output},
                   std::move(recipe), materials, threads};
}

Session::Session(Parts parts, Recipe recipe, Materials materials, std::uint32_t threads)
    : model_{std::move(parts.model)},
      teacher_{std::move(parts.teacher)},
      recipe_{std::move(recipe)},
      materials_{materials},
      loss_{std::move(parts.loss)},
      weights_{std::move(parts.weights)},
      quantisation_{std::move(parts.quantisation)},
      optimiser_{recipe_.optimiser, weights_.parameters()},
      order_{std::move(parts.order)},
      steps_{recipe_.steps != 0 ? recipe_.steps : recipe_.epochs * order_.steps_per_epoch()},
      output_{parts.output}
{
    state_.base = model_.plan().model.content_id;
    state_.recipe = recipe_hash(recipe_);
    if (teacher_) state_.teacher = teacher_->plan().model.content_id;
    state_.samples = materials_.samples->size();
    if (materials_.validation != nullptr) state_.validation = materials_.validation->size();
    state_.threads = threads;
    if (recipe_.tensors.towards_start > 0)
        for (const auto& each : weights_.parameters())
            start_.push_back(each.tensor.detach().clone());
}

void Session::restart_reading()
{
    reading_.reset();
    reading_ = std::make_unique<Prefetch>(
        *materials_.samples, order_,
        Prefetch::Options{recipe_.augment, ledger::Draws{~recipe_.seed}.next(), 4,
                          state_.workers.last(),
                          crew_ != nullptr ? std::optional{crew_->place()} : std::nullopt},
        state_.step, steps_);
}

at::Tensor Session::loss_of(const Batch& batch, at::Tensor& answers, Pass pass)
{
    auto outputs = [&] {
        // What is measured is what is published, in 32 bits.
        const MixedPrecision precision{pass == Pass::training ? recipe_.precision
                                                              : Precision::float32};
        return model_.run(batch.inputs, pass);
    }();
    if (!outputs) throw std::runtime_error{outputs.error().detail};
    answers = (*outputs)[output_].to(at::kFloat);
    at::Tensor taught;
    if (teacher_ && pass == Pass::training) {
        auto said = teacher_->run(batch.inputs);
        if (!said) throw std::runtime_error{"the teacher: " + said.error().detail};
        taught = (*said)[output_].to(at::kFloat);
    }
    return loss_.of(answers, wanted_of(batch), taught);
}

void Session::move(double rate)
{
    const at::NoGradGuard quiet;
    const auto& parameters = weights_.parameters();
    for (std::size_t i = 0; i < start_.size(); ++i)
        if (const auto& tensor = parameters[i].tensor; tensor.grad().defined())
            tensor.grad().add_(tensor - start_[i], recipe_.tensors.towards_start);
    if (recipe_.clip.norm > 0) {
        const auto norm = norm_of(parameters);
        if (norm > recipe_.clip.norm)
            for (const auto& each : parameters)
                if (each.tensor.grad().defined()) each.tensor.grad().mul_(recipe_.clip.norm / norm);
    }
    if (recipe_.clip.value > 0)
        for (const auto& each : parameters)
            if (each.tensor.grad().defined())
                each.tensor.grad().clamp_(-recipe_.clip.value, recipe_.clip.value);
    optimiser_.step(rate);
    weights_.publish();
    weights_.forget_gradients();
}

void Session::snap()
{
    weights_.snap();
    if (quantisation_) quantisation_->snap();
}

void Session::begin_step()
{
    if (quantisation_)
        quantisation_->turn_on(static_cast<double>(state_.step) >=
                               recipe_.quantise.start * static_cast<double>(steps_));
}

double Session::rate() const
{
    return recipe_.optimiser.rate *
           rate_factor(recipe_.schedule, state_.step, steps_, steps_per_epoch());
}

ledger::Error Session::no_number() const
{
    return ledger::invalid("the loss is no number any more in step " +
                           std::to_string(state_.step + 1) + ": a lower rate or clipping may help");
}

Result<Session::Step> Session::learn(const Batch& batch)
{
    return attempt([&]() -> Result<Step> {
        begin_step();
        // Dropout draws from libtorch's generator: each step has its own draws.
        at::manual_seed(ledger::Draws::stream(recipe_.seed, state_.step).next());
        at::Tensor answers;
        const auto loss = loss_of(batch, answers, Pass::training);
        const auto number = loss.item<double>();
        if (!std::isfinite(number)) return no_number();
        loss.backward();
        weights_.take_gradients();
        const auto rate = this->rate();
        move(rate);
        const at::NoGradGuard quiet;
        if (const auto hits = loss_.hits(answers, wanted_of(batch)))
            state_.hits += static_cast<std::uint64_t>(*hits);
        state_.loss_sum += number * static_cast<double>(batch.size);
        return Step{number, rate, batch.size};
    });
}

Result<Session::Step> Session::take_step()
{
    if (is_finished()) return ledger::invalid("the training is finished");
    if (!reading_) restart_reading();
    const auto shards = reading_->next();
    if (!shards) return shards.error();
    if (state_.step % steps_per_epoch() == 0) {
        state_.loss_sum = 0;
        state_.hits = 0;
    }
    if (crew_ != nullptr && state_.workers.last() == 1) {
        // There is nothing to add, but others may ask this one to end.
        Sums none;
        if (auto done = crew_->add_up(state_.step, none); !done) return done.error();
    }
    auto taken = state_.workers.last() == 1 ? learn(shards->front()) : learn_in_shards(*shards);
    if (!taken) return taken;
    ++state_.step;
    return taken;
}

Measure Session::epoch_so_far() const
{
    const auto taken = state_.step == 0 ? 0 : (state_.step - 1) % steps_per_epoch() + 1;
    const auto seen = static_cast<double>(std::min(taken * recipe_.batch, state_.samples));
    if (seen == 0) return {};
    Measure so_far{state_.loss_sum / seen, {}};
    if (loss_.counts_hits()) so_far.accuracy = static_cast<double>(state_.hits) / seen;
    return so_far;
}

bool Session::measure_due() const
{
    if (materials_.validation == nullptr || state_.measured_step == state_.step) return false;
    const auto every = steps_per_epoch() * recipe_.validation.every;
    return state_.step % every == 0 || state_.step == steps_;
}

Result<Measure> Session::measure()
{
    if (materials_.validation == nullptr)
        return ledger::invalid("there are no samples to measure on");
    // What is measured is what is published: on the grid.
    const auto before = has_grid() ? weights_.copy() : std::vector<NamedTensor>{};
    snap();
    auto measure = measured();
    if (measure) judge(*measure);
    if (!before.empty())
        if (auto done = weights_.put(before); !done) return done.error();
    state_.measured_step = state_.step;
    return measure;
}

void Session::judge(const Measure& measure)
{
    const bool by_accuracy = recipe_.validation.by == ValidationOptions::Measure::accuracy;
    const auto value = by_accuracy ? measure.accuracy.value_or(0) : measure.loss;
    const auto gain = by_accuracy ? value - state_.best : state_.best - value;
    if (!std::isfinite(value)) return;
    if (!state_.has_best || gain > recipe_.validation.least_gain) {
        state_.has_best = true;
        state_.best = value;
        state_.best_step = state_.step;
        state_.since_best = 0;
        best_ = weights_.copy();
        return;
    }
    ++state_.since_best;
    if (recipe_.validation.patience > 0 && state_.since_best >= recipe_.validation.patience)
        state_.ended = true;
}

std::optional<double> Session::best() const
{
    return state_.has_best ? std::optional{state_.best} : std::nullopt;
}

Checkpoint Session::checkpoint() const
{
    auto made = state_;
    add_below("weights/", weights_.moving(), made.tensors);
    add_below("optimiser/", optimiser_.state(), made.tensors);
    add_below("best/", best_, made.tensors);
    if (quantisation_) made.tensors.push_back({quantised_ranges, quantisation_->ranges()});
    std::ranges::sort(made.tensors, {}, &NamedTensor::name);
    return made;
}

Result<void> Session::restore(const Checkpoint& from)
{
    if (from.base != state_.base) return ledger::invalid("the checkpoint is of another model");
    if (from.recipe != state_.recipe) return ledger::invalid("the checkpoint is of another recipe");
    if (from.teacher != state_.teacher)
        return ledger::invalid("the checkpoint is of a training with another teacher, or none");
    if (from.samples != state_.samples)
        return ledger::invalid("the checkpoint is of a training with " +
                               std::to_string(from.samples) + " samples, these are " +
                               std::to_string(state_.samples));
    if (from.validation != state_.validation)
        return ledger::invalid("the checkpoint is of a training that measured on " +
                               std::to_string(from.validation) + " samples, these are " +
                               std::to_string(state_.validation));
    if (from.step > steps_) return ledger::invalid("the checkpoint is of a longer training");
    return attempt([&]() -> Result<void> {
        if (auto done = weights_.put(named_below("weights/", from.tensors)); !done) return done;
        if (auto done = optimiser_.restore(named_below("optimiser/", from.tensors)); !done)
            return done;
        if (auto done = restore_ranges(from); !done) return done;
        best_ = named_below("best/", from.tensors);
        const auto threads = state_.threads;
        state_ = from;
        state_.tensors.clear();
        state_.threads = threads;
        reading_.reset();
        return {};
    });
}

Result<void> Session::restore_ranges(const Checkpoint& from)
{
    if (!quantisation_) return {};
    const auto found = std::ranges::find(from.tensors, quantised_ranges, &NamedTensor::name);
    const auto& ranges = quantisation_->ranges();
    if (found == from.tensors.end() || found->tensor.sizes() != ranges.sizes() ||
        found->tensor.scalar_type() != ranges.scalar_type())
        return ledger::invalid("the checkpoint has no ranges for what is quantised");
    ranges.copy_(found->tensor);
    return {};
}

Result<ledger::Bytes> Session::model()
{
    const auto now = weights_.copy();
    if (best_.empty()) snap();
    if (!best_.empty())
        if (auto done = weights_.put(best_); !done) return done.error();
    const bool are_numbers = weights_.are_finite();
    auto file = model_.file();
    if (auto done = weights_.put(now); !done) return done.error();
    if (!are_numbers) return ledger::invalid("the trained tensors hold numbers that are none");
    return file;
}

std::chrono::steady_clock::duration Session::waited() const
{
    return reading_ ? reading_->waited() : std::chrono::steady_clock::duration{};
}

}  // namespace training
