#pragma once

#include "market/messages/data.hpp"
#include "market/network.hpp"

#include "ledger/sealing/leaf_table.hpp"

#include <nlohmann/json_fwd.hpp>

namespace market {

/// Most bytes of a contribution.json.
inline constexpr std::size_t statement_bytes = 16 * 1024;

/// Reads what a device says of a batch and has signed, as `millrace-edge` writes it beside the
/// batch (contribution.json, docs/edge.md). The device is whoever signed; whether it may, the
/// ledger knows. `invalid` where it is none, where it is of another network, or where nobody's
/// signature it is.
ledger::Result<DataContribute> read_statement(const Network&, const nlohmann::json&);

/// Whether a batch.json is of that batch: the same bytes, root and key, sealed to as many masters.
bool fits(const DataContribute&, const ledger::sealing::BatchSummary&,
          const std::vector<Bytes>& wraps);

}  // namespace market
