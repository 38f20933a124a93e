#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <string>
#include <vector>

namespace market {

/// A dataset that this one was made from, and its part of what this one's sales earn.
struct DatasetParent {
    DatasetId dataset;
    PartsPerMillion ppm;
    friend bool operator==(const DatasetParent&, const DatasetParent&) = default;
};
MILLRACE_DESCRIBE(DatasetParent, (dataset, ppm))

/// Takes the id `dataset_id(sender, name)`. The parts of owner, contributors and parents sum to
/// 1,000,000; they say who earns what of a sale, for good.
struct DatasetRegister {
    std::string name;  ///< as a model's name
    Hash schema_hash;  ///< SHA-256 of what an item looks like, zero for none
    Hash card_hash;    ///< SHA-256 of the card blob
    PartsPerMillion owner_ppm;
    PartsPerMillion contributor_ppm;     ///< by their shares
    std::vector<DatasetParent> parents;  ///< at most 8, half of the whole together
    bool open = false;                   ///< others than the owner contribute to it
    friend bool operator==(const DatasetRegister&, const DatasetRegister&) = default;
};
MILLRACE_DESCRIBE(DatasetRegister,
                  (name, schema_hash, card_hash, owner_ppm, contributor_ppm, parents, open))

/// What a device counts as shares.
enum class SharesRule { bytes, rows };
BOOST_DESCRIBE_ENUM(SharesRule, bytes, rows)

/// The dataset's owner lets a device sign contributions, whose shares are `contributor`'s.
/// Enrolled anew after it was revoked, a device goes on with its count of the day.
struct DeviceEnroll {
    DatasetId dataset;
    Address device;
    Address contributor;
    SharesRule shares_rule{};
    std::uint64_t daily_shares{};  ///< most that it may declare in a day of block time (UTC)
    friend bool operator==(const DeviceEnroll&, const DeviceEnroll&) = default;
};
MILLRACE_DESCRIBE(DeviceEnroll, (dataset, device, contributor, shares_rule, daily_shares))

/// By the dataset's owner. What the device contributed before stands.
struct DeviceRevoke {
    DatasetId dataset;
    Address device;
    friend bool operator==(const DeviceRevoke&, const DeviceRevoke&) = default;
};
MILLRACE_DESCRIBE(DeviceRevoke, (dataset, device))

/// A sealed batch; sent by the dataset's owner or the device's contributor. What the device signs
/// is `sealing::contribution_digest` of it.
struct DataContribute {
    DatasetId dataset;
    Address device;
    std::uint64_t batch{};    ///< counted by the device for this dataset, from 1, never twice
    ledger::PublicKey point;  ///< K of the batch's key
    Hash root;                ///< over the leaves of its chunks
    std::uint64_t chunks{};
    std::uint64_t bytes{};   ///< of ciphertext
    std::uint64_t shares{};  ///< at least 1
    Hash schema_hash;
    Hash meta_hash;
    std::vector<WrappedKey> wraps;  ///< 1 to 16
    Signature device_signature;
    friend bool operator==(const DataContribute&, const DataContribute&) = default;
};
MILLRACE_DESCRIBE(DataContribute, (dataset, device, batch, point, root, chunks, bytes, shares,
                                   schema_hash, meta_hash, wraps, device_signature))

/// Names a batch of a dataset.
struct BatchRef {
    Address device;
    std::uint64_t batch{};
    friend auto operator<=>(const BatchRef&, const BatchRef&) = default;
};
MILLRACE_DESCRIBE(BatchRef, (device, batch))

/// What a batch commits to of one chunk (`sealing::Leaf`).
struct ChunkLeaf {
    Hash key_hash;
    Hash chunk_hash;
    friend bool operator==(const ChunkLeaf&, const ChunkLeaf&) = default;
};
MILLRACE_DESCRIBE(ChunkLeaf, (key_hash, chunk_hash))

/// The owner shows everybody one chunk of a batch by its key: one of those that were drawn after
/// the batch was on the ledger (`drawn_chunks`).
struct DataPreview {
    DatasetId dataset;
    BatchRef batch;
    std::uint64_t index{};
    Hash key;  ///< of the chunk
    ChunkLeaf leaf;
    std::vector<Hash> path;  ///< from leaf to root, at most 64
    friend bool operator==(const DataPreview&, const DataPreview&) = default;
};
MILLRACE_DESCRIBE(DataPreview, (dataset, batch, index, key, leaf, path))

/// A contributor draws what its shares of a dataset have earned.
struct DataClaim {
    DatasetId dataset;
    friend bool operator==(const DataClaim&, const DataClaim&) = default;
};
MILLRACE_DESCRIBE(DataClaim, (dataset))

}  // namespace market
