#pragma once

#include "ledger/sealing/leaf_table.hpp"
#include "market/messages/sale.hpp"
#include "market/state/records.hpp"

/// What the state holds of data that is sealed and sold. What a dataset has earned stands in
/// `Dataset`, which every settlement writes; nothing of the rest is written by one.
namespace market {

/// What a dataset was registered as; never changes.
struct DatasetRecord {
    using Key = DatasetId;
    static constexpr char table = 'D';
    DatasetRegister registered;
    SplitTable shares;      ///< of what a sale mints
    std::uint32_t depth{};  ///< 1 without parents
    std::uint64_t registered_ms{};
};
MILLRACE_DESCRIBE(DatasetRecord, (registered, shares, depth, registered_ms))

struct DeviceKey {
    DatasetId dataset;
    Address device;
};
MILLRACE_DESCRIBE(DeviceKey, (dataset, device))

struct Device {
    using Key = DeviceKey;
    static constexpr char table = 'M';
    Address contributor;
    SharesRule shares_rule{};
    std::uint64_t daily_shares{};
    std::uint64_t day{};  ///< days since the epoch
    std::uint64_t used_shares{};
    std::uint64_t batches{};  ///< contributed so far
    std::uint64_t enrolled_ms{};
    std::uint64_t revoked_ms{};  ///< 0 while it may sign
};
MILLRACE_DESCRIBE(Device, (contributor, shares_rule, daily_shares, day, used_shares, batches,
                           enrolled_ms, revoked_ms))

struct BatchKey {
    DatasetId dataset;
    BatchRef batch;
};
MILLRACE_DESCRIBE(BatchKey, (dataset, batch))

/// A contribution: what anybody needs to check the ciphertext, and a master to open it.
struct Batch {
    using Key = BatchKey;
    static constexpr char table = 'B';
    Address contributor;
    ledger::PublicKey point;
    Hash root;
    std::uint64_t chunks{};
    std::uint64_t bytes{};
    std::uint64_t shares{};
    Hash schema_hash;
    Hash meta_hash;
    std::vector<WrappedKey> wraps;
    Height height;  ///< of its block, whose id draws the chunks that may be shown
    std::uint64_t at_ms{};

    ledger::sealing::BatchSummary summary() const { return {point, root, chunks, bytes}; }
};
MILLRACE_DESCRIBE(Batch, (contributor, point, root, chunks, bytes, shares, schema_hash, meta_hash,
                          wraps, height, at_ms))

struct BatchPointKey {
    DatasetId dataset;
    ledger::PublicKey point;
};
MILLRACE_DESCRIBE(BatchPointKey, (dataset, point))

/// Which batch has this key: no second one may, as to sell it would be to sell the first.
struct BatchPoint {
    using Key = BatchPointKey;
    static constexpr char table = 'Q';
    BatchRef batch;
};
MILLRACE_DESCRIBE(BatchPoint, (batch))

struct PreviewKey {
    BatchKey batch;
    std::uint64_t index{};
};
MILLRACE_DESCRIBE(PreviewKey, (batch, index))

/// A chunk that anybody may open.
struct Preview {
    using Key = PreviewKey;
    static constexpr char table = 'L';
    Hash key;
    Hash chunk_hash;  ///< SHA-256 of the sealed chunk
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(Preview, (key, chunk_hash, at_ms))

/// The id of a block in which something was contributed.
struct Beacon {
    using Key = Height;
    static constexpr char table = 'H';
    ledger::BlockId block;
};
MILLRACE_DESCRIBE(Beacon, (block))

/// There while the newest block with a contribution has no beacon yet: only its child knows its id.
struct AwaitedBeacon {
    using Key = Only;
    static constexpr char table = 'W';
    Height height;
};
MILLRACE_DESCRIBE(AwaitedBeacon, (height))

/// What is offered; never changes. Its windows are never 0: the network's stand in their place.
struct OfferTerms {
    using Key = OfferId;
    static constexpr char table = 'T';
    DataOffer offered;
    Address seller;
    std::uint64_t offered_ms{};
};
MILLRACE_DESCRIBE(OfferTerms, (offered, seller, offered_ms))

enum class OfferStatus {
    listed,
    withdrawn,  ///< by the seller
    delisted,   ///< by a dispute that held
};
BOOST_DESCRIBE_ENUM(OfferStatus, listed, withdrawn, delisted)

/// How an offer stands. While it is listed the bonds of all its `max_open` sales lie here, after
/// that those of the sales still open.
struct Offer {
    using Key = OfferId;
    static constexpr char table = 'O';
    OfferStatus status{};
    std::uint32_t open{};  ///< sales that have not ended
    Amount bonds;
    std::uint64_t sold{};  ///< sales that paid
    std::uint64_t closed_ms{};
};
MILLRACE_DESCRIBE(Offer, (status, open, bonds, sold, closed_ms))

enum class SaleStatus {
    funded,     ///< waits for the seller
    released,   ///< the buyer has the keys, and time to dispute
    finalized,  ///< paid
    refunded,   ///< never released
    slashed,    ///< a dispute held
};
BOOST_DESCRIBE_ENUM(SaleStatus, funded, released, finalized, refunded, slashed)

/// Who bought what, when; what and under which licence the offer's terms say. Kept for good.
struct Sale {
    using Key = SaleId;
    static constexpr char table = 'U';
    OfferId offer;
    Address buyer;
    SaleStatus status{};
    Amount price;
    Amount dispute_bond;  ///< zero once it is lost
    std::uint64_t bought_ms{};
    std::uint64_t released_ms{};
    std::uint64_t window_end_ms{};  ///< of the release while funded, of the dispute after
    std::uint64_t ended_ms{};
    TxId released_in;

    bool ended() const { return status != SaleStatus::funded && status != SaleStatus::released; }
    /// What the rules still hold in escrow for it.
    Amount escrow() const { return ended() ? Amount{} : price + dispute_bond; }
};
MILLRACE_DESCRIBE(Sale, (offer, buyer, status, price, dispute_bond, bought_ms, released_ms,
                         window_end_ms, ended_ms, released_in))

/// The blinded keys of a sale. Stays when the sale paid; else it is removed at its end.
struct SaleKeys {
    using Key = SaleId;
    static constexpr char table = 'K';
    std::vector<ledger::PublicKey> points;  ///< Z
    std::vector<Scalar> t;                  ///< empty until released
};
MILLRACE_DESCRIBE(SaleKeys, (points, t))

}  // namespace market
