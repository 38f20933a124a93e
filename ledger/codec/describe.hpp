#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

/// Describes a struct once: its members, in order, and its name. From this one line come
/// its canonical binary encoding, its EIP-712 type string and digest, and its JSON form.
/// Stands directly below the struct, in the struct's namespace. Members are snake_case;
/// EIP-712 and JSON show them in camelCase.
#define MILLRACE_DESCRIBE(Type, members)                                    \
    BOOST_DESCRIBE_STRUCT(Type, (), members)                                \
    [[maybe_unused]] constexpr std::string_view described_name(const Type*) \
    {                                                                       \
        return #Type;                                                       \
    }

namespace ledger::codec {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && requires(const T* t)
{
    described_name(t);
};

/// An enum described by BOOST_DESCRIBE_ENUM, or, where there are too many names for that, by a
/// function `described_names(const E*)` that lists the names of 0, 1, 2 ... in order.
template <class T>
concept ListedEnum = std::is_enum_v<T> && requires(const T* t)
{
    described_names(t);
};
template <class T>
concept DescribedEnum = std::is_enum_v<T> &&
    (boost::describe::has_describe_enumerators<T>::value || ListedEnum<T>);

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

/// Calls `visit(name, member)` for each member of `value`, in the order of its description.
template <class T, class Visit>
void for_each_member(T& value, Visit&& visit)
{
    boost::mp11::mp_for_each<Members<std::remove_const_t<T>>>(
        [&](auto member) { visit(std::string_view{member.name}, value.*member.pointer); });
}

template <class T>
std::string_view name_of()
{
    return described_name(static_cast<const T*>(nullptr));
}

/// The enumerator with this value; empty when there is none.
template <DescribedEnum E>
std::optional<E> enum_from(std::uint64_t value)
{
    std::optional<E> found;
    if constexpr (ListedEnum<E>) {
        if (value < described_names(static_cast<const E*>(nullptr)).size())
            found = static_cast<E>(value);
    } else {
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto e) {
            if (static_cast<std::uint64_t>(e.value) == value) found = e.value;
        });
    }
    return found;
}

/// Name of an enumerator as it stands in the source; "?" for a value without one.
template <DescribedEnum E>
std::string_view enum_name(E value)
{
    if constexpr (ListedEnum<E>) {
        constexpr auto names = described_names(static_cast<const E*>(nullptr));
        const auto index = static_cast<std::size_t>(value);
        return index < names.size() ? names[index] : "?";
    } else {
        return boost::describe::enum_to_string(value, "?");
    }
}

template <DescribedEnum E>
std::optional<E> enum_from_name(std::string_view name)
{
    for (std::uint64_t value = 0; value < 256; ++value)
        if (const auto known = enum_from<E>(value); known && enum_name(*known) == name)
            return known;
    return {};
}

/// valid_until -> validUntil.
std::string to_camel_case(std::string_view snake_case);

}  // namespace ledger::codec
