#include "demo/write_idx.hpp"

#include <fstream>

namespace demo {
namespace {

void put(std::string& to, std::uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<char>(number >> shift));
}

bool write(const std::string& path, const std::string& bytes)
{
    std::ofstream file{path, std::ios::binary};
    file << bytes;
    file.close();
    return static_cast<bool>(file);
}

}  // namespace

bool write_idx(const std::string& folder, const std::string& prefix, std::size_t count,
               Random& random)
{
    constexpr std::uint32_t unsigned_bytes = 0x0800;
    std::string images;
    std::string labels;
    put(images, unsigned_bytes | 3);
    put(images, static_cast<std::uint32_t>(count));
    put(images, image_side);
    put(images, image_side);
    put(labels, unsigned_bytes | 1);
    put(labels, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        const auto digit = static_cast<int>(i % 10);
        for (const auto grey : draw_digit(digit, random))
            images.push_back(static_cast<char>(static_cast<unsigned char>(grey * 255 + 0.5F)));
        labels.push_back(static_cast<char>(digit));
    }
    const auto base = folder + "/" + prefix;
    return write(base + "-images-idx3-ubyte", images) && write(base + "-labels-idx1-ubyte", labels);
}

}  // namespace demo
