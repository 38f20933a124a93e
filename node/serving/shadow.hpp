#pragma once

#include "inference/model/tensor.hpp"
#include "node/http/metrics.hpp"
#include "node/serving/catalog.hpp"

#include <span>

namespace node {

/// Whether two versions gave the same: names, types, shapes and data, where FP32 and FP64 may
/// differ by `tolerance`. NaN equals NaN.
bool same_answers(std::span<const inference::Tensor> one, std::span<const inference::Tensor> other,
                  double tolerance);

/// A call that was answered, to be repeated on the model's shadow.
struct AnsweredCall {
    std::vector<inference::Tensor> inputs;
    std::vector<std::string> output_names;
    std::vector<inference::Tensor> outputs;
};

/// Whether the next call is one that the shadow gets a copy of; none that it answered itself.
bool is_shadowed(const ServedModel&, const ServedVersion& answered);

/// Hands the call to the shadow and returns at once. What comes of it is counted and nothing else
/// is done with it. Dropped while two of the model's are under way, or others wait for the shadow.
void send_to_shadow(const ServedModel&, AnsweredCall,
                    std::chrono::steady_clock::time_point deadline, Metrics&);

}  // namespace node
