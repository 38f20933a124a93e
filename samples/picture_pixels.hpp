#pragma once

#include "samples/normalise.hpp"
#include "samples/picture.hpp"

#include <span>

namespace samples {

/// Whether an input of that type takes pictures: FP32 and FP64 from 0 to 1, UINT8 from 0 to 255.
bool takes_pictures(inference::DataType type);

/// Writes a picture as a tensor has it, its channels apart or together. `to` has exactly its bytes.
void put_picture(const Picture& picture, bool channels_last, inference::DataType type,
                 const Normaliser& normalise, std::span<std::uint8_t> to);

}  // namespace samples
