#pragma once

#include "ledger/base/big_endian.hpp"
#include "ledger/base/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

/// Bits and nibbles of key hashes, most significant first, and the names of tree nodes.
namespace ledger {

inline bool bit_of(const Hash& hash, std::size_t index)
{
    return (hash.bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

inline unsigned nibble_of(const Hash& hash, std::size_t index)
{
    const unsigned byte = hash.bytes[index / 2];
    return index % 2 == 0 ? byte >> 4 : byte & 0x0f;
}

/// The place of a 16-ary node: the nibbles that lead to it from the root, 0...63 of them. Two
/// paths are the same place when they compare equal; the bytes behind the last nibble are zero.
struct TreePath {
    static constexpr std::size_t max_length = 64;
    std::array<std::uint8_t, 32> nibbles{};
    std::uint8_t length = 0;

    /// The first `length` nibbles of `key_hash`.
    static TreePath of(const Hash& key_hash, std::size_t length)
    {
        TreePath path;
        path.length = static_cast<std::uint8_t>(length);
        for (std::size_t i = 0; i < length / 2; ++i) path.nibbles[i] = key_hash.bytes[i];
        if (length % 2 == 1) path.nibbles[length / 2] = key_hash.bytes[length / 2] & 0xf0;
        return path;
    }
    TreePath child(unsigned nibble) const
    {
        TreePath longer = *this;
        longer.nibbles[length / 2U] |=
            static_cast<std::uint8_t>(length % 2 == 0 ? nibble << 4 : nibble);
        ++longer.length;
        return longer;
    }
    bool leads_to(const Hash& key_hash) const { return of(key_hash, length) == *this; }
    friend bool operator==(const TreePath&, const TreePath&) = default;
};

/// The key a node is stored under: u64 version of the checkpoint that wrote it, u8 nibble count,
/// the nibbles two to a byte. Versions first, so that old ones lie together.
inline Bytes tree_node_key(Height version, const TreePath& path)
{
    Bytes key;
    key.reserve(9 + (path.length + 1U) / 2);
    append_big_endian(key, version.value);
    key.push_back(path.length);
    append(key, ByteView{path.nibbles}.first((path.length + 1U) / 2));
    return key;
}

}  // namespace ledger
