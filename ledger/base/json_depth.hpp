#pragma once

#include <cstddef>
#include <string_view>

namespace ledger {

/// How deep brackets nest in a JSON text, those inside strings left aside: what parses it
/// afterwards recurses that deep. Whether the text is JSON does not matter; takes time in its
/// length and no memory.
std::size_t json_depth(std::string_view text);

}  // namespace ledger
