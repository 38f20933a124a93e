#include "ledger/codec/json.hpp"

#include "ledger/base/json_depth.hpp"

#include <charconv>
#include <set>

namespace ledger::codec {

Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits)
{
    using nlohmann::json;
    if (text.size() > limits.bytes)
        return Error{ErrorKind::full,
                     "JSON is longer than " + std::to_string(limits.bytes) + " bytes"};
    if (json_depth(text) > limits.depth)
        return Error{ErrorKind::full,
                     "JSON nests deeper than " + std::to_string(limits.depth) + " levels"};

    std::vector<std::set<std::string>> names;
    std::string duplicate;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key &&
            !names.back().insert(parsed.get_ref<const std::string&>()).second)
            duplicate = parsed.get<std::string>();
        return true;
    };
    try {
        auto value = json::parse(text, watch);
        if (!duplicate.empty())
            return Error{ErrorKind::invalid, "JSON has the member " + duplicate + " twice"};
        // json converts to anything, so the conversion to a Result is spelled out.
        return Result<json>{boost::system::in_place_value, std::move(value)};
    } catch (const json::exception& error) {
        return Error{ErrorKind::invalid, error.what()};
    }
}

std::string canonical_json(const nlohmann::json& value)
{
    return value.dump();  // members are kept in bytewise order; no spaces, shortest escapes
}

std::optional<std::uint64_t> parse_decimal(std::string_view text)
{
    if (text.empty() || text.size() > 20 || (text.size() > 1 && text[0] == '0')) return {};
    std::uint64_t value = 0;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc{} || end != last) return {};
    return value;
}

namespace detail {

bool JsonReader::fail(const std::string& path, const std::string& what)
{
    if (error_.empty()) error_ = (path.empty() ? std::string{"the value"} : path) + " " + what;
    return false;
}

bool JsonReader::integer(const nlohmann::json& from, std::uint64_t& value, std::uint64_t most,
                         const std::string& path)
{
    if (!from.is_number_unsigned()) return fail(path, "must be a whole number, 0 or more");
    value = from.get<std::uint64_t>();
    return value <= most || fail(path, "is larger than " + std::to_string(most));
}

bool JsonReader::decimal(const nlohmann::json& from, std::uint64_t& value, const std::string& path)
{
    if (!from.is_string()) return fail(path, "must be a string of decimal digits");
    const auto parsed = parse_decimal(from.get_ref<const std::string&>());
    if (!parsed) return fail(path, "must be decimal digits for a value below 2^64");
    value = *parsed;
    return true;
}

bool JsonReader::hex(const nlohmann::json& from, Bytes& value, const std::string& path)
{
    if (!from.is_string()) return fail(path, "must be a string of hex");
    const auto& text = from.get_ref<const std::string&>();
    const auto bytes = text.starts_with("0x") ? from_hex(text) : std::nullopt;
    if (!bytes) return fail(path, "must be 0x and hex digits");
    value = *bytes;
    return true;
}

}  // namespace detail
}  // namespace ledger::codec
