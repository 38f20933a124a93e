#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"
#include "ledger/codec/types.hpp"
#include "ledger/crypto/address.hpp"

#include <nlohmann/json.hpp>

/// The JSON form of described structs: camelCase members, amounts and integers wider than 53
/// bits by type as decimal strings, other integers as numbers, enums by name, ids as 0x-hex,
/// addresses in EIP-55 form, absent optionals as null. Readers refuse unknown and missing members.
namespace ledger::codec {

struct JsonLimits {
    std::size_t bytes = 1 << 20;
    unsigned depth = 32;
};

/// Parses text within the limits; refuses deeper nesting before parsing, duplicate member names,
/// and anything after the value.
Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// RFC 8785 for values without floating-point numbers: what is hashed and signed.
std::string canonical_json(const nlohmann::json& value);

/// Decimal digits only, no sign, no leading zero, within 64 bits; empty otherwise.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

template <class T>
nlohmann::json to_json(const T& value)
{
    if constexpr (std::is_same_v<T, bool> || UnsignedInteger<T> || std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (DescribedEnum<T>) {
        return std::string{enum_name(value)};
    } else if constexpr (NamedLike<T> || ShareLike<T>) {
        return value.value;
    } else if constexpr (WideLike<T>) {
        if constexpr (T::bits <= 53)
            return value.value;
        else
            return std::to_string(value.value);
    } else if constexpr (std::is_same_v<T, Amount>) {
        return std::to_string(value.micros());
    } else if constexpr (std::is_same_v<T, Address>) {
        return to_checksum(value);
    } else if constexpr (FixedBytesLike<T>) {
        return to_hex0x(value.view());
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return to_hex0x(value);
    } else if constexpr (ListLike<T>) {
        auto array = nlohmann::json::array();
        for (const auto& item : value) array.push_back(to_json(item));
        return array;
    } else if constexpr (OptionalLike<T>) {
        return value ? to_json(*value) : nlohmann::json(nullptr);
    } else {
        static_assert(Described<T>, "describe the struct with MILLRACE_DESCRIBE");
        auto object = nlohmann::json::object();
        for_each_member(value, [&](std::string_view name, const auto& member) {
            object[to_camel_case(name)] = to_json(member);
        });
        return object;
    }
}

namespace detail {

/// Reads JSON into described structs; keeps the first error with the path that led to it.
class JsonReader {
public:
    /// With `keep_missing` a member that is not there keeps the value it has.
    explicit JsonReader(bool keep_missing = false) : keep_missing_{keep_missing} {}

    template <class T>
    bool get(const nlohmann::json& from, T& value, const std::string& path)
    {
        if constexpr (std::is_same_v<T, bool>) {
            if (!from.is_boolean()) return fail(path, "must be true or false");
            value = from.get<bool>();
            return true;
        } else if constexpr (UnsignedInteger<T>) {
            std::uint64_t number = 0;
            if (!integer(from, number, std::numeric_limits<T>::max(), path)) return false;
            value = static_cast<T>(number);
            return true;
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!from.is_string()) return fail(path, "must be a string");
            value = from.get_ref<const std::string&>();
            return true;
        } else if constexpr (DescribedEnum<T>) {
            if (!from.is_string()) return fail(path, "must be a name");
            const auto known = enum_from_name<T>(from.get_ref<const std::string&>());
            if (!known) return fail(path, "is not a known name");
            value = *known;
            return true;
        } else if constexpr (NamedLike<T> || ShareLike<T>) {
            return get(from, value.value, path);
        } else if constexpr (WideLike<T>) {
            if constexpr (T::bits <= 53)
                return integer(from, value.value, (1ull << T::bits) - 1, path);
            else
                return decimal(from, value.value, path);
        } else if constexpr (std::is_same_v<T, Amount>) {
            std::uint64_t micros = 0;
            if (!decimal(from, micros, path)) return false;
            value = Amount::micros(micros);
            return true;
        } else if constexpr (std::is_same_v<T, Address>) {
            if (!from.is_string()) return fail(path, "must be an address");
            const auto& text = from.get_ref<const std::string&>();
            const auto parsed = parse_address(text);
            if (!parsed) return fail(path, "is not an address, or its EIP-55 checksum is wrong");
            value = *parsed;
            return true;
        } else if constexpr (FixedBytesLike<T>) {
            Bytes bytes;
            if (!hex(from, bytes, path)) return false;
            if (bytes.size() != T::size)
                return fail(path, "must be " + std::to_string(T::size) + " bytes of hex");
            value = T::of(bytes);
            return true;
        } else if constexpr (std::is_same_v<T, Bytes>) {
            return hex(from, value, path);
        } else if constexpr (ListLike<T>) {
            if (!from.is_array()) return fail(path, "must be a list");
            value.clear();
            for (std::size_t i = 0; i < from.size(); ++i)
                if (!get(from[i], value.emplace_back(), path + "[" + std::to_string(i) + "]"))
                    return false;
            return true;
        } else if constexpr (OptionalLike<T>) {
            if (from.is_null()) return value.reset(), true;
            return get(from, value.emplace(), path);
        } else {
            static_assert(Described<T>, "describe the struct with MILLRACE_DESCRIBE");
            return object(from, value, path);
        }
    }

    const std::string& error() const { return error_; }

private:
    bool fail(const std::string& path, const std::string& what);
    bool integer(const nlohmann::json& from, std::uint64_t& value, std::uint64_t most,
                 const std::string& path);
    bool decimal(const nlohmann::json& from, std::uint64_t& value, const std::string& path);
    bool hex(const nlohmann::json& from, Bytes& value, const std::string& path);

    template <class T>
    bool object(const nlohmann::json& from, T& value, const std::string& path)
    {
        if (!from.is_object()) return fail(path, "must be an object");
        bool good = true;
        std::size_t known = 0;
        for_each_member(value, [&](std::string_view name, auto& member) {
            if (!good) return;
            const auto key = to_camel_case(name);
            const auto found = from.find(key);
            const auto at = path.empty() ? key : path + "." + key;
            if (found == from.end()) {
                if (!keep_missing_) good = fail(at, "is missing");
            } else {
                ++known;
                good = get(*found, member, at);
            }
        });
        if (good && known != from.size()) return fail_unknown(from, value, path);
        return good;
    }

    template <class T>
    bool fail_unknown(const nlohmann::json& from, const T& value, const std::string& path)
    {
        std::string name;
        for (auto at = from.begin(); at != from.end(); ++at) {
            const auto& key = at.key();
            bool is_known = false;
            for_each_member(value, [&](std::string_view known, const auto&) {
                is_known = is_known || to_camel_case(known) == key;
            });
            if (!is_known) name = key;
        }
        return fail(path, "has an unknown member: " + name);
    }

    bool keep_missing_;
    std::string error_;
};

}  // namespace detail

/// Exactly the members T has; `invalid` names the member that is wrong, and why.
template <class T>
Result<T> from_json(const nlohmann::json& from)
{
    detail::JsonReader reader;
    T value{};
    if (!reader.get(from, value, {})) return Error{ErrorKind::invalid, reader.error()};
    return value;
}

/// The same over defaults: members that are not there keep what `value` has. For configuration.
template <class T>
Result<T> from_json_over(T value, const nlohmann::json& from)
{
    detail::JsonReader reader{true};
    if (!reader.get(from, value, {})) return Error{ErrorKind::invalid, reader.error()};
    return value;
}

}  // namespace ledger::codec
