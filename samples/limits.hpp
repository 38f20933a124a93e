#pragma once

#include <cstddef>
#include <cstdint>

namespace samples {

/// What files of samples may cost. Each is checked before memory is taken for what it bounds.
struct Limits {
    std::size_t items = 4'000'000;            ///< files of a folder, or of a stream
    std::uint64_t item_bytes = 64u << 20;     ///< one picture, one recording
    std::uint64_t file_bytes = 4ull << 30;    ///< one file that is held whole: IDX, npy
    std::uint64_t table_bytes = 4ull << 30;   ///< the numbers of a CSV file, in the model's type
    std::uint64_t stream_bytes = 8ull << 30;  ///< all items of a stream together, with their names
    std::size_t samples = 64'000'000;
    std::size_t classes = 65'536;
    std::size_t slices = 65'536;
    std::size_t name_bytes = 1024;     ///< of a class, a slice or a column
    std::size_t columns = 65'536;      ///< of a CSV file
    std::size_t row_bytes = 4u << 20;  ///< of a CSV file
    std::size_t dimensions = 8;
    std::uint64_t sample_elements = 64u << 20;  ///< one sample, or one of its targets
    std::size_t pixels = 64u << 20;
};

}  // namespace samples
