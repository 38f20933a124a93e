#pragma once

#include "ledger/store/block_store.hpp"

#include <cstdint>
#include <string>

namespace ledger {

inline Bytes bytes_of(std::string_view text)
{
    return {as_bytes(text).begin(), as_bytes(text).end()};
}

/// An id that says its number.
template <class Id>
Id numbered(std::uint64_t number, std::uint8_t kind = 0)
{
    Id id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> 8 * i);
    id.bytes[31] = kind;
    return id;
}

/// A block with contents that follow from its height, applying log record height + 1.
inline BlockCommit numbered_block(std::uint64_t height, StateDiff state = {})
{
    const auto text = std::to_string(height);
    StoredBlock block{{height},
                      numbered<BlockId>(height, 1),
                      bytes_of("header " + text),
                      bytes_of("body " + text + std::string(height % 7 * 50, 'b')),
                      bytes_of("receipts " + text),
                      bytes_of("certificate " + text)};
    return {std::move(block),
            {numbered<TxId>(2 * height, 2), numbered<TxId>(2 * height + 1, 2)},
            std::move(state),
            height + 1,
            {}};
}

}  // namespace ledger
