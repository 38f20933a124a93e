#include "ledger/crypto/sha256.hpp"
#include "training/recipe/fields.hpp"

#include <nlohmann/json.hpp>

namespace training {
namespace {

using nlohmann::json;

class Writer {
public:
    template <class Kind>
    void choice(const char* name, const Kind& from, fields::Names<Kind> names)
    {
        for (const auto& [text, kind] : names)
            if (kind == from) object[name] = text;
    }
    template <class Value>
    void value(const char* name, const Value& from)
    {
        object[name] = from;
    }
    void flag(const char* name, bool from) { value(name, from); }
    void number(const char* name, double from, fields::Range) { value(name, from); }
    void count(const char* name, std::uint64_t from, fields::Range) { value(name, from); }
    void numbers(const char* name, const std::vector<double>& from, fields::Range)
    {
        value(name, from);
    }
    void text(const char* name, const std::string& from) { value(name, from); }
    void texts(const char* name, const std::vector<std::string>& from) { value(name, from); }
    template <class Group>
    void group(const char* name, Group& from)
    {
        Writer writer;
        fields::visit(writer, from);
        object[name] = std::move(writer.object);
    }

    json object = json::object();
};

}  // namespace

std::string recipe_text(const Recipe& recipe)
{
    auto copy = recipe;
    Writer writer;
    fields::visit(writer, copy);
    return writer.object.dump(-1, ' ', false, json::error_handler_t::replace);
}

ledger::Hash recipe_hash(const Recipe& recipe)
{
    return ledger::sha256(ledger::as_bytes(recipe_text(recipe)));
}

}  // namespace training
