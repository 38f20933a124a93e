#pragma once

#include "ledger/crypto/x25519.hpp"
#include "market/messages/data.hpp"

namespace market {

/// The owner of a dataset offers the keys of batches, up to `max_open` sales at a time. Locks
/// `sale_bond * max_open`. The offer's id is the id of this transaction.
struct DataOffer {
    DatasetId dataset;
    std::vector<BatchRef> batches;          ///< 1 to 256, each once
    Amount price;                           ///< of all of them, at least 1
    Hash license_hash;                      ///< SHA-256 of what a buyer may do
    ledger::X25519PublicKey seller_x25519;  ///< to which buyers seal their blinds
    Amount sale_bond;                       ///< at least the price
    std::uint32_t max_open{};               ///< at least 1
    /// Seconds that the seller has to release, and the buyer to dispute; 0 stands for the
    /// network's, which are the least there may be.
    std::uint64_t t_rel_s{};
    std::uint64_t t_disp_s{};
    friend bool operator==(const DataOffer&, const DataOffer&) = default;
};
MILLRACE_DESCRIBE(DataOffer, (dataset, batches, price, license_hash, seller_x25519, sale_bond,
                              max_open, t_rel_s, t_disp_s))

/// Ends buying. Open sales go on, sold licences stand; the bonds return as the sales end.
struct DataOfferWithdraw {
    OfferId offer;
    friend bool operator==(const DataOfferWithdraw&, const DataOfferWithdraw&) = default;
};
MILLRACE_DESCRIBE(DataOfferWithdraw, (offer))

/// Puts the price and as much again as a dispute bond in escrow. The sale's id is the id of this
/// transaction.
struct DataBuy {
    OfferId offer;
    Amount price;                           ///< that of the offer
    std::vector<ledger::PublicKey> points;  ///< Z = z * G, one a batch, each another
    /// The scalars z, 32 bytes each, sealed to the seller by HPKE with `blinds_info`.
    Bytes wrapped_z;
    friend bool operator==(const DataBuy&, const DataBuy&) = default;
};
MILLRACE_DESCRIBE(DataBuy, (offer, price, points, wrapped_z))

/// The seller hands the keys over, blinded: t = k + z for each batch.
struct DataRelease {
    SaleId sale;
    std::vector<Scalar> t;
    friend bool operator==(const DataRelease&, const DataRelease&) = default;
};
MILLRACE_DESCRIBE(DataRelease, (sale, t))

/// Gives the buyer its money back after T_rel without a release; sent by anyone.
struct DataTimeout {
    SaleId sale;
    friend bool operator==(const DataTimeout&, const DataTimeout&) = default;
};
MILLRACE_DESCRIBE(DataTimeout, (sale))

/// Pays the dataset after T_disp without a dispute that held; sent by anyone.
struct DataFinalize {
    SaleId sale;
    friend bool operator==(const DataFinalize&, const DataFinalize&) = default;
};
MILLRACE_DESCRIBE(DataFinalize, (sale))

enum class DataDisputeKind {
    chunk,  ///< a sealed chunk does not open with the key that its leaf commits to
    key,    ///< the released key does not give the chunk key that a leaf commits to
};
BOOST_DESCRIBE_ENUM(DataDisputeKind, chunk, key)

/// The buyer shows that what it was sold is not what the batch commits to. A dispute that does not
/// hold costs the dispute bond.
struct DataDispute {
    SaleId sale;
    DataDisputeKind kind{};
    std::uint32_t batch{};  ///< its place in the offer, from 0
    std::uint64_t index{};  ///< of the chunk
    Scalar secret;          ///< the chunk's key; of kind key the batch's z
    Bytes chunk;            ///< as sealed, at most 32,784 bytes; of kind key empty
    ChunkLeaf leaf;
    std::vector<Hash> path;  ///< from leaf to root, at most 64
    friend bool operator==(const DataDispute&, const DataDispute&) = default;
};
MILLRACE_DESCRIBE(DataDispute, (sale, kind, batch, index, secret, chunk, leaf, path))

}  // namespace market
