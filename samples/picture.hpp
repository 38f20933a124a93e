#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <vector>

/// Pictures as numbers: PNG by libpng, JPEG by libjpeg. Files of strangers: bounded before memory
/// is taken, and a broken one is an error.
namespace samples {

/// Rows from the top, each pixel's channels together; 0 is black and 1 is full. Values are the
/// file's own (sRGB), not linear light.
struct Picture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::size_t channels = 1;  ///< 1 grey, 3 red green blue
    std::vector<float> values;
};

struct PictureLimits {
    std::size_t file_bytes = 64 << 20;
    std::size_t pixels = 64 << 20;
};

bool looks_like_png(ledger::ByteView file);
bool looks_like_jpeg(ledger::ByteView file);

/// Reads either kind with as many channels as asked, 1 or 3. Transparent parts are laid over black.
ledger::Result<Picture> read_picture(ledger::ByteView file, std::size_t channels,
                                     const PictureLimits& limits = {});

/// The picture in another size: each new pixel is the mean of the area it covers, so that thin
/// strokes survive shrinking. Sides are at least 1.
Picture scaled(const Picture& from, std::size_t width, std::size_t height);

}  // namespace samples
