#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/crypto/x25519.hpp"
#include "ledger/sealing/leaf_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ledger::transfer {

/// The batch's key sealed to one master.
struct MasterWrap {
    X25519PublicKey to;
    Bytes key;  ///< 80 bytes
    friend bool operator==(const MasterWrap&, const MasterWrap&) = default;
};
MILLRACE_DESCRIBE(MasterWrap, (to, key))

/// batch.json, and what a store is told before anything else of a batch: everything about a sealed
/// batch but its bytes; nothing in it is secret.
struct BatchManifest {
    Hash dataset;
    PublicKey point;  ///< of the batch's key
    Hash root;
    std::uint64_t chunks{};
    std::uint64_t bytes{};  ///< of ciphertext
    std::vector<MasterWrap> wraps;

    sealing::BatchSummary summary() const { return {point, root, chunks, bytes}; }
    friend bool operator==(const BatchManifest&, const BatchManifest&) = default;
};
MILLRACE_DESCRIBE(BatchManifest, (dataset, point, root, chunks, bytes, wraps))

inline constexpr std::size_t most_masters = 16;
inline constexpr std::size_t manifest_bytes = 64 * 1024;

std::string manifest_text(const BatchManifest& manifest);
/// `invalid` unless it is a manifest whose numbers fit together, for 1 to 16 different masters.
Result<BatchManifest> parse_manifest(std::string_view text);

}  // namespace ledger::transfer
