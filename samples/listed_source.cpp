#include "samples/listed_source.hpp"

#include "ledger/base/ensure.hpp"
#include "samples/numbers.hpp"
#include "samples/picture_pixels.hpp"
#include "samples/wav.hpp"

#include <algorithm>
#include <cmath>

namespace samples {
namespace {

using inference::DataType;
using inference::TensorSpec;
using ledger::Bytes;
using ledger::Error;
using ledger::invalid;
using ledger::Result;

class ListedSource : public Source {
public:
    ListedSource(ListedFiles files, TensorSpec input)
        : files_{std::move(files)}, inputs_{std::move(input)}
    {
    }

    std::size_t size() const final { return files_.listing.items.size(); }
    const std::vector<TensorSpec>& inputs() const final { return inputs_; }
    const Target& target() const final { return files_.listing.answers.target(); }
    std::string_view slice(std::size_t index) const final
    {
        return files_.listing.slices.at(index);
    }
    std::optional<std::int64_t> label(std::size_t index) const final
    {
        return files_.listing.answers.label(index);
    }

    Result<void> read(std::size_t index, const Place& to) const final
    {
        ledger::ensure(to.inputs.size() == 1 &&
                           to.inputs[0].size() ==
                               product(inputs_[0].shape) * inference::size_of(inputs_[0].datatype),
                       "a place has room for its sample");
        const auto item = files_.listing.items[index];
        const auto bytes = files_.items->bytes(item, files_.limits.item_bytes);
        if (!bytes) return bytes.error();
        if (const auto put = decode(**bytes, to.inputs[0]); !put)
            return Error{put.error().kind, files_.items->name(item) + ": " + put.error().detail};
        files_.listing.answers.put(index, to);
        return {};
    }

protected:
    virtual Result<void> decode(ledger::ByteView file, std::span<std::uint8_t> to) const = 0;
    const TensorSpec& input() const { return inputs_[0]; }
    const Limits& limits() const { return files_.limits; }

private:
    ListedFiles files_;
    std::vector<TensorSpec> inputs_;
};

class PictureSource final : public ListedSource {
public:
    PictureSource(ListedFiles files, TensorSpec input, PictureLayout layout, Normaliser normalise)
        : ListedSource{std::move(files), std::move(input)},
          layout_{layout},
          normalise_{std::move(normalise)}
    {
    }

private:
    Result<void> decode(ledger::ByteView file, std::span<std::uint8_t> to) const override
    {
        const auto picture =
            read_picture(file, static_cast<std::size_t>(layout_.channels),
                         {.file_bytes = limits().item_bytes, .pixels = limits().pixels});
        if (!picture) return picture.error();
        put_picture(scaled(*picture, static_cast<std::size_t>(layout_.width),
                           static_cast<std::size_t>(layout_.height)),
                    layout_.channels_last, input().datatype, normalise_, to);
        return {};
    }

    PictureLayout layout_;
    Normaliser normalise_;
};

class RecordingSource final : public ListedSource {
public:
    RecordingSource(ListedFiles files, TensorSpec input, std::uint32_t rate, Normaliser normalise)
        : ListedSource{std::move(files), std::move(input)},
          rate_{rate},
          normalise_{std::move(normalise)}
    {
    }

private:
    Result<void> decode(ledger::ByteView file, std::span<std::uint8_t> to) const override
    {
        const auto recording = read_wav(file);
        if (!recording) return recording.error();
        if (recording->rate != rate_)
            return invalid("it has " + std::to_string(recording->rate) + " frames a second, and " +
                           std::to_string(rate_) + " are wanted; convert it first");
        const auto type = input().datatype;
        const auto step = inference::size_of(type);
        std::vector<float> values(to.size() / step);
        put_mono(*recording, 0, values);
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto value = normalise_(static_cast<double>(values[i]), i);
            if (type == DataType::INT16)
                value = std::clamp(std::nearbyint(value * 0x1p15), -0x1p15, 0x1p15 - 1);
            ledger::ensure(put_number(to.data() + i * step, type, value),
                           "a type of recordings holds a number of one");
        }
        return {};
    }

    std::uint32_t rate_;
    Normaliser normalise_;
};

Result<std::shared_ptr<const Bytes>> first_of(const ListedFiles& files)
{
    if (files.listing.items.empty()) return invalid("there are no samples");
    return files.items->bytes(files.listing.items[0], files.limits.item_bytes);
}

Error in_first(const ListedFiles& files, const Error& error)
{
    return {error.kind, files.items->name(files.listing.items[0]) + ": " + error.detail};
}

Error too_large(const TensorSpec& spec, const Limits& limits)
{
    return {ledger::ErrorKind::full, "a sample of " + inference::to_text(spec.shape) +
                                         " has more than " +
                                         std::to_string(limits.sample_elements) + " numbers"};
}

bool is_within(const Shape& shape, const Limits& limits)
{
    const auto count = product(shape);
    return count > 0 && count <= limits.sample_elements;
}

}  // namespace

Result<std::unique_ptr<Source>> open_pictures(ListedFiles files, const TensorSpec& input,
                                              const Normalise& options)
{
    auto layout = picture_layout(input.shape);
    if (!layout || !takes_pictures(input.datatype))
        return invalid("the input " + input.name + " is " +
                       std::string{inference::name_of(input.datatype)} + " " +
                       inference::to_text(input.shape) + ", which is no picture");
    const auto first = first_of(files);
    if (!first) return first.error();
    TensorSpec sample{input.name, input.datatype, sample_shape(input.shape)};
    if (layout->height < 0 || layout->width < 0) {
        const auto picture =
            read_picture(**first, static_cast<std::size_t>(layout->channels),
                         {.file_bytes = files.limits.item_bytes, .pixels = files.limits.pixels});
        if (!picture) return in_first(files, picture.error());
        if (layout->height < 0) layout->height = static_cast<std::int64_t>(picture->height);
        if (layout->width < 0) layout->width = static_cast<std::int64_t>(picture->width);
        const auto at = sample.shape.size() - (layout->channels_last ? 3 : 2);
        sample.shape[at] = layout->height;
        sample.shape[at + 1] = layout->width;
    }
    if (!is_within(sample.shape, files.limits)) return too_large(sample, files.limits);
    const auto normalise = Normaliser::make(options, sample, layout, 1);
    if (!normalise) return normalise.error();
    return std::unique_ptr<Source>{
        std::make_unique<PictureSource>(std::move(files), std::move(sample), *layout, *normalise)};
}

Result<std::unique_ptr<Source>> open_recordings(ListedFiles files, const TensorSpec& input,
                                                const Normalise& options, std::uint32_t rate)
{
    const auto type = input.datatype;
    TensorSpec sample{input.name, type, sample_shape(input.shape)};
    if (type != DataType::FP32 && type != DataType::FP64 && type != DataType::INT16)
        return invalid("the input " + input.name + " is " + std::string{inference::name_of(type)} +
                       "; recordings are FP32, FP64 or INT16");
    if (options.invert) return invalid("only pictures are inverted");
    const auto first = first_of(files);
    if (!first) return first.error();
    const auto recording = read_wav(**first);
    if (!recording) return in_first(files, recording.error());
    if (rate == 0) rate = recording->rate;
    if (const auto open = std::ranges::count(sample.shape, -1); open == 1) {
        auto& frames = *std::ranges::find(sample.shape, -1);
        frames = 1;
        if (product(sample.shape) == 1) frames = static_cast<std::int64_t>(recording->frames);
    }
    // Frames follow each other along one side; the others are 1.
    if (std::ranges::count_if(sample.shape, [](auto size) { return size != 1; }) > 1)
        return invalid("the input " + input.name + " takes " + inference::to_text(input.shape) +
                       ", and a recording is one row of frames");
    if (!is_within(sample.shape, files.limits)) return too_large(sample, files.limits);
    const auto normalise = Normaliser::make(options, sample, {}, 1);
    if (!normalise) return normalise.error();
    return std::unique_ptr<Source>{
        std::make_unique<RecordingSource>(std::move(files), std::move(sample), rate, *normalise)};
}

}  // namespace samples
