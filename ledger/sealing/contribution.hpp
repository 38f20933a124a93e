#pragma once

#include "ledger/sealing/leaf_table.hpp"

namespace ledger::sealing {

/// What a device says of a batch that it sealed, in the words that it signs: the batch is then its
/// own on that network, whoever sends it to the ledger.
struct Contribution {
    Hash network;  ///< id of the genesis block
    Hash dataset;
    std::uint64_t batch{};  ///< counted by the device for this dataset, from 1, never twice
    BatchSummary summary;
    std::uint64_t shares{};    ///< bytes of text or rows, by the dataset's rule
    Hash schema;               ///< SHA-256 of the description of an item, zero for none
    Hash meta;                 ///< SHA-256 of what is told about the batch, zero for none
    std::vector<Bytes> wraps;  ///< the batch's key for each master, `wrap_bytes` each
};

/// What `sig_edge` signs: tagged SHA-256 (BIP-340), tag "millrace/contribution/v1", of network,
/// dataset, u64 batch, K, root, u64 chunks, u64 bytes, u64 shares, schema, meta, u8 number of
/// wraps, the wraps; integers big-endian. SHA-256 so that a device needs no other hash.
Hash contribution_digest(const Contribution&);

}  // namespace ledger::sealing
