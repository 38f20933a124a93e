#include "samples/picture_pixels.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace samples {

using inference::DataType;

bool takes_pictures(DataType type)
{
    return type == DataType::FP32 || type == DataType::FP64 || type == DataType::UINT8;
}

void put_picture(const Picture& picture, bool channels_last, DataType type,
                 const Normaliser& normalise, std::span<std::uint8_t> to)
{
    const auto pixels = picture.width * picture.height;
    for (std::size_t i = 0; i < pixels * picture.channels; ++i) {
        const auto from = channels_last ? i : i % pixels * picture.channels + i / pixels;
        const auto value = normalise(static_cast<double>(picture.values[from]), i);
        if (type == DataType::UINT8) {
            to[i] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
        } else if (type == DataType::FP32) {
            const auto narrow = static_cast<float>(value);
            std::memcpy(to.data() + 4 * i, &narrow, 4);
        } else {
            std::memcpy(to.data() + 8 * i, &value, 8);
        }
    }
}

}  // namespace samples
