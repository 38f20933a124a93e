#pragma once

#include "samples/limits.hpp"
#include "samples/source.hpp"

#include <map>

namespace samples {

/// What the options say that targets are.
enum class TargetKind {
    tell,  ///< from the data, see AnswerBuilder
    none,  ///< whatever the data have
    classes,
    numbers,
};

/// The targets of all samples of a source, in memory.
class Answers {
public:
    Answers() = default;
    static Answers of_classes(std::vector<std::uint32_t> labels, std::vector<std::string> names);
    /// `values` has as many as `shape` says for each sample.
    static Answers of_numbers(std::vector<float> values, std::vector<std::int64_t> shape);

    const Target& target() const { return target_; }
    std::optional<std::int64_t> label(std::size_t index) const;
    void put(std::size_t index, const Place& to) const;

private:
    Target target_;
    std::vector<std::uint32_t> labels_;
    std::vector<float> values_;
};

/// Makes answers of texts, sample by sample.
///
/// Several texts for each sample are numbers. One is a class where the names of classes are given,
/// where not all are numbers, or where all are whole numbers from 0 on; otherwise a number. Whole
/// numbers from 0 on are the numbers of their classes, "0" to the largest; other names are
/// numbered in bytewise order.
class AnswerBuilder {
public:
    /// `classes`: their names by number; empty to take those that come.
    AnswerBuilder(TargetKind kind, std::vector<std::string> classes, std::size_t texts,
                  const Limits& limits);

    /// `where` begins messages, as "row 7". `invalid`, `full`.
    ledger::Result<void> add(std::span<const std::string_view> texts, const std::string& where);
    /// `invalid` where the texts fit no kind. The builder is spent.
    ledger::Result<Answers> finish();

private:
    ledger::Result<void> add_number(std::string_view text, const std::string& where);
    ledger::Result<void> add_name(std::string_view text, const std::string& where);
    Answers numbered_classes();
    Answers named_classes();

    TargetKind kind_;
    Limits limits_;
    std::size_t texts_ = 0;
    std::vector<std::string> classes_;
    std::map<std::string, std::uint32_t, std::less<>> names_;
    std::vector<std::uint32_t> ids_;
    std::vector<float> numbers_;
    std::string first_text_;  ///< that is no number, and where
    bool are_numbers_ = true;
    bool are_whole_ = true;
    bool are_names_ = true;
};

/// The groups of samples.
class Slices {
public:
    explicit Slices(const Limits& limits = {}) : limits_{limits} {}
    ledger::Result<void> add(std::string_view name, const std::string& where);
    /// Empty where none was added.
    std::string_view at(std::size_t index) const;

private:
    Limits limits_;
    std::map<std::string, std::uint32_t, std::less<>> numbers_;
    std::vector<std::string> names_;
    std::vector<std::uint32_t> of_;
};

}  // namespace samples
