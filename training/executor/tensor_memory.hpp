#pragma once

#include <cstdint>

namespace training {

/// Bounds what all tensors of this process may hold at any moment. A model is data, but a node of
/// a few bytes can ask for a tensor of any size: what does not fit is refused before memory is
/// taken for it, by an OperatorError. Any thread; the last call counts.
void limit_tensor_memory(std::uint64_t bytes);

/// What tensors hold now, since the first call of the above.
std::uint64_t tensor_memory_held();

}  // namespace training
