#pragma once

#include "training/graph/plan.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace training {

/// Thrown by operators, as libtorch throws from within them; the executor makes a Result of both.
class OperatorError : public std::runtime_error {
public:
    enum class Kind {
        unsupported,  ///< the format allows it and it is not computed here
        invalid,      ///< the model or its inputs break the format's rules
    };
    OperatorError(Kind what, const std::string& why) : std::runtime_error{why}, kind{what} {}
    const Kind kind;
};

[[noreturn]] void unsupported(const std::string& why);
/// Refuses what breaks the rules of an operator.
void require(bool holds, const std::string& why);

using Outputs = std::vector<at::Tensor>;
using Sizes = std::vector<std::int64_t>;

/// Of sizes; refused where it is no 64-bit number, as a tensor without elements may have others of
/// any size.
std::int64_t product_of(at::IntArrayRef sizes);

/// One evaluation of a node.
class Call {
public:
    Call(const Node& node, std::span<const at::Tensor> inputs, at::Tensor carried = {},
         bool learns = false)
        : node_{node}, inputs_{inputs}, carried_{std::move(carried)}, learns_{learns}
    {
    }

    std::int32_t since() const { return node_.since; }
    std::size_t count() const { return inputs_.size(); }
    std::size_t outputs() const { return node_.outputs.size(); }
    /// Whether somebody reads this output.
    bool wants(std::size_t output) const;
    bool has(std::size_t input) const;
    /// Whether the node behaves as in training where that is not as in use: it drops numbers by
    /// chance, or goes by the batch that it sees.
    bool learns() const { return learns_; }
    /// Of an integer tensor that was rounded from a floating one, the same numbers as a floating
    /// tensor that knows its gradient. Undefined where nobody rounded, or nobody asks.
    const at::Tensor& carried() const { return carried_; }
    const at::Tensor& in(std::size_t input) const;
    /// The elements of a small integer tensor: a shape, axes, repeats. At most 1024.
    Sizes integers_in(std::size_t input) const;
    std::int64_t integer_in(std::size_t input) const;
    double number_in(std::size_t input) const;

    bool says(std::string_view attribute) const;
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
    double number(std::string_view attribute, double otherwise) const;
    std::string text(std::string_view attribute, std::string_view otherwise) const;
    Sizes integers(std::string_view attribute) const;
    std::vector<float> numbers(std::string_view attribute) const;
    std::vector<std::string> texts(std::string_view attribute) const;
    const inference::Tensor& tensor(std::string_view attribute) const;

private:
    const Node& node_;
    std::span<const at::Tensor> inputs_;
    at::Tensor carried_;
    bool learns_;
};

/// Counts negative axes from the end; refuses what is not an axis of `rank` dimensions.
std::int64_t axis_of(std::int64_t axis, std::int64_t rank);
Sizes axes_of(Sizes axes, std::int64_t rank);
Sizes sizes_of(const at::Tensor& tensor);

enum class Gradient {
    none,              ///< of integers, booleans, indices; or zero everywhere
    exact,             ///< of floating inputs
    straight_through,  ///< rounding is passed as if it were not there
};

/// The outputs, in order; there may be more than the node names. After the outputs of a rounding
/// operator comes what Call::carried gives to those who read the first one.
using Function = Outputs (*)(const Call&);

/// One operator: the versions of its definition that are computed here, and how.
struct Row {
    std::string_view name;
    std::int32_t first = 1;
    std::int32_t last = 17;
    Gradient gradient = Gradient::exact;
    Function function = nullptr;
    /// What is left out, for people.
    std::string_view limits = {};
    /// Inputs from this one on are settings rather than data: an initializer there is not trained.
    std::size_t settings_from = 64;
    /// Its outputs have the types that it says, also where it is fed halves.
    bool own_types = false;
};

}  // namespace training
