#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace bench {

/// Of the transformer, in both forms.
struct Sequence {
    static constexpr std::int64_t steps = 32;
    static constexpr std::int64_t width = 64;
    static constexpr std::int64_t heads = 4;
};

/// A model as somebody writes it in C++ on libtorch: the limit that the executor is measured
/// against. Trained with Adam on cross entropy.
class HandWritten {
public:
    virtual ~HandWritten() = default;
    virtual at::Tensor logits(const at::Tensor& input) const = 0;
    virtual std::vector<at::Tensor> parameters() const = 0;
    virtual std::vector<std::int64_t> input_shape() const = 0;
};

/// 784 - 128 - 10, as tests/support/tiny_models has it.
std::unique_ptr<HandWritten> hand_written_mlp();
/// Two convolutions with pooling and a dense layer, as the same has it.
std::unique_ptr<HandWritten> hand_written_cnn();
/// Two encoder layers of four heads on [32,64] sequences, and a mean, as transformer_model has it.
std::unique_ptr<HandWritten> hand_written_transformer();

}  // namespace bench
