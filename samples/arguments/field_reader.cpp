#include "samples/arguments/field_reader.hpp"

#include <algorithm>
#include <cmath>

namespace samples {

using nlohmann::json;

FieldReader::FieldReader(const json& object, std::string within)
    : object_{object}, within_{std::move(within)}
{
}

void FieldReader::flag(const char* name, bool& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_boolean()) return wrong(name, "is not true or false");
    to = value->get<bool>();
}

void FieldReader::count(const char* name, std::uint64_t least, std::uint64_t most,
                        std::uint64_t& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_number_unsigned()) return wrong(name, "is not a whole number");
    const auto number = value->get<std::uint64_t>();
    if (number < least || number > most)
        return wrong(name, "is not from " + std::to_string(least) + " to " + std::to_string(most));
    to = number;
}

bool FieldReader::number(const char* name, double& to)
{
    const auto* value = find(name);
    if (value == nullptr || !is_finite(name, *value)) return false;
    to = value->get<double>();
    return true;
}

void FieldReader::numbers(const char* name, std::size_t most, std::vector<double>& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_array()) return wrong(name, "is not a list of numbers");
    if (value->size() > most)
        return wrong(name, "has more than " + std::to_string(most) + " numbers");
    if (!std::ranges::all_of(*value, [&](const json& each) { return is_finite(name, each); }))
        return;
    to = value->get<std::vector<double>>();
}

void FieldReader::text(const char* name, std::size_t most_bytes, std::string& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_string()) return wrong(name, "is not a text");
    if (is_short_text(name, *value, most_bytes)) to = value->get<std::string>();
}

void FieldReader::texts(const char* name, std::size_t most, std::size_t most_bytes,
                        std::vector<std::string>& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_array() ||
        !std::ranges::all_of(*value, [](const json& each) { return each.is_string(); }))
        return wrong(name, "is not a list of texts");
    if (value->size() > most)
        return wrong(name, "has more than " + std::to_string(most) + " texts");
    const auto is_short = [&](const json& each) { return is_short_text(name, each, most_bytes); };
    if (std::ranges::all_of(*value, is_short)) to = value->get<std::vector<std::string>>();
}

void FieldReader::one_of(const char* name, std::initializer_list<std::string_view> known,
                         std::string& to)
{
    const auto* value = find(name);
    if (value == nullptr) return;
    std::string all;
    for (const auto each : known) {
        if (value->is_string() && value->get_ref<const std::string&>() == each) {
            to = each;
            return;
        }
        if (!each.empty()) all += (all.empty() ? "" : ", ") + std::string{each};
    }
    wrong(name, "is none of " + all);
}

const json* FieldReader::object(const char* name)
{
    const auto* value = find(name);
    if (value == nullptr || value->is_object()) return value;
    wrong(name, "is not an object");
    return nullptr;
}

const json* FieldReader::find(const char* name)
{
    known_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
}

void FieldReader::wrong(const std::string& name, const std::string& why)
{
    if (fault_.empty()) fault_ = "'" + within_ + name + "' " + why;
}

std::string FieldReader::fault()
{
    for (const auto& [name, value] : object_.items())
        if (!known_.contains(name)) wrong(name.substr(0, 100), "is not known");
    return fault_;
}

bool FieldReader::is_finite(const char* name, const json& value)
{
    if (value.is_number() && std::isfinite(value.get<double>())) return true;
    wrong(name, value.is_number() ? "is too large a number" : "is not a number");
    return false;
}

bool FieldReader::is_short_text(const char* name, const json& value, std::size_t most_bytes)
{
    const auto& text = value.get_ref<const std::string&>();
    const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
    if (text.size() > most_bytes)
        wrong(name, "has a text of more than " + std::to_string(most_bytes) + " bytes");
    else if (std::ranges::any_of(text, is_control))
        wrong(name, "has a control character");
    else
        return true;
    return false;
}

}  // namespace samples
