#pragma once

#include "demo/glyphs.hpp"

#include <string>

namespace demo {

/// `count` digits, each as often as the others, as the pair of IDX files that MNIST is published
/// in: FOLDER/PREFIX-images-idx3-ubyte, where 255 is ink, and FOLDER/PREFIX-labels-idx1-ubyte.
/// False where a file cannot be written.
bool write_idx(const std::string& folder, const std::string& prefix, std::size_t count,
               Random& random);

}  // namespace demo
