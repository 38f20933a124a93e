#include "samples/arrays.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace samples {
namespace {

using inference::DataType;
using inference::TensorSpec;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

bool is_float(DataType type)
{
    return type == DataType::FP32 || type == DataType::FP64;
}

bool is_whole(DataType type)
{
    return !is_float(type) && type != DataType::FP16 && type != DataType::BF16;
}

std::uint64_t elements_each(const HeldArray& array)
{
    return product({array.file.shape.begin() + 1, array.file.shape.end()});
}

double value_at(const HeldArray& array, std::uint64_t element)
{
    const auto step = inference::size_of(array.file.type);
    return number_at(array.bytes->data() + array.file.data + element * step, array.file.type,
                     array.file.order);
}

/// One input of a model and the array that it is fed from.
struct Feed {
    HeldArray array;
    Normaliser normalise;
    std::uint64_t elements = 0;
    bool as_it_is = false;  ///< the bytes of a sample are those of the file
};

class ArraySource final : public Source {
public:
    ArraySource(std::vector<TensorSpec> inputs, std::vector<Feed> feeds, Answers answers)
        : inputs_{std::move(inputs)}, feeds_{std::move(feeds)}, answers_{std::move(answers)}
    {
    }

    std::size_t size() const override { return feeds_.front().array.count(); }
    const std::vector<TensorSpec>& inputs() const override { return inputs_; }
    const Target& target() const override { return answers_.target(); }
    std::string_view slice(std::size_t) const override { return {}; }
    std::optional<std::int64_t> label(std::size_t index) const override
    {
        return answers_.label(index);
    }

    Result<void> read(std::size_t index, const Place& to) const override
    {
        ledger::ensure(to.inputs.size() == feeds_.size(), "a place has all inputs");
        for (std::size_t i = 0; i < feeds_.size(); ++i)
            if (auto put = put_input(index, feeds_[i], inputs_[i].datatype, to.inputs[i]); !put)
                return put;
        answers_.put(index, to);
        return {};
    }

private:
    static Result<void> put_input(std::size_t index, const Feed& feed, DataType type,
                                  std::span<std::uint8_t> to)
    {
        const auto step = inference::size_of(type);
        ledger::ensure(to.size() == feed.elements * step, "a place has room for its sample");
        const auto first = index * feed.elements;
        if (feed.as_it_is) {
            std::memcpy(to.data(), feed.array.bytes->data() + feed.array.file.data + first * step,
                        to.size());
            return {};
        }
        for (std::uint64_t i = 0; i < feed.elements; ++i) {
            const auto value = feed.normalise(value_at(feed.array, first + i), i);
            if (!put_number(to.data() + i * step, type, value))
                return invalid(feed.array.name + ", sample " + std::to_string(index) + ": " +
                               std::to_string(value) + " is no " +
                               std::string{inference::name_of(type)});
        }
        return {};
    }

    std::vector<TensorSpec> inputs_;
    std::vector<Feed> feeds_;
    Answers answers_;
};

Result<Feed> feed_of(TensorSpec& input, HeldArray array, const ArrayOptions& options,
                     const Limits& limits)
{
    const Shape each{array.file.shape.begin() + 1, array.file.shape.end()};
    const auto layout = picture_layout(input.shape);
    auto sample = sample_of_array(input, each, "each sample is an array");
    if (!sample) return invalid(array.name + ": " + sample.error().detail);
    const auto from = array.file.type;
    const auto to = sample->datatype;
    const bool pixels = from == DataType::UINT8;
    if (options.normalise.invert && !pixels)
        return invalid(array.name + ": only pictures of unsigned bytes are inverted");
    const auto normalise =
        Normaliser::make(options.normalise, *sample, layout, pixels && is_float(to) ? 1.0 / 255 : 1,
                         is_float(to) ? 1 : 255);
    if (!normalise) return invalid(array.name + ": " + normalise.error().detail);
    Feed feed{std::move(array), *normalise, product(sample->shape), false};
    if (feed.elements > limits.sample_elements)
        return Error{ErrorKind::full, feed.array.name + ": a sample has more than " +
                                          std::to_string(limits.sample_elements) + " numbers"};
    // One byte has no order; what is true may be any byte but 0, and has to be 1 in a tensor.
    feed.as_it_is = from == to && from != DataType::BOOL && normalise->changes_nothing() &&
                    (feed.array.file.order == ByteOrder::little || inference::size_of(from) == 1);
    if (!feed.as_it_is && !can_put(to))
        return invalid(feed.array.name + " is " + std::string{inference::name_of(from)} +
                       ", and the input " + input.name + " is " +
                       std::string{inference::name_of(to)});
    input = std::move(*sample);
    return feed;
}

Result<Answers> classes_of(const HeldArray& array, const ArrayOptions& options,
                           const Limits& limits)
{
    const auto most = options.classes.empty() ? limits.classes : options.classes.size();
    std::vector<std::uint32_t> labels;
    labels.reserve(array.count());
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < array.count(); ++i) {
        const auto value = value_at(array, i);
        if (!(value >= 0) || value >= static_cast<double>(most) || value != std::trunc(value))
            return invalid(array.name + ", sample " + std::to_string(i) + ": " +
                           std::to_string(value) + " is no class, which are 0 to " +
                           std::to_string(most - 1));
        labels.push_back(static_cast<std::uint32_t>(value));
        largest = std::max(largest, labels.back());
    }
    auto names = options.classes;
    if (names.empty() && !labels.empty())
        for (std::uint32_t i = 0; i <= largest; ++i) names.push_back(std::to_string(i));
    return Answers::of_classes(std::move(labels), std::move(names));
}

Result<Answers> numbers_of(const HeldArray& array, const Limits& limits)
{
    const auto each = elements_each(array);
    if (each > limits.sample_elements ||
        array.count() > limits.table_bytes / sizeof(float) / std::max<std::uint64_t>(each, 1))
        return Error{ErrorKind::full, array.name + ": the targets have no room"};
    std::vector<float> values;
    values.reserve(array.count() * each);
    for (std::uint64_t i = 0; i < array.count() * each; ++i)
        values.push_back(static_cast<float>(value_at(array, i)));
    return Answers::of_numbers(std::move(values),
                               {array.file.shape.begin() + 1, array.file.shape.end()});
}

Result<Answers> answers_of(const std::optional<HeldArray>& targets, std::size_t samples,
                           const ArrayOptions& options, const Limits& limits)
{
    if (options.target == TargetKind::none) return Answers{};
    if (!targets) {
        if (options.target == TargetKind::tell) return Answers{};
        return invalid("there is no file of labels");
    }
    if (targets->count() != samples)
        return invalid(targets->name + " has " + std::to_string(targets->count()) + " labels for " +
                       std::to_string(samples) + " samples");
    const bool single = elements_each(*targets) == 1;
    if (options.target == TargetKind::classes && !single)
        return invalid(targets->name + ": a class is one number, not " +
                       inference::to_text(targets->file.shape));
    if (options.target == TargetKind::classes || !options.classes.empty() ||
        (options.target == TargetKind::tell && single && is_whole(targets->file.type)))
        return classes_of(*targets, options, limits);
    return numbers_of(*targets, limits);
}

}  // namespace

Result<HeldArray> hold_array(const ItemPlace& file, const Limits& limits)
{
    auto bytes = file.items->bytes(file.index, limits.file_bytes);
    if (!bytes) return bytes.error();
    auto array = looks_like_npy(**bytes) ? read_npy(**bytes) : read_idx(**bytes);
    if (!array) return Error{array.error().kind, file.name() + ": " + array.error().detail};
    if (array->shape.empty()) return invalid(file.name() + " is one number and no array");
    if (static_cast<std::uint64_t>(array->shape[0]) > limits.samples)
        return Error{ErrorKind::full,
                     file.name() + " has more than " + std::to_string(limits.samples) + " samples"};
    return HeldArray{file.name(), std::move(*bytes), std::move(*array)};
}

Result<std::unique_ptr<Source>> open_arrays(const std::vector<TensorSpec>& inputs,
                                            std::vector<HeldArray> arrays,
                                            const std::optional<HeldArray>& targets,
                                            const ArrayOptions& options, const Limits& limits)
{
    ledger::ensure(!inputs.empty() && inputs.size() == arrays.size(), "each input has an array");
    auto answers = answers_of(targets, arrays[0].count(), options, limits);
    if (!answers) return answers.error();
    auto specs = inputs;
    std::vector<Feed> feeds;
    const auto samples = arrays[0].count();
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        if (arrays[i].count() != samples)
            return invalid(arrays[i].name + " has " + std::to_string(arrays[i].count()) +
                           " samples, another input " + std::to_string(samples));
        auto feed = feed_of(specs[i], std::move(arrays[i]), options, limits);
        if (!feed) return feed.error();
        feeds.push_back(std::move(*feed));
    }
    return std::unique_ptr<Source>{
        std::make_unique<ArraySource>(std::move(specs), std::move(feeds), std::move(*answers))};
}

}  // namespace samples
