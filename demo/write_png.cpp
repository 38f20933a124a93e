#include "demo/write_png.hpp"

#include <png.h>

#include <vector>

namespace demo {

bool write_png(const Image& image, const std::string& path)
{
    std::vector<png_byte> pixels;
    for (const auto grey : image) pixels.push_back(static_cast<png_byte>(grey * 255 + 0.5F));
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = image_side;
    png.height = image_side;
    png.format = PNG_FORMAT_GRAY;
    return png_image_write_to_file(&png, path.c_str(), 0, pixels.data(), 0, nullptr) != 0;
}

}  // namespace demo
