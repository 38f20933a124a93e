#pragma once

#include "samples/numbers.hpp"
#include "samples/shapes.hpp"

#include "ledger/base/bytes.hpp"

/// Files that are one array. Nothing is copied: what is said of the data holds for the file that
/// was read.
namespace samples {

struct ArrayFile {
    inference::DataType type = inference::DataType::FP32;
    ByteOrder order = ByteOrder::little;
    Shape shape;
    std::size_t data = 0;  ///< where it begins; from there to the end, it is all of the array
};

bool looks_like_npy(ledger::ByteView file);
/// npy, versions 1 to 3: numbers, little-endian, C order, at most 8 dimensions. `invalid`.
ledger::Result<ArrayFile> read_npy(ledger::ByteView file);

bool looks_like_idx(ledger::ByteView file);
/// The format of the MNIST files: two zero bytes, the type, the number of sizes (1 to 8), the
/// sizes, the numbers, all most significant byte first. `invalid`.
ledger::Result<ArrayFile> read_idx(ledger::ByteView file);

}  // namespace samples
