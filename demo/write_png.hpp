#pragma once

#include "demo/glyphs.hpp"

#include <string>

namespace demo {

/// Writes the image as grey PNG of 8 bits, 0 (black) is paper and 255 is ink, so that a pixel
/// divided by 255 is what the model takes. False when the file cannot be written.
bool write_png(const Image& image, const std::string& path);

}  // namespace demo
