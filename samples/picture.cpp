#include "samples/picture.hpp"

#include <cstdio>  // before jpeglib.h, which wants FILE

#include <jpeglib.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstring>

namespace samples {
namespace {

using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Error broken(const std::string& what)
{
    return {ErrorKind::invalid, "the picture cannot be read: " + what};
}

Error too_large()
{
    return {ErrorKind::full, "the picture is larger than we take"};
}

Picture from_bytes(std::size_t width, std::size_t height, std::size_t channels,
                   const std::vector<std::uint8_t>& bytes)
{
    Picture picture{width, height, channels, std::vector<float>(bytes.size())};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        picture.values[i] = static_cast<float>(bytes[i]) / 255.0F;
    return picture;
}

Result<Picture> read_png(ByteView file, std::size_t channels, const PictureLimits& limits)
{
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&png, file.data(), file.size()) == 0)
        return broken(png.message);
    if (png.height == 0 || png.width > limits.pixels / png.height) {
        png_image_free(&png);
        return too_large();
    }
    png.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(png));
    const png_color black{};
    if (png_image_finish_read(&png, &black, bytes.data(), 0, nullptr) == 0) {
        const std::string why = png.message;
        png_image_free(&png);
        return broken(why);
    }
    return from_bytes(png.width, png.height, channels, bytes);
}

/// libjpeg reports errors by a call that must not return.
struct JpegErrors {
    jpeg_error_mgr base;
    std::jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

void jpeg_failed(j_common_ptr info)
{
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}

void jpeg_quiet(j_common_ptr, int) {}

/// A progressive file may have any number of scans, each a pass over all of the picture.
void jpeg_counts_scans(j_common_ptr info)
{
    constexpr int most_scans = 100;
    auto* read = reinterpret_cast<j_decompress_ptr>(info);
    if (read->input_scan_number <= most_scans) return;
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    std::strcpy(errors->message, "it has more than 100 scans");
    std::longjmp(errors->escape, 1);
}

/// What has to be released survives here when libjpeg jumps out: nothing with a destructor lives
/// in the function that it jumps over.
struct JpegRead {
    jpeg_decompress_struct info;
    JpegErrors errors;
    jpeg_progress_mgr progress;
    std::vector<std::uint8_t> bytes;
    std::size_t width = 0;
    std::size_t height = 0;
    bool large = false;
};

bool decode_jpeg(JpegRead& read, ByteView file, std::size_t channels, std::size_t most_pixels)
{
    auto& info = read.info;
    info.err = jpeg_std_error(&read.errors.base);
    read.errors.base.error_exit = jpeg_failed;
    read.errors.base.emit_message = jpeg_quiet;
    jpeg_create_decompress(&info);
    if (setjmp(read.errors.escape) != 0) {
        jpeg_destroy_decompress(&info);
        return false;
    }
    read.progress.progress_monitor = jpeg_counts_scans;
    info.progress = &read.progress;
    jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
    jpeg_read_header(&info, TRUE);
    info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    if (info.image_height == 0 || info.image_width > most_pixels / info.image_height) {
        read.large = true;
        jpeg_destroy_decompress(&info);
        return false;
    }
    jpeg_start_decompress(&info);
    read.width = info.output_width;
    read.height = info.output_height;
    read.bytes.resize(read.width * read.height * channels);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = read.bytes.data() + info.output_scanline * read.width * channels;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return true;
}

Result<Picture> read_jpeg(ByteView file, std::size_t channels, const PictureLimits& limits)
{
    JpegRead read{};
    if (!decode_jpeg(read, file, channels, limits.pixels)) {
        if (read.large) return too_large();
        return broken(read.errors.message);
    }
    return from_bytes(read.width, read.height, channels, read.bytes);
}

/// What one new pixel takes from the old ones along one side.
struct Span {
    std::size_t first = 0;
    std::vector<double> weights;
};

std::vector<Span> spans(std::size_t from, std::size_t to)
{
    std::vector<Span> all(to);
    const auto step = static_cast<double>(from) / static_cast<double>(to);
    for (std::size_t i = 0; i < to; ++i) {
        const auto begin = static_cast<double>(i) * step;
        const auto end = std::min(begin + step, static_cast<double>(from));
        auto& span = all[i];
        span.first = std::min(static_cast<std::size_t>(begin), from - 1);
        for (auto at = span.first; at < from && static_cast<double>(at) < end; ++at) {
            const auto covered = std::min(end, static_cast<double>(at + 1)) -
                                 std::max(begin, static_cast<double>(at));
            span.weights.push_back(covered / (end - begin));
        }
    }
    return all;
}

}  // namespace

bool looks_like_png(ByteView file)
{
    constexpr std::uint8_t mark[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    return file.size() >= sizeof mark && std::memcmp(file.data(), mark, sizeof mark) == 0;
}

bool looks_like_jpeg(ByteView file)
{
    return file.size() >= 3 && file[0] == 0xff && file[1] == 0xd8 && file[2] == 0xff;
}

Result<Picture> read_picture(ByteView file, std::size_t channels, const PictureLimits& limits)
{
    if (file.size() > limits.file_bytes) return too_large();
    if (channels != 1 && channels != 3) return broken("a picture has 1 or 3 channels");
    if (looks_like_png(file)) return read_png(file, channels, limits);
    if (looks_like_jpeg(file)) return read_jpeg(file, channels, limits);
    return broken("it is neither PNG nor JPEG");
}

Picture scaled(const Picture& from, std::size_t width, std::size_t height)
{
    if (width == from.width && height == from.height) return from;
    Picture to{width, height, from.channels, std::vector<float>(width * height * from.channels)};
    const auto columns = spans(from.width, width);
    const auto rows = spans(from.height, height);
    for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x)
            for (std::size_t c = 0; c < from.channels; ++c) {
                double sum = 0;
                for (std::size_t j = 0; j < rows[y].weights.size(); ++j)
                    for (std::size_t i = 0; i < columns[x].weights.size(); ++i) {
                        const auto at = ((rows[y].first + j) * from.width + columns[x].first + i) *
                                            from.channels +
                                        c;
                        sum += rows[y].weights[j] * columns[x].weights[i] *
                               static_cast<double>(from.values[at]);
                    }
                to.values[(y * width + x) * from.channels + c] = static_cast<float>(sum);
            }
    return to;
}

}  // namespace samples
