#include "samples/csv.hpp"

namespace samples {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

Result<void> CsvReader::read(ledger::ByteView more)
{
    for (const auto letter : ledger::as_text(more)) {
        if (!is_begun_) {
            if (mark_ < byte_order_mark.size() && letter == byte_order_mark[mark_]) {
                ++mark_;
                continue;
            }
            is_begun_ = true;
            if (mark_ != 0 && mark_ != byte_order_mark.size())
                return wrong("it begins with half of a byte order mark");
        }
        if (auto taken = take(letter); !taken) return taken;
    }
    return {};
}

Result<void> CsvReader::finish()
{
    if (state_ == State::quoted) return wrong("a quote is not closed");
    if (state_ == State::carriage_return) return wrong("a carriage return ends no line");
    if (!is_begun_ && mark_ != 0 && mark_ != byte_order_mark.size())
        return wrong("it begins with half of a byte order mark");
    return is_empty_row_ ? Result<void>{} : end_row();
}

Result<void> CsvReader::take(char letter)
{
    if (letter == '\0') return wrong("it has a zero byte");
    if (state_ == State::quoted) {
        if (letter != '"') return keep(letter);
        state_ = State::after_quote;
        return {};
    }
    if (state_ == State::carriage_return && letter != '\n')
        return wrong("a carriage return ends no line");
    if (letter == '\n') {
        if (is_empty_row_) {
            state_ = State::begin;
            return {};
        }
        return end_row();
    }
    if (letter == '\r') {
        state_ = State::carriage_return;
        return {};
    }
    is_empty_row_ = false;
    if (letter == options_.delimiter) return end_field();
    if (state_ == State::after_quote) {
        if (letter != '"') return wrong("something follows a closed quote");
        state_ = State::quoted;
        return keep('"');
    }
    if (letter == '"') {
        if (state_ == State::plain) return wrong("a quote stands inside of a field without quotes");
        state_ = State::quoted;
        return {};
    }
    state_ = State::plain;
    return keep(letter);
}

Result<void> CsvReader::keep(char letter)
{
    if (text_.size() == options_.row_bytes)
        return Error{ErrorKind::full, "row " + std::to_string(rows_ + 1) + " has more than " +
                                          std::to_string(options_.row_bytes) + " bytes"};
    text_ += letter;
    return {};
}

Result<void> CsvReader::end_field()
{
    if (ends_.size() == options_.columns)
        return Error{ErrorKind::full, "row " + std::to_string(rows_ + 1) + " has more than " +
                                          std::to_string(options_.columns) + " fields"};
    ends_.push_back(text_.size());
    state_ = State::begin;
    return {};
}

Result<void> CsvReader::end_row()
{
    if (auto ended = end_field(); !ended) return ended;
    std::vector<std::string_view> fields;
    fields.reserve(ends_.size());
    std::size_t from = 0;
    for (const auto end : ends_) {
        fields.push_back(std::string_view{text_}.substr(from, end - from));
        from = end;
    }
    auto taken = row_(++rows_, fields);
    text_.clear();
    ends_.clear();
    is_empty_row_ = true;
    return taken;
}

Error CsvReader::wrong(const char* what) const
{
    return ledger::invalid("row " + std::to_string(rows_ + 1) + ": " + what);
}

}  // namespace samples
