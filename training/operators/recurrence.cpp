#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <functional>

namespace training::families {
namespace {

using Activation = std::function<at::Tensor(const at::Tensor&)>;

/// What RNN, GRU and LSTM have in common, for one direction.
struct Direction {
    at::Tensor input_weights;   ///< [gates * hidden, input]
    at::Tensor hidden_weights;  ///< [gates * hidden, hidden]
    at::Tensor input_bias;      ///< [gates * hidden]
    at::Tensor hidden_bias;
    at::Tensor peepholes;  ///< undefined, or [3 * hidden]
    at::Tensor hidden;     ///< [batch, hidden], at the beginning
    at::Tensor cell;
    std::vector<Activation> activations;
    double clip = 0;  ///< 0: none
};

struct Step {
    at::Tensor hidden;
    at::Tensor cell;
};

/// One step: what the input of this step gives times its weights, and the state before.
using Advance = Step (*)(const Call&, const Direction&, const at::Tensor& projected, const Step&);

Activation activation_named(std::string name, double alpha, double beta, bool has_alpha,
                            bool has_beta)
{
    for (auto& letter : name)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    if (name == "sigmoid") return [](const auto& x) { return at::sigmoid(x); };
    if (name == "tanh") return [](const auto& x) { return at::tanh(x); };
    if (name == "relu") return [](const auto& x) { return at::relu(x); };
    if (name == "affine")
        return
            [=](const auto& x) { return x * (has_alpha ? alpha : 1.0) + (has_beta ? beta : 0.0); };
    if (name == "leakyrelu")
        return [=](const auto& x) { return at::leaky_relu(x, has_alpha ? alpha : 0.01); };
    if (name == "thresholdedrelu")
        return [=](const auto& x) { return at::threshold(x, has_alpha ? alpha : 1.0, 0); };
    if (name == "scaledtanh") return [=](const auto& x) { return at::tanh(x * beta) * alpha; };
    if (name == "hardsigmoid")
        return [=](const auto& x) { return at::clamp(x * alpha + beta, 0, 1); };
    if (name == "elu") return [=](const auto& x) { return at::elu(x, has_alpha ? alpha : 1.0); };
    if (name == "softsign") return [](const auto& x) { return x / (1 + x.abs()); };
    if (name == "softplus") return [](const auto& x) { return at::softplus(x, 1, 40); };
    unsupported("the activation " + name);
}

// `usual` for each direction where the model names none.
std::vector<Activation> activations_of(const Call& call, const std::vector<std::string>& usual,
                                       std::size_t direction)
{
    auto names = call.texts("activations");
    const auto alphas = call.numbers("activation_alpha");
    const auto betas = call.numbers("activation_beta");
    const auto count = usual.size();
    if (names.empty())
        for (int each = 0; each < 2; ++each) names.insert(names.end(), usual.begin(), usual.end());
    require(names.size() >= (direction + 1) * count, "too few activations");
    std::vector<Activation> found;
    for (auto i = direction * count; i < (direction + 1) * count; ++i) {
        const bool has_alpha = i < alphas.size(), has_beta = i < betas.size();
        found.push_back(activation_named(names[i], has_alpha ? static_cast<double>(alphas[i]) : 0.2,
                                         has_beta ? static_cast<double>(betas[i]) : 0.5, has_alpha,
                                         has_beta));
    }
    return found;
}

at::Tensor clipped(const Direction& with, const at::Tensor& x)
{
    return with.clip > 0 ? at::clamp(x, -with.clip, with.clip) : x;
}

at::Tensor times_hidden(const Direction& with, const at::Tensor& hidden)
{
    return at::addmm(with.hidden_bias, hidden, with.hidden_weights.t());
}

Step advance_rnn(const Call&, const Direction& with, const at::Tensor& projected,
                 const Step& before)
{
    const auto sum = clipped(with, projected + times_hidden(with, before.hidden));
    return {with.activations[0](sum), {}};
}

Step advance_gru(const Call& call, const Direction& with, const at::Tensor& projected,
                 const Step& before)
{
    const auto& h = before.hidden;
    const auto size = h.size(1);
    const auto x = projected.split(size, 1);
    const auto gates = times_hidden(with, h).split(size, 1);
    const auto update = with.activations[0](clipped(with, x[0] + gates[0]));
    const auto reset = with.activations[0](clipped(with, x[1] + gates[1]));
    const auto inner = call.integer("linear_before_reset", 0) != 0
                           ? reset * gates[2]
                           : at::addmm(with.hidden_bias.narrow(0, 2 * size, size), reset * h,
                                       with.hidden_weights.narrow(0, 2 * size, size).t());
    const auto candidate = with.activations[1](clipped(with, x[2] + inner));
    return {(1 - update) * candidate + update * h, {}};
}

Step advance_lstm(const Call& call, const Direction& with, const at::Tensor& projected,
                  const Step& before)
{
    const auto size = before.hidden.size(1);
    const auto sums = (projected + times_hidden(with, before.hidden)).split(size, 1);
    const auto peep = [&](std::int64_t gate, const at::Tensor& sum, const at::Tensor& cell) {
        if (!with.peepholes.defined()) return sum;
        return sum + with.peepholes.narrow(0, gate * size, size) * cell;
    };
    const auto& gate = with.activations[0];
    const auto input = gate(clipped(with, peep(0, sums[0], before.cell)));
    const auto forget = call.integer("input_forget", 0) != 0
                            ? 1 - input
                            : gate(clipped(with, peep(2, sums[2], before.cell)));
    const auto candidate = with.activations[1](clipped(with, sums[3]));
    const auto cell = forget * before.cell + input * candidate;
    const auto output = gate(clipped(with, peep(1, sums[1], cell)));
    return {output * with.activations[2](cell), cell};
}

/// All steps of one direction: the hidden states [steps, batch, hidden] and the last state.
struct Walk {
    at::Tensor states;
    Step last;
};

Walk walked(const Call& call, const at::Tensor& x, const Direction& with, const at::Tensor& lengths,
            bool backward, Advance advance)
{
    const auto steps = x.size(0);
    const auto projected = at::matmul(x, with.input_weights.t()) + with.input_bias;
    std::vector<at::Tensor> states(static_cast<std::size_t>(steps));
    Step now{with.hidden, with.cell};
    for (std::int64_t i = 0; i < steps; ++i) {
        const auto t = backward ? steps - 1 - i : i;
        auto next = advance(call, with, projected.select(0, t), now);
        auto shown = next.hidden;
        if (lengths.defined()) {
            // A sequence that is over keeps its state and shows zeros.
            const auto runs = at::gt(lengths, t).unsqueeze(1);
            shown = at::where(runs, next.hidden, at::zeros_like(next.hidden));
            next.hidden = at::where(runs, next.hidden, now.hidden);
            if (next.cell.defined()) next.cell = at::where(runs, next.cell, now.cell);
        }
        states[static_cast<std::size_t>(t)] = shown;
        now = next;
    }
    return {at::stack(states, 0), now};
}

struct Kind {
    std::int64_t gates;
    std::vector<std::string> activations;
    Advance advance;
    bool has_cell = false;
};

Direction direction_of(const Call& call, const Kind& kind, std::size_t index, std::int64_t batch,
                       bool batch_first)
{
    const auto at_direction = [&](std::size_t input) {
        return call.in(input).select(batch_first ? 1 : 0, static_cast<std::int64_t>(index));
    };
    Direction with;
    with.input_weights = call.in(1).select(0, static_cast<std::int64_t>(index));
    with.hidden_weights = call.in(2).select(0, static_cast<std::int64_t>(index));
    const auto hidden = with.hidden_weights.size(-1);
    const auto rows = kind.gates * hidden;
    require(hidden >= 1, "a state without numbers");
    require(with.input_weights.dim() == 2 && with.hidden_weights.dim() == 2 &&
                with.input_weights.size(0) == rows && with.hidden_weights.size(0) == rows,
            "the weights do not fit the number of gates");
    const auto zeros = [&](at::IntArrayRef sizes) {
        return at::zeros(sizes, call.in(0).options());
    };
    if (call.has(3)) {
        const auto bias = call.in(3).select(0, static_cast<std::int64_t>(index));
        require(bias.numel() == 2 * rows, "the bias does not fit the number of gates");
        with.input_bias = bias.narrow(0, 0, rows);
        with.hidden_bias = bias.narrow(0, rows, rows);
    } else {
        with.input_bias = with.hidden_bias = zeros({rows});
    }
    with.hidden = call.has(5) ? at_direction(5) : zeros({batch, hidden});
    if (kind.has_cell) {
        with.cell = call.has(6) ? at_direction(6) : zeros({batch, hidden});
        if (call.has(7)) with.peepholes = call.in(7).select(0, static_cast<std::int64_t>(index));
    }
    with.activations = activations_of(call, kind.activations, index);
    with.clip = call.number("clip", 0);
    return with;
}

Outputs recurrent(const Call& call, const Kind& kind)
{
    const bool batch_first = call.integer("layout", 0) != 0;
    require(call.in(0).dim() == 3 && call.in(1).dim() == 3 && call.in(2).dim() == 3,
            "input and weights have three dimensions each");
    const auto x = batch_first ? call.in(0).transpose(0, 1) : call.in(0);
    require(x.size(0) >= 1, "a sequence without steps");
    // The sequences' tensors, not their number alone, are what the bound on memory counts.
    require(x.size(1) >= 1, "a batch without sequences");
    const auto lengths = call.has(4) ? call.in(4).to(at::kLong) : at::Tensor{};
    const auto word = call.text("direction", "forward");
    require(word == "forward" || word == "reverse" || word == "bidirectional", "direction " + word);
    const std::size_t directions = word == "bidirectional" ? 2 : 1;
    require(call.in(1).size(0) == static_cast<std::int64_t>(directions),
            "weights for another number of directions");
    std::vector<at::Tensor> states, hidden, cells;
    for (std::size_t i = 0; i < directions; ++i) {
        const auto with = direction_of(call, kind, i, x.size(1), batch_first);
        const bool backward = i == 1 || word == "reverse";
        const auto walk = walked(call, x, with, lengths, backward, kind.advance);
        states.push_back(walk.states);
        hidden.push_back(walk.last.hidden);
        cells.push_back(walk.last.cell);
    }
    const std::int64_t at = batch_first ? 1 : 0;
    Outputs outputs;
    // [steps, directions, batch, hidden], or [batch, steps, directions, hidden].
    const auto all = at::stack(states, 1);
    outputs.push_back(batch_first ? all.permute({2, 0, 1, 3}) : all);
    outputs.push_back(at::stack(hidden, at));
    if (kind.has_cell) outputs.push_back(at::stack(cells, at));
    return outputs;
}

Outputs rnn(const Call& call)
{
    return recurrent(call, {1, {"Tanh"}, advance_rnn});
}

Outputs gru(const Call& call)
{
    return recurrent(call, {3, {"Sigmoid", "Tanh"}, advance_gru});
}

Outputs lstm(const Call& call)
{
    return recurrent(call, {4, {"Sigmoid", "Tanh", "Tanh"}, advance_lstm, true});
}

const Row rows_of_recurrence[] = {
    {"RNN", 7, 14, Gradient::exact, rnn},
    {"GRU", 7, 14, Gradient::exact, gru},
    {"LSTM", 7, 14, Gradient::exact, lstm},
};

}  // namespace

std::span<const Row> recurrence()
{
    return rows_of_recurrence;
}

}  // namespace training::families
