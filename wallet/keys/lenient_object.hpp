#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wallet {

/// Of the letters of ASCII, whatever the locale.
bool same_but_for_case(std::string_view one, std::string_view other);

/// An object of a JSON file that another program wrote, and where it stands in it, so that errors
/// can name the member. Names are known in any case, as programs know them that read JSON into
/// structures. The errors are `invalid`. Refers to the JSON, which must outlive it.
class LenientObject {
public:
    using Json = nlohmann::ordered_json;

    LenientObject(const Json& object, std::string path) : object_{&object}, path_{std::move(path)}
    {
    }

    std::string path_to(std::string_view name) const;
    /// Null when there is no such member. Fails when there are two, whose names differ by case
    /// alone: other programs would read either.
    ledger::Result<const Json*> find(std::string_view name) const;

    ledger::Result<LenientObject> object(const char* name) const;
    ledger::Result<std::string> text(const char* name) const;
    /// Empty when it is left out or null.
    ledger::Result<std::string> optional_text(const char* name) const;
    /// A whole number that is not negative; also as a float, where that is exact, or as decimal
    /// text.
    ledger::Result<std::uint64_t> number(const char* name) const;
    ledger::Result<ledger::Bytes> hex(const char* name, std::size_t least, std::size_t most) const;
    /// Fails unless the member has this one value, in any case.
    ledger::Result<void> only(const char* name, std::string_view value) const;

private:
    ledger::Result<const Json*> required(const char* name) const;

    const Json* object_;
    std::string path_;
};

}  // namespace wallet
