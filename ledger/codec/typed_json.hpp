#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/codec/eip712.hpp"
#include "ledger/crypto/address.hpp"

#include <nlohmann/json.hpp>

/// The form in which wallets take typed data (eth_signTypedData_v4): a wallet that signs it signs
/// the same digest as eip712::digest. Enums are numbers here, integers of more than 32 bits
/// decimal strings.
namespace ledger::eip712 {

/// "chainId", and of the others those that are set.
nlohmann::json domain_json(const Domain&);

namespace detail {

/// [{"name","type"}...] from a definition such as "A(uint64 a,B[] b)".
nlohmann::json members_json(const std::string& definition);
nlohmann::json domain_members_json(const Domain&);

template <class T>
nlohmann::json value_json(const T& value)
{
    using namespace codec;
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (UnsignedInteger<T>) {
        if constexpr (sizeof(T) <= 4)
            return value;
        else
            return std::to_string(value);
    } else if constexpr (DescribedEnum<T>) {
        return static_cast<std::uint64_t>(value);
    } else if constexpr (NamedLike<T> || ShareLike<T>) {
        return value_json(value.value);
    } else if constexpr (WideLike<T>) {
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
        for (const auto& item : value) array.push_back(value_json(item));
        return array;
    } else {
        auto object = nlohmann::json::object();
        for_each_member(value, [&](std::string_view name, const auto& member) {
            object[to_camel_case(name)] = value_json(member);
        });
        return object;
    }
}

}  // namespace detail

/// {"types","primaryType","domain","message"}
template <codec::Described T>
nlohmann::json typed_json(const Domain& domain, const T& value)
{
    std::map<std::string, std::string> definitions;
    detail::collect_types<T>(definitions);
    nlohmann::json types;
    types["EIP712Domain"] = detail::domain_members_json(domain);
    for (const auto& [name, definition] : definitions)
        types[name] = detail::members_json(definition);
    return {{"types", std::move(types)},
            {"primaryType", std::string{codec::name_of<T>()}},
            {"domain", domain_json(domain)},
            {"message", detail::value_json(value)}};
}

}  // namespace ledger::eip712
