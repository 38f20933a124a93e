#pragma once

#include "market/messages/data.hpp"
#include "market/state/data_records.hpp"
#include "market/state/money.hpp"

/// Datasets, the devices that contribute to them, and what contributors earn (market.md 6, 7).
/// All but the claims is history: byte deposits stay.
namespace market {

struct DataLimits {
    static constexpr std::size_t wraps = 16;  ///< master keys of a batch
    static constexpr std::size_t path = 64;   ///< hashes from a leaf to a root
};

Verdict apply(State&, const Context&, const DatasetRegister&);
Verdict apply(State&, const Context&, const DeviceEnroll&);
Verdict apply(State&, const Context&, const DeviceRevoke&);
/// Its shares begin to earn with the next money that comes in.
Verdict apply(State&, const Context&, const DataContribute&);
Verdict apply(State&, const Context&, const DataPreview&);
/// Pays what the sender's shares earned since it last drew; in a credit network to its statement.
Verdict apply(State&, const Context&, const DataClaim&);

/// Whether a leaf is the one that a batch commits to for chunk `index`, shown by a path from a
/// stranger.
Verdict check_leaf(const Batch&, std::uint64_t index, const ChunkLeaf&,
                   const std::vector<Hash>& path);

}  // namespace market
