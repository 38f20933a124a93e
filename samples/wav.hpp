#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <span>

namespace samples {

/// A recording as its file has it; a view into the file. WAV: RIFF with "fmt " and "data", integers
/// little-endian.
struct Recording {
    std::uint32_t rate = 0;  ///< frames a second
    std::size_t channels = 1;
    std::size_t bits = 16;  ///< of one number: 8, 16, 24 or 32
    bool is_float = false;
    std::size_t frames = 0;
    ledger::ByteView data;
};

bool looks_like_wav(ledger::ByteView file);
/// Takes PCM of 8, 16, 24 or 32 bits and floats of 32, of 1 to 8 channels. `invalid`, also where
/// the file ends before its data.
ledger::Result<Recording> read_wav(ledger::ByteView file);

/// Writes frames from `first` on, -1 to 1, the mean of their channels; silence after the last.
/// Floats that are no finite number are silence.
void put_mono(const Recording& recording, std::size_t first, std::span<float> to);

}  // namespace samples
