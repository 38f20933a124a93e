#include "samples/wav.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace samples {
namespace {

using ledger::ByteView;
using ledger::Result;

ledger::Error wrong_wav(const std::string& what)
{
    return ledger::invalid("the recording cannot be read: " + what);
}

std::uint32_t little(ByteView from, std::size_t at, std::size_t bytes)
{
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | from[at + i];
    return value;
}

bool is_named(ByteView chunk, const char* name)
{
    return std::memcmp(chunk.data(), name, 4) == 0;
}

constexpr std::uint32_t pcm = 1;
constexpr std::uint32_t floats = 3;
constexpr std::uint32_t extensible = 0xfffe;

Result<Recording> format_of(ByteView chunk)
{
    if (chunk.size() < 16) return wrong_wav("its format is cut off");
    auto tag = little(chunk, 0, 2);
    // The first two bytes of the long form's identifier say what the tag of the short one says.
    if (tag == extensible && chunk.size() >= 26) tag = little(chunk, 24, 2);
    Recording made;
    made.channels = little(chunk, 2, 2);
    made.rate = little(chunk, 4, 4);
    made.bits = little(chunk, 14, 2);
    made.is_float = tag == floats;
    if (tag != pcm && tag != floats)
        return wrong_wav("its encoding " + std::to_string(tag) + " is neither PCM nor floats");
    const bool known =
        made.is_float ? made.bits == 32
                      : made.bits == 8 || made.bits == 16 || made.bits == 24 || made.bits == 32;
    if (!known) return wrong_wav("numbers of " + std::to_string(made.bits) + " bits are not read");
    if (made.channels == 0 || made.channels > 8)
        return wrong_wav("it has " + std::to_string(made.channels) + " channels, 1 to 8 are read");
    if (made.rate == 0) return wrong_wav("its rate is 0");
    if (little(chunk, 12, 2) != made.channels * made.bits / 8)
        return wrong_wav("its frames have another size than its channels");
    return made;
}

double value_at(ByteView data, std::size_t at, const Recording& recording)
{
    switch (recording.bits) {
        case 8:  // the only one without a sign
            return (static_cast<double>(data[at]) - 128) / 128;
        case 16:
            return static_cast<double>(static_cast<std::int16_t>(little(data, at, 2))) / 0x1p15;
        case 24:
            return static_cast<double>(static_cast<std::int32_t>(little(data, at, 3) << 8)) /
                   0x1p31;
        default:
            break;
    }
    const auto bits = little(data, at, 4);
    if (!recording.is_float) return static_cast<double>(static_cast<std::int32_t>(bits)) / 0x1p31;
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return std::isfinite(value) ? static_cast<double>(value) : 0;
}

}  // namespace

bool looks_like_wav(ByteView file)
{
    return file.size() >= 12 && is_named(file, "RIFF") && is_named(file.subspan(8), "WAVE");
}

Result<Recording> read_wav(ByteView file)
{
    if (!looks_like_wav(file)) return wrong_wav("it does not begin as WAV");
    Recording made;
    bool is_known = false;
    auto rest = file.subspan(12);
    while (rest.size() >= 8) {
        const std::size_t size = little(rest, 4, 4);
        const auto name = rest.first(4);
        rest = rest.subspan(8);
        if (size > rest.size()) return wrong_wav("it ends before its data");
        const auto chunk = rest.first(size);
        if (is_named(name, "fmt ")) {
            auto format = format_of(chunk);
            if (!format) return format.error();
            made = *format;
            is_known = true;
        } else if (is_named(name, "data")) {
            if (!is_known) return wrong_wav("its data come before their format");
            const auto frame = made.channels * made.bits / 8;
            if (size % frame != 0) return wrong_wav("its last frame is cut off");
            made.frames = size / frame;
            made.data = chunk;
            return made;
        }
        // Chunks begin at even places.
        rest = rest.subspan(std::min(size + size % 2, rest.size()));
    }
    return wrong_wav("it has no data");
}

void put_mono(const Recording& recording, std::size_t first, std::span<float> to)
{
    const auto step = recording.bits / 8;
    for (std::size_t i = 0; i < to.size(); ++i) {
        double sum = 0;
        if (first < recording.frames && i < recording.frames - first)
            for (std::size_t channel = 0; channel < recording.channels; ++channel)
                sum += value_at(recording.data, ((first + i) * recording.channels + channel) * step,
                                recording);
        to[i] = static_cast<float>(sum / static_cast<double>(recording.channels));
    }
}

}  // namespace samples
