#include "samples/split.hpp"

#include "ledger/base/draws.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <string>

namespace samples {
namespace {

using ledger::Draws;
using ledger::invalid;
using ledger::Result;

constexpr std::uint64_t all_millionths = 1'000'000;
/// Streams of a seed; the epochs follow.
constexpr std::uint64_t split_stream = 0;
constexpr std::uint64_t first_epoch_stream = 1;

/// Fisher and Yates, from the back.
void shuffle(std::vector<std::size_t>& order, Draws& draws)
{
    for (auto left = order.size(); left > 1; --left)
        std::swap(order[left - 1], order[draws.below(left)]);
}

std::vector<std::size_t> counted(std::size_t count)
{
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

std::uint64_t size_of(const Portion& portion, std::size_t samples)
{
    if (portion.unit == Portion::Unit::samples) return portion.value;
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(Wide{samples} * portion.value / all_millionths);
}

/// A place in its class: the share of the class that lies before its middle.
struct Standing {
    std::uint64_t twice_rank;  ///< and one
    std::uint64_t of;          ///< samples of the class
    std::size_t sample;
};

/// Puts the samples of every class evenly along the whole order, so that each piece of it has of
/// each class what its length says.
void interleave(std::vector<std::size_t>& order, std::span<const std::int64_t> labels)
{
    std::map<std::int64_t, std::uint64_t> sizes, seen;
    for (const auto label : labels) ++sizes[label];
    std::vector<Standing> standings;
    standings.reserve(order.size());
    for (const auto sample : order) {
        const auto label = labels[sample];
        standings.push_back({2 * seen[label]++ + 1, sizes[label], sample});
    }
    std::ranges::stable_sort(standings, [](const Standing& left, const Standing& right) {
        __extension__ using Wide = unsigned __int128;
        return Wide{left.twice_rank} * right.of < Wide{right.twice_rank} * left.of;
    });
    std::ranges::transform(standings, order.begin(), &Standing::sample);
}

}  // namespace

Result<Portion> portion_of(std::string_view text)
{
    const auto wrong =
        invalid("'" + std::string{text} +
                "' is neither a number of samples nor a percentage, as 1000 or 12.5%");
    const bool percent = text.ends_with('%');
    auto digits = percent ? text.substr(0, text.size() - 1) : text;
    std::string whole{digits};
    if (percent) {
        // Four places after the point are millionths.
        const auto point = std::min(digits.find('.'), digits.size());
        const auto behind = digits.size() - std::min(point + 1, digits.size());
        if (behind > 4 || point == 0 || (point < digits.size() && behind == 0)) return wrong;
        whole = std::string{digits.substr(0, point)} +
                std::string{digits.substr(std::min(point + 1, digits.size()))} +
                std::string(4 - behind, '0');
    }
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    if (error != std::errc{} || stop != whole.data() + whole.size()) return wrong;
    if (percent && value > all_millionths) return wrong;
    return Portion{percent ? Portion::Unit::millionths : Portion::Unit::samples, value};
}

Result<Split> split(std::size_t samples, const SplitOptions& options,
                    std::span<const std::int64_t> labels)
{
    ledger::ensure(labels.empty() || labels.size() == samples, "each sample has a label");
    const auto test = size_of(options.test, samples);
    const auto validation = size_of(options.validation, samples);
    if (test >= samples || validation >= samples - test)
        return invalid("of " + std::to_string(samples) + " samples " + std::to_string(validation) +
                       " for validation and " + std::to_string(test) +
                       " for a test leave none to train with");
    auto order = counted(samples);
    auto draws = Draws::stream(options.seed, split_stream);
    shuffle(order, draws);
    if (!labels.empty()) interleave(order, labels);
    const auto first = order.begin();
    const auto second = first + static_cast<std::ptrdiff_t>(test);
    const auto third = second + static_cast<std::ptrdiff_t>(validation);
    Split made{{third, order.end()}, {second, third}, {first, second}};
    for (auto* part : {&made.train, &made.validation, &made.test}) std::ranges::sort(*part);
    return made;
}

std::vector<std::size_t> shuffled(std::size_t samples, std::uint64_t seed, std::uint64_t epoch)
{
    auto order = counted(samples);
    auto draws = Draws::stream(seed, first_epoch_stream + epoch);
    shuffle(order, draws);
    return order;
}

}  // namespace samples
