#pragma once

#include "inference/model/tensor.hpp"
#include "ledger/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

/// Turns files that people have into the tensors that a model takes.
namespace wallet {

struct InputOptions {
    std::string name;     ///< which input; empty: the model's only one
    bool invert = false;  ///< pictures: 1 - value, for dark ink on white paper
};

/// The kind is told from the first bytes.
///
/// PNG, JPEG: scaled to the input's shape by area means, grey or RGB as it has one or three
/// channels. Shapes [N,C,H,W], [N,H,W,C], [C,H,W], [H,W,C], [N,H,W] and [N,S*S] (grey, S by S) are
/// understood; N becomes 1, and an H or W left open takes the picture's. Floats are 0 to 1, UINT8
/// is 0 to 255.
/// npy (versions 1 to 3): little-endian, C order, of a shape that `shape_for` knows. Numbers stay
/// what they are, they are never scaled: pixels of 0 to 255 are not what a picture would give for
/// a model of floats. Integers become the input's type where it can hold each of them exactly,
/// halves become floats, and float64 becomes FP32 by rounding.
/// JSON: the body of an inference request, which says its shapes, {"INPUT": [...], ...}, or the
/// array of the only input; arrays are fitted and their numbers taken as in npy.
ledger::Result<std::vector<inference::Tensor>> tensors_from(ledger::ByteView file,
                                                            const inference::ModelIo& io,
                                                            const InputOptions& options = {});

/// One picture as one tensor.
ledger::Result<inference::Tensor> tensor_from_picture(ledger::ByteView file,
                                                      const inference::TensorSpec& spec,
                                                      bool invert = false);
ledger::Result<inference::Tensor> tensor_from_npy(ledger::ByteView file,
                                                  const inference::TensorSpec& spec);

}  // namespace wallet
