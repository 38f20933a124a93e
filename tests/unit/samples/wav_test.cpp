#include "samples/wav.hpp"

#include "tests/unit/samples/files.hpp"

#include <cmath>

namespace samples {
namespace {

std::vector<float> mono(const ledger::Bytes& file, std::size_t frames, std::size_t first = 0)
{
    const auto read = read_wav(file);
    EXPECT_TRUE(read) << (read ? "" : read.error().detail);
    std::vector<float> values(frames, 9);
    if (read) put_mono(*read, first, values);
    return values;
}

TEST(Wav, OfEveryWidthIsReadFromMinusOneToOne)
{
    using Floats = std::vector<float>;
    EXPECT_EQ(mono(wav({0, 128, 192}, {.bits = 8}), 3), (Floats{-1, 0, 0.5F}));
    EXPECT_EQ(mono(wav(little<std::int16_t>({-32768, 16384})), 2), (Floats{-1, 0.5F}));
    EXPECT_EQ(mono(wav({0, 0, 0x80, 0, 0, 0x40}, {.bits = 24}), 2), (Floats{-1, 0.5F}));
    EXPECT_EQ(mono(wav(little<std::int32_t>({INT32_MIN, 1 << 30}), {.bits = 32}), 2),
              (Floats{-1, 0.5F}));
    EXPECT_EQ(mono(wav(little<float>({0.25F, NAN, 1.5F}), {.tag = 3, .bits = 32}), 3),
              (Floats{0.25F, 0, 1.5F}));
}

TEST(Wav, IsMixedAndFollowedBySilence)
{
    const auto file = wav(little<std::int16_t>({16384, 0, -16384, -16384}), {.channels = 2});
    EXPECT_EQ(mono(file, 3), (std::vector<float>{0.25F, -0.5F, 0}));
    EXPECT_EQ(mono(file, 2, 1), (std::vector<float>{-0.5F, 0}));
    EXPECT_EQ(mono(file, 1, 100), (std::vector<float>{0}));
}

TEST(Wav, MayHaveOtherChunksAndTheLongForm)
{
    auto file = bytes_of("RIFF....WAVEJUNK");
    const auto add = [&](const auto& bytes) { ledger::append(file, bytes); };
    add(little<std::uint32_t>({3}));
    add(bytes_of("abc"));
    add(ledger::Bytes{0});
    add(bytes_of("fmt "));
    add(little<std::uint32_t>({40}));
    add(little<std::uint16_t>({0xfffe, 1}));
    add(little<std::uint32_t>({8'000, 16'000}));
    add(little<std::uint16_t>({2, 16, 22, 16}));
    add(little<std::uint32_t>({4}));
    add(little<std::uint16_t>({1}));
    add(ledger::Bytes(14));
    add(bytes_of("data"));
    add(little<std::uint32_t>({2}));
    add(little<std::int16_t>({16384}));
    EXPECT_EQ(mono(file, 1), (std::vector<float>{0.5F}));
    EXPECT_EQ(read_wav(file)->rate, 8'000u);
}

TEST(Wav, IsRefusedWhereItIsDamaged)
{
    const auto whole = wav(little<std::int16_t>({1, 2}));
    ASSERT_TRUE(read_wav(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_wav(ledger::ByteView{whole}.first(size))) << size;
    const auto why = [](const WavFormat& format, std::size_t bytes) {
        const auto read = read_wav(wav(ledger::Bytes(bytes), format));
        return read ? std::string{} : read.error().detail;
    };
    EXPECT_EQ(why({.tag = 2}, 2),
              "the recording cannot be read: its encoding 2 is neither PCM nor floats");
    EXPECT_EQ(why({.bits = 12}, 2),
              "the recording cannot be read: numbers of 12 bits are not read");
    EXPECT_EQ(why({.tag = 3, .bits = 16}, 2),
              "the recording cannot be read: numbers of 16 bits are not read");
    EXPECT_EQ(why({.channels = 9}, 18),
              "the recording cannot be read: it has 9 channels, 1 to 8 are read");
    EXPECT_EQ(why({.channels = 0}, 2),
              "the recording cannot be read: it has 0 channels, 1 to 8 are read");
    EXPECT_EQ(why({.rate = 0}, 2), "the recording cannot be read: its rate is 0");
    EXPECT_EQ(why({}, 3), "the recording cannot be read: its last frame is cut off");
}

}  // namespace
}  // namespace samples
