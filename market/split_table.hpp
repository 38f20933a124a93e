#pragma once

#include "market/rejection.hpp"
#include "market/state/data_records.hpp"
#include "market/state/state.hpp"

/// Who gets what of the part that the host leaves: worked out once, when a version is registered,
/// so that a settlement only reads a table (market.md 6).
namespace market {

struct SplitLimits {
    static constexpr std::size_t parents = 8;
    static constexpr std::size_t datasets = 16;
    static constexpr std::size_t entries = 64;
    static constexpr std::uint32_t depth = 8;
    static constexpr std::uint32_t royalties_bps = 5'000;
    static constexpr std::uint32_t parents_ppm = 500'000;  ///< of a dataset, together
};

struct Flattened {
    SplitTable shares;      ///< ascending by beneficiary, sums to exactly 1,000,000
    std::uint32_t depth{};  ///< 1 without parents
};

Beneficiary account_beneficiary(const Address&);
Beneficiary dataset_beneficiary(const DatasetId&);

/// Checks lineage and datasets of a version and shares out its income: to each parent its royalty
/// by the parent's own table, of the rest `data_ppm` to the datasets by weight, all else to the
/// owner. Shares round down; what that leaves of a royalty is the parent's owner's, what it leaves
/// of the data's part the owner's. A share below one millionth is no entry; the owner always is.
ledger::Result<Flattened, Rejection> flatten(const View&, const Address& owner,
                                             const ModelVersion&);

/// The same of a dataset's sales: to each parent its part by the parent's own table, to the
/// contributors and the owner theirs. A parent must have shares, as its contributors will be paid.
ledger::Result<Flattened, Rejection> flatten(const View&, const Address& owner, const DatasetId&,
                                             const DatasetRegister&);

}  // namespace market
