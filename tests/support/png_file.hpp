#pragma once

#include "ledger/base/bytes.hpp"

#include <png.h>

#include <vector>

namespace samples {

/// A PNG of these pixels, row by row, in one of libpng's simple formats.
inline ledger::Bytes png(unsigned width, unsigned height, const std::vector<std::uint8_t>& pixels,
                         unsigned format = PNG_FORMAT_GRAY)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = format;
    png_alloc_size_t size = 0;
    png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
    ledger::Bytes file(size);
    png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr);
    file.resize(size);
    return file;
}

}  // namespace samples
