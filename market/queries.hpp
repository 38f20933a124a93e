#pragma once

#include "ledger/base/result.hpp"
#include "market/context.hpp"
#include "market/paging.hpp"
#include "market/state/data_records.hpp"
#include "market/state/state.hpp"

/// What people and nodes look up: models, versions, prices, evaluations, aliases, hosts, datasets,
/// offers, sales. Nothing here takes part in rules. Lists come in pages; a page is at most
/// QueryLimits::page long, whatever was asked for.
namespace market {

struct ModelEntry {
    ModelId id;
    Model model;
};

/// Every model, in the order of ids.
Page<ModelEntry> list_models(const View&, ByteView after, std::size_t limit);

/// "0x" and 64 hex digits, or "OWNER/NAME" with the owner's address. `not_found` when there is no
/// such model, `invalid` when the text is neither.
ledger::Result<ModelId> find_model(const View&, std::string_view text);

/// The same for a dataset.
ledger::Result<DatasetId> find_dataset(const View&, std::string_view text);

struct BatchEntry {
    BatchRef ref;
    Batch batch;
    std::vector<std::uint64_t> drawn;  ///< chunks that may be shown
    std::vector<std::uint64_t> shown;  ///< those of them that are
};

/// The batches of a dataset, in the order of devices and numbers.
Page<BatchEntry> list_batches(const View&, const DatasetId&, ByteView after, std::size_t limit);

struct SaleEntry {
    SaleId id;
    Sale sale;
};

/// Who bought what: the sales of an offer or of a buyer, or of both. In the order of ids, which is
/// none in time.
Page<SaleEntry> list_sales(const View&, const std::optional<OfferId>&,
                           const std::optional<Address>& buyer, ByteView after, std::size_t limit);

struct OfferEntry {
    OfferId id;
    OfferTerms terms;
    Offer offer;
};

/// Offers of a dataset, or all of them.
Page<OfferEntry> list_offers(const View&, const std::optional<DatasetId>&, ByteView after,
                             std::size_t limit);

/// What a selector stands for; `alias` is empty when it was not one.
struct Resolution {
    VersionKey key;
    std::string alias;
};

/// A version's number, an alias, or nothing for the newest version in service. Of an alias with
/// several targets in service `draw` picks one by weight: pass any number for any caller, the
/// same one for the same answer. A version that is asked for by number may be yanked.
ledger::Result<Resolution> resolve(const View&, const ModelId&, std::string_view selector,
                                   std::uint64_t draw);

struct VersionEntry {
    VersionRecord record;
    PriceSheet price;  ///< in force at the time asked about
};

std::optional<VersionEntry> find_version(const View&, const VersionKey&, std::uint64_t now_ms);
/// From `first` (1 is the oldest) on.
std::vector<VersionEntry> list_versions(const View&, const ModelId&, std::uint32_t first,
                                        std::size_t limit, std::uint64_t now_ms);

/// Lists with an index, from `first` (0 is the oldest) on.
std::vector<EvaluationRecord> list_evaluations(const View&, const VersionKey&, std::uint32_t first,
                                               std::size_t limit);
std::vector<PriceRecord> list_prices(const View&, const VersionKey&, std::uint32_t first,
                                     std::size_t limit);
std::vector<AliasChange> alias_history(const View&, const AliasKey&, std::uint32_t first,
                                       std::size_t limit);

struct AliasEntry {
    std::string name;
    Alias alias;  ///< without targets when it was removed
};

Page<AliasEntry> list_aliases(const View&, const ModelId&, ByteView after, std::size_t limit);

struct HostEntry {
    Version ver;  ///< model_line for an agreement over the line
    Address host;
    Address split;  ///< where money for this goes
    Agreement agreement;
    std::string endpoint;
};

/// Agreements over the model or its line that hold now, with hosts that serve.
Page<HostEntry> list_hosts(const View&, const Context&, const ModelId&, ByteView after,
                           std::size_t limit);

}  // namespace market
