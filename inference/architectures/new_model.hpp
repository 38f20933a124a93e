#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Writes ONNX models that nobody has trained yet: operator set 17, format version 8, FP32. The
/// first size of every input and output is the batch and left open.
namespace inference {

enum class Architecture {
    mlp,          ///< dense layers with ReLU
    logistic,     ///< one dense layer
    autoencoder,  ///< dense layers down to the last of `layers` and back
    cnn,          ///< convolutions with ReLU, each followed by pooling, then dense layers
    dscnn,        ///< depthwise separable convolutions: Zhang et al., "Hello Edge", 2017
    transformer,  ///< an encoder of sequences: Vaswani et al., 2017, normalised before each part
};

/// "mlp", "logistic" and so on; empty for every other name.
std::optional<Architecture> architecture_named(std::string_view name);

struct NewModelOptions {
    Architecture architecture = Architecture::mlp;
    /// Of one sample, without the batch. mlp, logistic and autoencoder take any; cnn and dscnn
    /// [C,H,W] or [C,T]; transformer [T,F].
    std::vector<std::int64_t> input;
    /// Classes or numbers; an autoencoder gives back its input.
    std::int64_t outputs = 10;
    /// Adds "probabilities": Softmax of the logits, Sigmoid where there is one output.
    bool probabilities = false;
    /// Sizes of dense layers: for mlp 128 where left out, for an autoencoder 128 and 32, for cnn
    /// none between the convolutions and the output.
    std::vector<std::int64_t> layers;
    /// Of each convolution: for cnn 16 and 32 where left out, for dscnn 64 five times.
    std::vector<std::int64_t> channels;
    std::int64_t kernel = 3;  ///< side of a convolution, odd
    /// After each convolution; dscnn has it always.
    bool batch_normalisation = false;
    std::int64_t width = 64;  ///< of a transformer
    std::int64_t heads = 4;   ///< divide the width
    std::int64_t blocks = 2;
    /// What the first weights follow from: the same seed gives the same model, on every machine.
    std::uint64_t seed = 0;
    std::string input_name = "input";
};

struct NewModelLimits {
    std::int64_t parameters = 60'000'000;  ///< what a file that is taken may hold
    std::size_t layers = 256;
};

/// The model file. Outputs: "logits" [n,outputs] first, which is what training takes, and
/// "probabilities" where asked for; of an autoencoder "reconstruction", as the input, and "error"
/// [n], the mean of the squared differences.
///
/// Weights are uniform: within sqrt(6 / inputs) before a ReLU (He et al., 2015), within sqrt(6 /
/// (inputs + outputs)) elsewhere (Glorot and Bengio, 2010); biases are 0. Dense weights are
/// [outputs,inputs], as "fc1.weight".
/// `invalid` says which option does not fit, `full` which limit is reached.
ledger::Result<ledger::Bytes> write_new_model(const NewModelOptions& options,
                                              const NewModelLimits& limits = {});

}  // namespace inference
