#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ledger {

/// Lower-case hex, without and with the 0x prefix.
std::string to_hex(ByteView bytes);
std::string to_hex0x(ByteView bytes);

/// Reads hex with or without 0x, either case. Empty on an odd length or another character.
std::optional<Bytes> from_hex(std::string_view text);

/// Reads exactly N bytes of hex into `Id`; empty when the length or a character is wrong.
template <class Id>
std::optional<Id> id_from_hex(std::string_view text)
{
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != Id::size) return {};
    return Id::of(*bytes);
}

}  // namespace ledger
