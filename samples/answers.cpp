#include "samples/answers.hpp"

#include "ledger/base/ensure.hpp"
#include "samples/numbers.hpp"
#include "samples/shapes.hpp"

#include <algorithm>
#include <cmath>

namespace samples {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

std::vector<std::string> counted_names(std::size_t count)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
    return names;
}

}  // namespace

Answers Answers::of_classes(std::vector<std::uint32_t> labels, std::vector<std::string> names)
{
    Answers made;
    made.target_ = {Target::Kind::classes, std::move(names), {}};
    made.labels_ = std::move(labels);
    return made;
}

Answers Answers::of_numbers(std::vector<float> values, std::vector<std::int64_t> shape)
{
    Answers made;
    made.target_ = {Target::Kind::numbers, {}, std::move(shape)};
    made.values_ = std::move(values);
    return made;
}

std::optional<std::int64_t> Answers::label(std::size_t index) const
{
    if (target_.kind != Target::Kind::classes) return {};
    return labels_[index];
}

void Answers::put(std::size_t index, const Place& to) const
{
    if (target_.kind == Target::Kind::classes) {
        ledger::ensure(to.label != nullptr, "a place has room for its class");
        *to.label = labels_[index];
    } else if (target_.kind == Target::Kind::numbers) {
        const auto each = product(target_.shape);
        ledger::ensure(to.numbers.size() == each, "a place has room for its numbers");
        std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(index * each), each,
                    to.numbers.begin());
    }
}

AnswerBuilder::AnswerBuilder(TargetKind kind, std::vector<std::string> classes, std::size_t texts,
                             const Limits& limits)
    : kind_{texts == 0 ? TargetKind::none : kind},
      limits_{limits},
      texts_{texts},
      classes_{std::move(classes)}
{
    if (kind_ == TargetKind::tell && !classes_.empty()) kind_ = TargetKind::classes;
    if (kind_ == TargetKind::tell && texts_ > 1) kind_ = TargetKind::numbers;
    for (const auto& name : classes_)
        names_.emplace(name, static_cast<std::uint32_t>(names_.size()));
}

Result<void> AnswerBuilder::add(std::span<const std::string_view> texts, const std::string& where)
{
    ledger::ensure(texts.size() == texts_, "a sample has the texts that were announced");
    if (kind_ == TargetKind::none) return {};
    if (kind_ == TargetKind::classes && texts_ != 1)
        return invalid(where + ": a class is one column, not " + std::to_string(texts_));
    for (const auto text : texts)
        if (auto added = add_number(text, where); !added) return added;
    return kind_ == TargetKind::numbers ? Result<void>{} : add_name(texts[0], where);
}

Result<void> AnswerBuilder::add_number(std::string_view text, const std::string& where)
{
    const auto number = classes_.empty() ? number_of(text) : std::nullopt;
    if (!number && kind_ == TargetKind::numbers)
        return invalid(where + ": the target '" + std::string{text.substr(0, 64)} +
                       "' is no number");
    if (!are_numbers_) return {};
    if (!number) {
        are_numbers_ = false;
        first_text_ = where + ": '" + std::string{text.substr(0, 64)} + "'";
        numbers_ = {};
        return {};
    }
    if (numbers_.size() == limits_.table_bytes / sizeof(float))
        return Error{ErrorKind::full, where + ": the targets have no room"};
    are_whole_ = are_whole_ && *number >= 0 && *number == std::trunc(*number) &&
                 *number < static_cast<double>(limits_.classes);
    numbers_.push_back(static_cast<float>(*number));
    return {};
}

Result<void> AnswerBuilder::add_name(std::string_view text, const std::string& where)
{
    if (!are_names_) return {};
    auto found = names_.find(text);
    if (found == names_.end() && !classes_.empty())
        return invalid(where + ": '" + std::string{text.substr(0, 64)} +
                       "' is none of the classes given");
    if (text.empty()) return invalid(where + ": the class is empty");
    if (text.size() > limits_.name_bytes)
        return Error{ErrorKind::full, where + ": the name of a class has more than " +
                                          std::to_string(limits_.name_bytes) + " bytes"};
    if (found == names_.end() && names_.size() == limits_.classes) {
        if (kind_ == TargetKind::classes || !are_numbers_)
            return Error{ErrorKind::full, where + ": there are more than " +
                                              std::to_string(limits_.classes) + " classes"};
        are_names_ = false;
        names_.clear();
        ids_ = {};
        return {};
    }
    if (found == names_.end())
        found = names_.emplace(text, static_cast<std::uint32_t>(names_.size())).first;
    ids_.push_back(found->second);
    return {};
}

Result<Answers> AnswerBuilder::finish()
{
    if (kind_ == TargetKind::none) return Answers{};
    if (!classes_.empty() && kind_ == TargetKind::classes)
        return Answers::of_classes(std::move(ids_), std::move(classes_));
    const bool classes = kind_ == TargetKind::classes ||
                         (kind_ == TargetKind::tell && (!are_numbers_ || are_whole_));
    if (!classes) {
        Shape shape;
        if (texts_ > 1) shape.push_back(static_cast<std::int64_t>(texts_));
        return Answers::of_numbers(std::move(numbers_), std::move(shape));
    }
    if (are_numbers_ && are_whole_) return numbered_classes();
    if (!are_names_)
        return invalid(first_text_ + " is no number, and there are more than " +
                       std::to_string(limits_.classes) + " classes");
    return named_classes();
}

Answers AnswerBuilder::numbered_classes()
{
    std::vector<std::uint32_t> labels;
    labels.reserve(numbers_.size());
    std::uint32_t most = 0;
    for (const auto number : numbers_) {
        labels.push_back(static_cast<std::uint32_t>(number));
        most = std::max(most, labels.back());
    }
    return Answers::of_classes(std::move(labels),
                               counted_names(numbers_.empty() ? 0 : std::size_t{most} + 1));
}

Answers AnswerBuilder::named_classes()
{
    std::vector<std::uint32_t> place(names_.size());
    std::vector<std::string> names;
    for (const auto& [name, id] : names_) {
        place[id] = static_cast<std::uint32_t>(names.size());
        names.push_back(name);
    }
    for (auto& id : ids_) id = place[id];
    return Answers::of_classes(std::move(ids_), std::move(names));
}

Result<void> Slices::add(std::string_view name, const std::string& where)
{
    auto found = numbers_.find(name);
    if (found == numbers_.end()) {
        if (names_.size() == limits_.slices || name.size() > limits_.name_bytes)
            return Error{ErrorKind::full, where + ": there are more than " +
                                              std::to_string(limits_.slices) +
                                              " slices, or the name of one is too long"};
        found = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size())).first;
        names_.emplace_back(name);
    }
    of_.push_back(found->second);
    return {};
}

std::string_view Slices::at(std::size_t index) const
{
    return index < of_.size() ? std::string_view{names_[of_[index]]} : std::string_view{};
}

}  // namespace samples
