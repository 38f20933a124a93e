#include "training/recipe/fields.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace training {
namespace {

using ledger::Result;
using nlohmann::json;

constexpr std::size_t most_texts = 1024;
constexpr std::size_t most_weights = 100'000;

/// Takes fields out of one JSON object and remembers the first thing that is wrong.
class Reader {
public:
    Reader(const json& object, std::string path, std::string& fault)
        : object_{object}, path_{std::move(path)}, fault_{fault}
    {
    }

    template <class Kind>
    void choice(const char* name, Kind& to, fields::Names<Kind> names)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        std::string known;
        for (const auto& [text, kind] : names) {
            if (value->is_string() && *value == text) {
                to = kind;
                return;
            }
            known += (known.empty() ? "" : ", ") + std::string{text};
        }
        wrong(name, "is none of " + known);
    }

    void flag(const char* name, bool& to)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_boolean()) return wrong(name, "is not true or false");
        to = value->get<bool>();
    }

    void number(const char* name, double& to, fields::Range range)
    {
        const auto* value = find(name);
        if (value == nullptr || !in_range(name, *value, range)) return;
        to = value->get<double>();
    }

    void count(const char* name, std::uint64_t& to, fields::Range range)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_number_unsigned()) return wrong(name, "is not a whole number");
        if (in_range(name, *value, range)) to = value->get<std::uint64_t>();
    }

    void numbers(const char* name, std::vector<double>& to, fields::Range range)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_array() || value->size() > most_weights)
            return wrong(name, "is not a list of numbers");
        to.clear();
        for (const auto& each : *value) {
            if (!in_range(name, each, range)) return;
            to.push_back(each.get<double>());
        }
    }

    void text(const char* name, std::string& to)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_string()) return wrong(name, "is not a text");
        to = value->get<std::string>();
    }

    void texts(const char* name, std::vector<std::string>& to)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_array() || value->size() > most_texts ||
            !std::ranges::all_of(*value, [](const json& each) { return each.is_string(); }))
            return wrong(name, "is not a list of texts");
        to = value->get<std::vector<std::string>>();
    }

    template <class Group>
    void group(const char* name, Group& to)
    {
        const auto* value = find(name);
        if (value == nullptr) return;
        if (!value->is_object()) return wrong(name, "is not an object");
        Reader reader{*value, path_ + name + ".", fault_};
        fields::visit(reader, to);
        reader.refuse_others();
    }

    void refuse_others()
    {
        for (const auto& [name, value] : object_.items())
            if (!known_.contains(name)) wrong(name, "is no field of a recipe");
    }

private:
    const json* find(const char* name)
    {
        known_.insert(name);
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    bool in_range(const char* name, const json& value, fields::Range range)
    {
        if (!value.is_number()) {
            wrong(name, "is not a number");
            return false;
        }
        const auto number = value.get<double>();
        if (std::isfinite(number) && number >= range.least && number <= range.most) return true;
        wrong(name, "is not from " + json(range.least).dump() + " to " + json(range.most).dump());
        return false;
    }

    void wrong(const std::string& name, const std::string& why)
    {
        if (fault_.empty()) fault_ = "'" + path_ + name.substr(0, 100) + "' " + why;
    }

    const json& object_;
    std::string path_;
    std::string& fault_;
    std::set<std::string, std::less<>> known_;
};

std::string fault_of_quantising(const Recipe& recipe)
{
    if (recipe.quantise.bits == 1) return "'quantise.bits' is neither 0 nor from 2 to 8";
    if (recipe.quantise.bits == 0) return {};
    if (recipe.tensors.snap != TensorOptions::Grid::none)
        return "'quantise.bits' and 'tensors.snap' exclude each other";
    if (recipe.precision != Precision::float32)
        return "'quantise.bits' goes with the 'precision' float32 only";
    return {};
}

}  // namespace

Result<Recipe> read_recipe(ledger::ByteView text)
{
    if (text.size() > most_recipe_bytes) return ledger::invalid("the recipe is too long");
    const auto object = json::parse(text.begin(), text.end(), nullptr, false);
    if (!object.is_object()) return ledger::invalid("the recipe is no JSON object");
    Recipe recipe;
    std::string fault;
    Reader reader{object, "", fault};
    fields::visit(reader, recipe);
    reader.refuse_others();
    if (fault.empty() && recipe.epochs == 0 && recipe.steps == 0)
        fault = "length is given neither by 'epochs' nor by 'steps'";
    if (fault.empty() && recipe.loss.balanced && !recipe.loss.class_weights.empty())
        fault = "'loss.balanced' and 'loss.class_weights' exclude each other";
    if (fault.empty()) fault = fault_of_quantising(recipe);
    if (!fault.empty()) return ledger::invalid("the recipe's " + fault);
    return recipe;
}

}  // namespace training
