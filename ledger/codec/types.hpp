#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace ledger {

/// An integer that wire formats of others give more bits than we keep: Solidity's uint40,
/// uint128, uint256. Holds values up to 2^64 - 1; larger ones are refused where they are read.
template <unsigned Bits>
struct Wide {
    static constexpr unsigned bits = Bits;
    std::uint64_t value{};
    friend constexpr auto operator<=>(Wide, Wide) = default;
};

namespace codec {

template <class T>
struct IsFixedBytes : std::false_type {
};
template <class Tag, std::size_t N>
struct IsFixedBytes<FixedBytes<Tag, N>> : std::true_type {
};

template <class T>
struct IsNamed : std::false_type {
};
template <class Tag, class Rep>
struct IsNamed<Named<Tag, Rep>> : std::true_type {
};

template <class T>
struct IsWide : std::false_type {
};
template <unsigned Bits>
struct IsWide<Wide<Bits>> : std::true_type {
};

template <class T>
struct IsVector : std::false_type {
};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
};

template <class T>
struct IsOptional : std::false_type {
};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
};

template <class T>
struct IsMap : std::false_type {
};
template <class K, class V>
struct IsMap<std::map<K, V>> : std::true_type {
};

template <class T>
concept UnsignedInteger = std::is_unsigned_v<T> && !std::is_same_v<T, bool>;
template <class T>
concept FixedBytesLike = IsFixedBytes<T>::value;
template <class T>
concept NamedLike = IsNamed<T>::value;
template <class T>
concept WideLike = IsWide<T>::value;
template <class T>
concept ShareLike = std::is_same_v<T, BasisPoints> || std::is_same_v<T, PartsPerMillion>;
template <class T>
concept ListLike = IsVector<T>::value && !std::is_same_v<T, Bytes>;
template <class T>
concept OptionalLike = IsOptional<T>::value;
template <class T>
concept MapLike = IsMap<T>::value;

}  // namespace codec
}  // namespace ledger
