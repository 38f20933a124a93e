#include "training/workers/beginning.hpp"

#include <algorithm>

namespace training {
namespace {

constexpr std::string_view between = ": ";
constexpr std::size_t most_parts = 64;
/// A hash says nothing to people.
constexpr std::size_t most_shown = 20;

}  // namespace

void Beginning::add(std::string name, std::string value)
{
    parts_.push_back({std::move(name), std::move(value)});
}

std::string Beginning::text() const
{
    std::string text;
    for (const auto& each : parts_)
        text.append(each.name).append(between).append(each.value).append("\n");
    return text;
}

ledger::Result<Beginning> Beginning::read(std::string_view text)
{
    Beginning made;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        const auto at = line.find(between);
        if (at == std::string_view::npos || line.size() == text.size() ||
            made.parts_.size() == most_parts)
            return ledger::invalid("says what makes no sense");
        made.add(std::string{line.substr(0, at)}, std::string{line.substr(at + between.size())});
        text.remove_prefix(line.size() + 1);
    }
    return made;
}

std::string Beginning::differences_from(const Beginning& other) const
{
    if (!std::ranges::equal(parts_, other.parts_, {}, &Part::name, &Part::name))
        return "what has to be alike: it is another version of the program";
    std::string found;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto& mine = parts_[i];
        const auto& theirs = other.parts_[i].value;
        const bool follows = i + 1 == parts_.size() && !found.empty();
        if (mine.value == theirs || follows) continue;
        if (!found.empty()) found += ", ";
        found += mine.name;
        if (std::max(mine.value.size(), theirs.size()) <= most_shown)
            found.append(" (").append(mine.value).append(" instead of ").append(theirs).append(")");
    }
    return found;
}

}  // namespace training
