#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace node {

/// The only topic whose bodies a node reads. They say, as JSON and beside what parties may add,
/// {"root":"0x…","bytes":N,"manifest":"0x…"}: the sender is about to bring that sealed batch.
inline constexpr std::string_view batch_topic = "batch";

struct BatchNews {
    ledger::Hash root;
    std::uint64_t bytes{};                 ///< of ciphertext, at most
    std::optional<ledger::Hash> manifest;  ///< SHA-256 of its batch.json; any, where it is not said
};
/// `invalid` when it does not say which batch.
ledger::Result<BatchNews> parse_batch_news(std::string_view body);

}  // namespace node
