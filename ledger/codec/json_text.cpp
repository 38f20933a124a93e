#include "ledger/codec/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace ledger::codec {
namespace {

bool stands_for_itself(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

}  // namespace

JsonText& JsonText::open(char bracket)
{
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
}

JsonText& JsonText::close(char bracket)
{
    text_ += bracket;
    first_ = false;
    return *this;
}

JsonText& JsonText::plain(std::string_view word)
{
    separate();
    text_ += word;
    return *this;
}

void JsonText::separate()
{
    if (!first_) text_ += ',';
    first_ = false;
}

JsonText& JsonText::member(std::string_view name)
{
    separate();
    text_ += '"';
    text_ += name;
    text_ += "\":";
    first_ = true;
    return *this;
}

JsonText& JsonText::text(std::string_view value)
{
    separate();
    if (std::all_of(value.begin(), value.end(), stands_for_itself)) {
        text_ += '"';
        text_ += value;
        text_ += '"';
    } else {
        text_ +=
            nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    return *this;
}

JsonText& JsonText::number(std::uint64_t value)
{
    separate();
    char digits[20];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return *this;
}

JsonText& JsonText::decimal(std::uint64_t value)
{
    separate();
    first_ = true;
    text_ += '"';
    number(value);
    text_ += '"';
    return *this;
}

JsonText& JsonText::hex0x(ByteView bytes)
{
    separate();
    constexpr std::string_view digits = "0123456789abcdef";
    text_ += "\"0x";
    const auto at = text_.size();
    text_.resize(at + 2 * bytes.size());
    auto* to = text_.data() + at;
    for (const auto byte : bytes) {
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    text_ += '"';
    return *this;
}

}  // namespace ledger::codec
