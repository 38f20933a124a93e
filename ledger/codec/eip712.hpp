#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/codec/types.hpp"
#include "ledger/crypto/hash.hpp"

#include <map>

/// EIP-712 typed structured data: type strings, struct hashes and signing digests of
/// described structs. Amount is uint64, ids of 32 bytes are bytes32, Address is address,
/// text is string, everything else of bytes is bytes, lists are arrays, enums are uint8.
namespace ledger::eip712 {

/// Solidity's uint256 with all its bits, big-endian, for numbers that only name something.
using Uint256 = FixedBytes<struct Uint256Tag, 32>;

/// The signing domain. Only the fields that are set take part, in the order of the standard.
struct Domain {
    std::string name;
    std::optional<std::string> version;
    ChainId chain_id;
    std::optional<Address> verifying_contract;
    std::optional<Hash> salt;

    Hash separator() const;
};

/// keccak256(0x1901 || separator || struct_hash): what is signed.
Hash digest(const Hash& domain_separator, const Hash& struct_hash);

namespace detail {

template <class T>
std::string type_name()
{
    using namespace codec;
    if constexpr (std::is_same_v<T, bool>)
        return "bool";
    else if constexpr (UnsignedInteger<T>)
        return "uint" + std::to_string(sizeof(T) * 8);
    else if constexpr (DescribedEnum<T>)
        return "uint8";
    else if constexpr (NamedLike<T>)
        return type_name<typename T::rep>();
    else if constexpr (WideLike<T>)
        return "uint" + std::to_string(T::bits);
    else if constexpr (ShareLike<T>)
        return "uint32";
    else if constexpr (std::is_same_v<T, Amount>)
        return "uint64";
    else if constexpr (std::is_same_v<T, Address>)
        return "address";
    else if constexpr (std::is_same_v<T, Uint256>)
        return "uint256";
    else if constexpr (FixedBytesLike<T>)
        return T::size == 32 ? "bytes32" : "bytes";
    else if constexpr (std::is_same_v<T, std::string>)
        return "string";
    else if constexpr (std::is_same_v<T, Bytes>)
        return "bytes";
    else if constexpr (ListLike<T>)
        return type_name<typename T::value_type>() + "[]";
    else
        return std::string{name_of<T>()};
}

/// Adds T's own definition and those of every struct it refers to.
template <class T>
void collect_types(std::map<std::string, std::string>& types)
{
    using namespace codec;
    if constexpr (ListLike<T>) {
        collect_types<typename T::value_type>(types);
    } else if constexpr (Described<T>) {
        const auto [at, fresh] = types.try_emplace(std::string{name_of<T>()});
        if (!fresh) return;
        std::string definition = at->first + "(";
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            using Member = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
            if (definition.back() != '(') definition += ',';
            definition += type_name<Member>() + " " + to_camel_case(member.name);
            collect_types<Member>(types);
        });
        types[std::string{name_of<T>()}] = definition + ")";
    }
}

void put_word(Keccak256& hasher, std::uint64_t value);
void put_address(Keccak256& hasher, const Address& address);
std::string join_types(const std::string& primary, std::map<std::string, std::string> types);

}  // namespace detail

/// encodeType of the standard: the primary type first, what it refers to in alphabetical order.
template <codec::Described T>
const std::string& type_string()
{
    static const std::string text = [] {
        std::map<std::string, std::string> types;
        detail::collect_types<T>(types);
        return detail::join_types(std::string{codec::name_of<T>()}, std::move(types));
    }();
    return text;
}

template <codec::Described T>
const Hash& type_hash()
{
    static const Hash hash = keccak256(as_bytes(type_string<T>()));
    return hash;
}

template <codec::Described T>
Hash struct_hash(const T& value);

namespace detail {

template <class T>
void put_value(Keccak256& hasher, const T& value)
{
    using namespace codec;
    if constexpr (std::is_same_v<T, bool>) {
        put_word(hasher, value ? 1 : 0);
    } else if constexpr (UnsignedInteger<T>) {
        put_word(hasher, value);
    } else if constexpr (DescribedEnum<T>) {
        put_word(hasher, static_cast<std::uint64_t>(value));
    } else if constexpr (NamedLike<T> || WideLike<T> || ShareLike<T>) {
        put_word(hasher, value.value);
    } else if constexpr (std::is_same_v<T, Amount>) {
        put_word(hasher, value.micros());
    } else if constexpr (std::is_same_v<T, Address>) {
        put_address(hasher, value);
    } else if constexpr (FixedBytesLike<T>) {
        if constexpr (T::size == 32)
            hasher.update(value.view());
        else
            hasher.update(keccak256(value.view()).view());
    } else if constexpr (std::is_same_v<T, std::string>) {
        hasher.update(keccak256(as_bytes(value)).view());
    } else if constexpr (std::is_same_v<T, Bytes>) {
        hasher.update(keccak256(value).view());
    } else if constexpr (ListLike<T>) {
        Keccak256 items;
        for (const auto& item : value) put_value(items, item);
        hasher.update(items.finish().view());
    } else {
        hasher.update(struct_hash(value).view());
    }
}

}  // namespace detail

/// hashStruct of the standard.
template <codec::Described T>
Hash struct_hash(const T& value)
{
    Keccak256 hasher;
    hasher.update(type_hash<T>().view());
    codec::for_each_member(value,
                           [&](auto, const auto& member) { detail::put_value(hasher, member); });
    return hasher.finish();
}

template <codec::Described T>
Hash digest(const Domain& domain, const T& value)
{
    return digest(domain.separator(), struct_hash(value));
}

}  // namespace ledger::eip712
