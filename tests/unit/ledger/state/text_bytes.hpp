#pragma once

#include "ledger/base/bytes.hpp"

#include <string_view>

namespace ledger {

/// Keys and values in tests, as text.
inline Bytes b(std::string_view text)
{
    return {text.begin(), text.end()};
}

}  // namespace ledger
