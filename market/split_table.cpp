#include "market/split_table.hpp"

#include <algorithm>
#include <map>

namespace market {
namespace {

constexpr std::uint64_t whole = PartsPerMillion::whole;
constexpr std::uint64_t ppm_per_bps = whole / BasisPoints::whole;

using Parts = std::map<Beneficiary, std::uint64_t>;

/// Gives a royalty to everyone in the parent's table; sums to exactly `royalty_ppm`.
void share_royalty(Parts& parts, const SplitTable& table, const Address& owner,
                   std::uint64_t royalty_ppm)
{
    auto left = royalty_ppm;
    for (const auto& share : table) {
        const auto part = royalty_ppm * share.ppm.value / whole;
        parts[share.to] += part;
        left -= part;
    }
    parts[account_beneficiary(owner)] += left;
}

ledger::Result<SplitTable, Rejection> as_table(const Parts& parts, const Beneficiary& keeper)
{
    SplitTable table;
    for (const auto& [to, ppm] : parts)
        if (ppm != 0 || to == keeper) table.push_back({to, {static_cast<std::uint32_t>(ppm)}});
    if (table.size() > SplitLimits::entries) return Rejection::split_too_large;
    return table;
}

Verdict check_lists(const ModelVersion& version)
{
    if (version.parents.size() > SplitLimits::parents ||
        version.datasets.size() > SplitLimits::datasets)
        return Rejection::too_many_entries;
    for (auto at = version.parents.begin(); at != version.parents.end(); ++at)
        if (std::any_of(version.parents.begin(), at, [&](const Parent& other) {
                return other.model == at->model && other.ver == at->ver;
            }))
            return Rejection::duplicate_entry;
    for (auto at = version.datasets.begin(); at != version.datasets.end(); ++at)
        if (std::any_of(version.datasets.begin(), at,
                        [&](const DatasetWeight& other) { return other.dataset == at->dataset; }))
            return Rejection::duplicate_entry;
    if (version.data_ppm.value > whole) return Rejection::share_too_large;
    if ((version.data_ppm.value == 0) != version.datasets.empty())
        return Rejection::data_share_without_data;
    return {};
}

/// Takes the royalties out of `left_ppm`; returns the depth of the lineage with this version.
ledger::Result<std::uint32_t, Rejection> share_with_parents(const View& view,
                                                            const ModelVersion& version,
                                                            Parts& parts, std::uint64_t& left_ppm)
{
    std::uint32_t depth = 1;
    std::uint64_t royalties_bps = 0;
    for (const auto& parent : version.parents) {
        const auto record = view.find<VersionRecord>({parent.model, parent.ver});
        if (!record) return Rejection::unknown_parent;
        if (parent.royalty_bps < record->version.min_derivative_bps)
            return Rejection::royalty_too_low;
        royalties_bps += parent.royalty_bps.value;
        if (royalties_bps > SplitLimits::royalties_bps) return Rejection::royalties_too_high;
        depth = std::max(depth, record->depth + 1);
        const auto royalty_ppm = parent.royalty_bps.value * ppm_per_bps;
        share_royalty(parts, record->shares, record->owner, royalty_ppm);
        left_ppm -= royalty_ppm;
    }
    if (depth > SplitLimits::depth) return Rejection::lineage_too_deep;
    return depth;
}

/// Takes the data's part out of `left_ppm`.
Verdict share_with_datasets(const View& view, const ModelVersion& version, Parts& parts,
                            std::uint64_t& left_ppm)
{
    std::uint64_t weights = 0;
    for (const auto& entry : version.datasets) {
        const auto dataset = view.find<Dataset>(entry.dataset);
        if (!dataset) return Rejection::unknown_dataset;
        if (dataset->total_shares == 0) return Rejection::dataset_without_shares;
        if (entry.weight == 0) return Rejection::weight_is_zero;
        weights += entry.weight;
    }
    const auto data_ppm = left_ppm * version.data_ppm.value / whole;
    for (const auto& entry : version.datasets) {
        const auto part = data_ppm * entry.weight / weights;
        parts[dataset_beneficiary(entry.dataset)] += part;
        left_ppm -= part;
    }
    return {};
}

Verdict check_parents(const std::vector<DatasetParent>& parents)
{
    if (parents.size() > SplitLimits::parents) return Rejection::too_many_entries;
    for (auto at = parents.begin(); at != parents.end(); ++at)
        if (std::any_of(parents.begin(), at,
                        [&](const DatasetParent& other) { return other.dataset == at->dataset; }))
            return Rejection::duplicate_entry;
    return {};
}

}  // namespace

Beneficiary account_beneficiary(const Address& account)
{
    Beneficiary made{BeneficiaryKind::account, {}};
    std::copy(account.bytes.begin(), account.bytes.end(), made.id.bytes.begin() + 12);
    return made;
}

Beneficiary dataset_beneficiary(const DatasetId& dataset)
{
    return {BeneficiaryKind::dataset, ledger::retag<Hash>(dataset)};
}

ledger::Result<Flattened, Rejection> flatten(const View& view, const Address& owner,
                                             const ModelVersion& version)
{
    if (const auto good = check_lists(version); !good) return good.error();
    Parts parts;
    auto left_ppm = whole;
    const auto depth = share_with_parents(view, version, parts, left_ppm);
    if (!depth) return depth.error();
    if (const auto good = share_with_datasets(view, version, parts, left_ppm); !good)
        return good.error();
    const auto keeper = account_beneficiary(owner);
    parts[keeper] += left_ppm;

    auto table = as_table(parts, keeper);
    if (!table) return table.error();
    return Flattened{std::move(*table), *depth};
}

ledger::Result<Flattened, Rejection> flatten(const View& view, const Address& owner,
                                             const DatasetId& id, const DatasetRegister& dataset)
{
    if (const auto good = check_parents(dataset.parents); !good) return good.error();
    Parts parts;
    std::uint32_t depth = 1;
    std::uint64_t parents_ppm = 0;
    for (const auto& parent : dataset.parents) {
        const auto record = view.find<DatasetRecord>(parent.dataset);
        if (!record) return Rejection::unknown_parent;
        const auto earning = view.get<Dataset>(parent.dataset);
        if (earning.total_shares == 0) return Rejection::dataset_without_shares;
        parents_ppm += parent.ppm.value;
        if (parents_ppm > SplitLimits::parents_ppm) return Rejection::royalties_too_high;
        depth = std::max(depth, record->depth + 1);
        share_royalty(parts, record->shares, earning.owner, parent.ppm.value);
    }
    if (depth > SplitLimits::depth) return Rejection::lineage_too_deep;
    const auto keeper = account_beneficiary(owner);
    const auto sum_ppm =
        std::uint64_t{dataset.owner_ppm.value} + dataset.contributor_ppm.value + parents_ppm;
    if (sum_ppm != whole) return Rejection::table_not_whole;
    parts[dataset_beneficiary(id)] += dataset.contributor_ppm.value;
    parts[keeper] += dataset.owner_ppm.value;

    auto table = as_table(parts, keeper);
    if (!table) return table.error();
    return Flattened{std::move(*table), depth};
}

}  // namespace market
