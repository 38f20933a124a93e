#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/codec/describe.hpp"
#include "ledger/codec/types.hpp"
#include "ledger/crypto/address.hpp"

#include <string>
#include <string_view>

namespace ledger::codec {

/// Writes JSON straight into a text, where a tree of values would cost more than what it says.
/// Values have the form of json.hpp; members stand in the order in which they are written. Whoever
/// calls pairs begin and end and gives every member one value.
class JsonText {
public:
    explicit JsonText(std::size_t expected_bytes = 0) { text_.reserve(expected_bytes); }

    JsonText& begin_object() { return open('{'); }
    JsonText& end_object() { return close('}'); }
    JsonText& begin_array() { return open('['); }
    JsonText& end_array() { return close(']'); }

    /// `name` is plain: no quotes, backslashes or control characters.
    JsonText& member(std::string_view name);
    template <class T>
    JsonText& member(std::string_view name, const T& of)
    {
        return member(name).value(of);
    }

    /// Any text; bytes that are no UTF-8 become U+FFFD.
    JsonText& text(std::string_view value);
    JsonText& number(std::uint64_t value);
    JsonText& boolean(bool value) { return plain(value ? "true" : "false"); }
    JsonText& decimal(std::uint64_t value);  ///< a number as a text
    JsonText& hex0x(ByteView bytes);

    /// What codec::to_json gives.
    template <class T>
    JsonText& value(const T& value)
    {
        if constexpr (std::is_same_v<T, bool>) {
            return boolean(value);
        } else if constexpr (UnsignedInteger<T>) {
            return number(value);
        } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            return text(value);
        } else if constexpr (DescribedEnum<T>) {
            return text(enum_name(value));
        } else if constexpr (NamedLike<T> || ShareLike<T>) {
            return this->value(value.value);
        } else if constexpr (WideLike<T>) {
            return T::bits <= 53 ? number(value.value) : decimal(value.value);
        } else if constexpr (std::is_same_v<T, Amount>) {
            return decimal(value.micros());
        } else if constexpr (std::is_same_v<T, Address>) {
            return text(to_checksum(value));
        } else if constexpr (FixedBytesLike<T>) {
            return hex0x(value.view());
        } else if constexpr (std::is_same_v<T, Bytes>) {
            return hex0x(value);
        } else if constexpr (ListLike<T>) {
            begin_array();
            for (const auto& item : value) this->value(item);
            return end_array();
        } else if constexpr (OptionalLike<T>) {
            return value ? this->value(*value) : plain("null");
        } else {
            begin_object();
            members(value);
            return end_object();
        }
    }

    /// The members of a described struct, inside an object that others may share.
    template <Described T>
    JsonText& members(const T& value)
    {
        for_each_member(value, [&](std::string_view name, const auto& of) {
            member(to_camel_case(name)).value(of);
        });
        return *this;
    }

    std::string take() { return std::move(text_); }

private:
    JsonText& open(char bracket);
    JsonText& close(char bracket);
    JsonText& plain(std::string_view word);
    void separate();

    std::string text_;
    bool first_ = true;  ///< nothing stands before the next member or item
};

}  // namespace ledger::codec
