#pragma once

#include "ledger/base/result.hpp"
#include "training/graph/plan.hpp"
#include "training/operators/operator.hpp"

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace training {

struct ExecutionError {
    enum class Kind {
        unsupported,  ///< the format allows it and it is not computed here
        invalid,      ///< the model or its inputs break a rule, or need too much memory
    };
    Kind kind = Kind::invalid;
    std::string detail;
};

enum class Pass {
    use,        ///< as the served model computes
    gradients,  ///< the same, and the outputs know how they came to be
    training,   ///< with gradients; Dropout drops, and batch normalisations told to learn do
};

/// A node that cannot be computed, and why.
struct UnsupportedNode {
    const Node* node;
    std::string reason;
};
std::vector<UnsupportedNode> unsupported_nodes(const Plan& plan);

/// Computes a model on libtorch, with gradients where asked, and keeps its tensors: trained ones
/// are written back into the same skeleton. One thread at a time.
class Executor {
public:
    /// Refuses a plan with a node that cannot be computed.
    static ledger::Result<Executor, ExecutionError> make(Plan plan);

    const Plan& plan() const { return plan_; }

    /// Names of the tensors that training may change: floating numbers of at least one dimension
    /// which some operator with a gradient takes as data. In name order.
    std::vector<std::string> trainable() const;
    /// The initializer of that name, null where there is none. Its values may be changed in place
    /// and gradients asked of it.
    at::Tensor* weight(std::string_view name);

    /// Names of the running means and variances of batch normalisations, in name order.
    std::vector<std::string> statistics() const;
    /// In a training pass, the batch normalisations whose running mean is named here go by the
    /// batch and move their running numbers; all others go by these. At first none learns.
    void learn_statistics(const std::set<std::string, std::less<>>& names);

    /// In a training pass, is given what each node takes before it is computed, by the node's place
    /// in the plan, and may put others there. At first there is none.
    using Change = std::function<void(std::size_t node, std::vector<at::Tensor>& inputs)>;
    void change_inputs(Change change) { change_ = std::move(change); }

    /// `inputs` in the order of Plan::inputs, outputs in that of Plan::outputs. Gradients keep what
    /// is between in memory. Dropout draws from libtorch's own generator: whoever wants the same
    /// again seeds it before.
    ledger::Result<std::vector<at::Tensor>, ExecutionError> run(std::span<const at::Tensor> inputs,
                                                                Pass pass = Pass::use);

    /// The model file with the tensors as they are now; its skeleton is that of the file read.
    ledger::Result<ledger::Bytes> file() const;

private:
    explicit Executor(Plan plan);
    struct Values;
    void compute(std::size_t node, Values& values, Pass pass) const;

    Plan plan_;
    std::vector<const Row*> rows_;     ///< for each node
    std::vector<at::Tensor> weights_;  ///< for each initializer
    std::map<std::string, std::size_t, std::less<>> names_;
    std::vector<bool> learns_;  ///< for each node, in a training pass
    Change change_;
};

}  // namespace training
