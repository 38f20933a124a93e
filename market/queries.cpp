#include "market/queries.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "market/beacon.hpp"
#include "market/price_history.hpp"
#include "market/rules/host_rules.hpp"

#include <algorithm>
#include <charconv>

namespace market {
namespace {

using ledger::Error;
using ledger::ErrorKind;

/// Records with the numbers first, first + 1 ... below `count`.
template <class Record, class Key>
std::vector<Record> numbered(const View& view, Key key, std::uint32_t first, std::size_t limit,
                             std::uint32_t count)
{
    std::vector<Record> found;
    limit = std::min(limit, QueryLimits::page);
    for (key.index = first; key.index < count && found.size() < limit; ++key.index)
        found.push_back(view.get<Record>(key));
    return found;
}

std::optional<std::uint32_t> version_number(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

/// "0x" and 64 hex digits, or "OWNER/NAME".
template <class Id>
ledger::Result<Id> named_id(std::string_view text, const std::string& what,
                            Id (*make)(const Address&, std::string_view))
{
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto owner = ledger::parse_address(text.substr(0, slash));
        if (!owner) return Error{ErrorKind::invalid, "an owner is 0x and 40 hex digits"};
        return make(*owner, text.substr(slash + 1));
    }
    const auto read = text.starts_with("0x") ? ledger::id_from_hex<Id>(text) : std::optional<Id>{};
    if (!read) return Error{ErrorKind::invalid, what + " is OWNER/NAME or 0x and 64 digits"};
    return *read;
}

bool in_service(const View& view, const VersionKey& key)
{
    const auto version = view.find<VersionRecord>(key);
    return version && version->yanked_ms == 0;
}

ledger::Result<Resolution> newest(const View& view, const ModelId& id)
{
    auto ver = view.get<Model>(id).versions;
    for (std::size_t seen = 0; ver > 0 && seen < QueryLimits::page; --ver, ++seen)
        if (in_service(view, {id, {ver}})) return Resolution{{id, {ver}}, {}};
    return Error{ErrorKind::not_found, "the model has no version in service"};
}

ledger::Result<Resolution> by_alias(const View& view, const ModelId& id, std::string_view name,
                                    std::uint64_t draw)
{
    const auto alias = view.get<Alias>({id, std::string{name}});
    if (alias.targets.empty())
        return Error{ErrorKind::not_found, "the model has no such version or alias"};
    std::vector<AliasTarget> targets;
    std::uint64_t weights = 0;
    for (const auto& target : alias.targets)
        if (in_service(view, {id, target.ver})) {
            targets.push_back(target);
            weights += target.weight;
        }
    if (targets.empty())
        return Error{ErrorKind::not_found, "every version behind the alias was yanked"};
    auto left = draw % weights;
    for (const auto& target : targets) {
        if (left < target.weight) return Resolution{{id, target.ver}, std::string{name}};
        left -= target.weight;
    }
    ledger::ensure(false, "a draw below the sum of weights meets a target");
    return Error{ErrorKind::not_found, ""};
}

}  // namespace

Page<ModelEntry> list_models(const View& view, ByteView after, std::size_t limit)
{
    return page_of<ModelEntry, Model>(view, {}, after, limit, [](const ModelId& id, Model model) {
        return std::optional{ModelEntry{id, std::move(model)}};
    });
}

ledger::Result<ModelId> find_model(const View& view, std::string_view text)
{
    const auto id = named_id<ModelId>(text, "a model", model_id);
    if (id && !view.has<Model>(*id)) return Error{ErrorKind::not_found, "there is no such model"};
    return id;
}

ledger::Result<DatasetId> find_dataset(const View& view, std::string_view text)
{
    const auto id = named_id<DatasetId>(text, "a dataset", dataset_id);
    if (id && !view.has<DatasetRecord>(*id))
        return Error{ErrorKind::not_found, "there is no such dataset"};
    return id;
}

ledger::Result<Resolution> resolve(const View& view, const ModelId& id, std::string_view selector,
                                   std::uint64_t draw)
{
    if (selector.empty()) return newest(view, id);
    if (selector.size() > 64) return Error{ErrorKind::invalid, "a selector is at most 64 bytes"};
    const auto number = version_number(selector);
    if (!number) return by_alias(view, id, selector, draw);
    const VersionKey key{id, {*number}};
    if (!view.has<VersionRecord>(key))
        return Error{ErrorKind::not_found, "the model has no such version"};
    return Resolution{key, {}};
}

std::optional<VersionEntry> find_version(const View& view, const VersionKey& key,
                                         std::uint64_t now_ms)
{
    auto record = view.find<VersionRecord>(key);
    if (!record) return {};
    auto price = sheet_at(view, key, now_ms).value_or(record->version.price_sheet);
    return VersionEntry{std::move(*record), std::move(price)};
}

std::vector<VersionEntry> list_versions(const View& view, const ModelId& id, std::uint32_t first,
                                        std::size_t limit, std::uint64_t now_ms)
{
    std::vector<VersionEntry> found;
    const auto versions = view.get<Model>(id).versions;
    limit = std::min(limit, QueryLimits::page);
    for (std::uint64_t ver = std::max(first, 1u); ver <= versions && found.size() < limit; ++ver)
        if (auto entry = find_version(view, {id, {static_cast<std::uint32_t>(ver)}}, now_ms))
            found.push_back(std::move(*entry));
    return found;
}

std::vector<EvaluationRecord> list_evaluations(const View& view, const VersionKey& key,
                                               std::uint32_t first, std::size_t limit)
{
    return numbered<EvaluationRecord>(view, HistoryKey{key.model, key.ver}, first, limit,
                                      view.get<VersionRecord>(key).evaluations);
}

std::vector<PriceRecord> list_prices(const View& view, const VersionKey& key, std::uint32_t first,
                                     std::size_t limit)
{
    return numbered<PriceRecord>(view, HistoryKey{key.model, key.ver}, first, limit,
                                 view.get<VersionRecord>(key).prices);
}

std::vector<AliasChange> alias_history(const View& view, const AliasKey& key, std::uint32_t first,
                                       std::size_t limit)
{
    return numbered<AliasChange>(view, AliasChangeKey{key.model, key.name}, first, limit,
                                 view.get<Alias>(key).changes);
}

Page<AliasEntry> list_aliases(const View& view, const ModelId& id, ByteView after,
                              std::size_t limit)
{
    return page_of<AliasEntry, Alias>(
        view, id.view(), after, limit, [](const AliasKey& key, Alias alias) {
            return std::optional{AliasEntry{key.name, std::move(alias)}};
        });
}

Page<HostEntry> list_hosts(const View& view, const Context& context, const ModelId& id,
                           ByteView after, std::size_t limit)
{
    return page_of<HostEntry, Agreement>(
        view, id.view(), after, limit,
        [&](const AgreementKey& key, Agreement agreement) -> std::optional<HostEntry> {
            if (agreement.until_ms != 0 && agreement.until_ms <= context.now_ms()) return {};
            if (!host_serves(view, context, key.host)) return {};
            if (key.ver != model_line && !in_service(view, {key.model, key.ver})) return {};
            return HostEntry{key.ver, key.host, split_address(key.model, key.ver, key.host),
                             agreement, view.get<Host>(key.host).endpoint};
        });
}

Page<BatchEntry> list_batches(const View& view, const DatasetId& id, ByteView after,
                              std::size_t limit)
{
    return page_of<BatchEntry, Batch>(
        view, id.view(), after, limit, [&](const BatchKey& key, Batch batch) {
            BatchEntry entry{key.batch, {}, drawn_chunks(view, key, batch), {}};
            for (const auto chunk : entry.drawn)
                if (view.has<Preview>({key, chunk})) entry.shown.push_back(chunk);
            entry.batch = std::move(batch);
            return std::optional{std::move(entry)};
        });
}

Page<SaleEntry> list_sales(const View& view, const std::optional<OfferId>& offer,
                           const std::optional<Address>& buyer, ByteView after, std::size_t limit)
{
    return page_of<SaleEntry, Sale>(
        view, {}, after, limit, [&](const SaleId& id, const Sale& sale) {
            const bool wanted =
                (!offer || sale.offer == *offer) && (!buyer || sale.buyer == *buyer);
            return wanted ? std::optional{SaleEntry{id, sale}} : std::nullopt;
        });
}

Page<OfferEntry> list_offers(const View& view, const std::optional<DatasetId>& dataset,
                             ByteView after, std::size_t limit)
{
    return page_of<OfferEntry, OfferTerms>(
        view, {}, after, limit,
        [&](const OfferId& id, OfferTerms terms) -> std::optional<OfferEntry> {
            if (dataset && terms.offered.dataset != *dataset) return {};
            return OfferEntry{id, std::move(terms), view.get<Offer>(id)};
        });
}

}  // namespace market
