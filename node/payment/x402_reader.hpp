#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "node/payment/x402_wire.hpp"

#include <simdjson.h>

#include <algorithm>

/// Reads the members of a payment's JSON. For the sources that decode x402 messages alone.
namespace node::x402 {

namespace dom = simdjson::dom;
using Json = dom::element;

/// Reads members and keeps the first thing that is wrong.
class Reader {
public:
    /// Empty when there is none.
    static std::optional<Json> find(const std::optional<Json>& from, std::string_view name)
    {
        dom::object object;
        Json value;
        if (!from || from->get(object) != simdjson::SUCCESS) return {};
        if (object.at_key(name).get(value) != simdjson::SUCCESS) return {};
        return value;
    }

    std::optional<Json> member(const std::optional<Json>& from, const char* name)
    {
        auto value = find(from, name);
        if (!value) fail(name, "is missing");
        return value;
    }

    /// Lives as long as the document.
    std::string_view text(const std::optional<Json>& from, const char* name)
    {
        const auto value = member(from, name);
        std::string_view text;
        if (!value || value->get(text) != simdjson::SUCCESS) fail(name, "must be a text");
        return text;
    }

    std::uint64_t decimal_of(const std::optional<Json>& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return 0;
        const bool digits = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        const auto number = ledger::codec::parse_decimal(value);
        if (digits && !number && value[0] != '0') return fail(name, "is above 2^64 - 1"), 0;
        if (!number) return fail(name, "must be a decimal number as a text"), 0;
        return *number;
    }

    Amount amount(const std::optional<Json>& from, const char* name)
    {
        return Amount::micros(decimal_of(from, name));
    }

    template <class Id>
    Id bytes(const std::optional<Json>& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return {};
        const auto id = value.starts_with("0x") && value.size() == 2 + 2 * Id::size
                            ? ledger::id_from_hex<Id>(value)
                            : std::nullopt;
        if (!id) return fail(name, "must be 0x and the hex of its bytes"), Id{};
        return *id;
    }

    Address address(const std::optional<Json>& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return {};
        const auto parsed = ledger::parse_address(value);
        if (!parsed) return fail(name, "is no address, or its EIP-55 checksum is wrong"), Address{};
        return *parsed;
    }

    void fail(const char* name, const char* what)
    {
        if (!failed()) error_ = std::string{name} + " " + what;
    }
    bool failed() const { return !error_.empty(); }
    Refusal refusal() const { return {400, "malformed_payment", error_}; }

private:
    std::string error_;
};

inline std::optional<std::uint64_t> as_number(const std::optional<Json>& from)
{
    std::uint64_t number = 0;
    if (!from || from->get(number) != simdjson::SUCCESS) return {};
    return number;
}

inline std::optional<std::string> as_text(const std::optional<Json>& from)
{
    std::string_view text;
    if (!from || from->get(text) != simdjson::SUCCESS) return {};
    return std::string{text};
}

}  // namespace node::x402
