#include "wallet/keys/lenient_object.hpp"

#include "ledger/base/hex.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace wallet {
namespace {

using ledger::invalid;
using ledger::Result;

/// 2^53: whole numbers up to here are exact as floats.
constexpr double most_exact = 9007199254740992.0;

char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<std::uint64_t> whole_number(const LenientObject::Json& value)
{
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_float()) {
        const auto number = value.get<double>();
        if (!(number >= 0) || number > most_exact || number != std::trunc(number)) return {};
        return static_cast<std::uint64_t>(number);
    }
    if (!value.is_string()) return {};
    const auto& text = value.get_ref<const std::string&>();
    const auto* end = text.data() + text.size();
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return {};
    return number;
}

}  // namespace

bool same_but_for_case(std::string_view one, std::string_view other)
{
    return std::ranges::equal(one, other, {}, lower_case, lower_case);
}

std::string LenientObject::path_to(std::string_view name) const
{
    return path_.empty() ? std::string{name} : path_ + "." + std::string{name};
}

Result<const LenientObject::Json*> LenientObject::find(std::string_view name) const
{
    const Json* found = nullptr;
    for (auto at = object_->begin(); at != object_->end(); ++at) {
        if (!same_but_for_case(at.key(), name)) continue;
        if (found != nullptr) return invalid(path_to(name) + " is there twice, in other cases");
        found = &*at;
    }
    return found;
}

Result<const LenientObject::Json*> LenientObject::required(const char* name) const
{
    auto found = find(name);
    if (found && *found == nullptr) return invalid(path_to(name) + " is missing");
    return found;
}

Result<LenientObject> LenientObject::object(const char* name) const
{
    const auto found = required(name);
    if (!found) return found.error();
    if (!(*found)->is_object()) return invalid(path_to(name) + " is no object");
    return LenientObject{**found, path_to(name)};
}

Result<std::string> LenientObject::text(const char* name) const
{
    const auto found = required(name);
    if (!found) return found.error();
    if (!(*found)->is_string()) return invalid(path_to(name) + " is no text");
    return (*found)->get_ref<const std::string&>();
}

Result<std::string> LenientObject::optional_text(const char* name) const
{
    const auto found = find(name);
    if (!found) return found.error();
    if (*found == nullptr || (*found)->is_null()) return std::string{};
    return text(name);
}

Result<std::uint64_t> LenientObject::number(const char* name) const
{
    const auto found = required(name);
    if (!found) return found.error();
    const auto number = whole_number(**found);
    if (!number) return invalid(path_to(name) + " is no whole number");
    return *number;
}

Result<ledger::Bytes> LenientObject::hex(const char* name, std::size_t least,
                                         std::size_t most) const
{
    const auto written = text(name);
    if (!written) return written.error();
    auto bytes = ledger::from_hex(*written);
    if (!bytes) return invalid(path_to(name) + " is no hex");
    if (bytes->size() < least || bytes->size() > most)
        return invalid(path_to(name) + " has " + std::to_string(bytes->size()) +
                       " bytes instead of " + std::to_string(least) +
                       (least == most ? "" : " to " + std::to_string(most)));
    return std::move(*bytes);
}

Result<void> LenientObject::only(const char* name, std::string_view value) const
{
    const auto written = text(name);
    if (!written) return written.error();
    if (!same_but_for_case(*written, value))
        return invalid(path_to(name) + " is not " + std::string{value});
    return {};
}

}  // namespace wallet
