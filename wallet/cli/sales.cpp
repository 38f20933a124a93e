#include "wallet/cli/sales.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/sale/release.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t most_batches = 256;  // of an offer

}  // namespace

market::OfferId offer_id_of(const std::string& text)
{
    return id_of<market::OfferId>(text, "offer");
}

market::SaleId sale_id_of(const std::string& text)
{
    return id_of<market::SaleId>(text, "sale");
}

std::vector<market::BatchRef> batch_refs(const Session& session,
                                         const std::vector<std::string>& texts)
{
    std::vector<market::BatchRef> refs;
    for (const auto& text : texts) {
        const auto colon = text.rfind(':');
        const auto number = colon == std::string::npos
                                ? std::nullopt
                                : codec::parse_decimal(text.substr(colon + 1));
        if (!number) fail(Fault::usage, text + " is no batch: DEVICE:NUMBER");
        refs.push_back({session.address_of(text.substr(0, colon)), *number});
    }
    return refs;
}

std::vector<market::BatchRef> batches_of(const Session& session, const market::DatasetId& dataset,
                                         const ledger::Address& contributor)
{
    std::vector<market::BatchRef> refs;
    for (const auto& item : all_items(
             session, "/v1/datasets/" + ledger::to_hex0x(dataset.view()) + "/batches?limit=1000"))
        if (item.at("contributor") == ledger::to_checksum(contributor))
            refs.push_back({must(codec::from_json<ledger::Address>(item.at("device"))),
                            item.at("batch").get<std::uint64_t>()});
    if (refs.empty()) fail(Fault::not_found, "the dataset has no batches of this account yet");
    if (refs.size() > most_batches)
        fail(Fault::usage, "there are over 256 batches: name those to offer by --batch");
    return refs;
}

market::Batch batch_at(const Session& session, const market::OfferTerms& terms, std::size_t place)
{
    auto batch =
        session.record<market::Batch>({terms.offered.dataset, terms.offered.batches.at(place)});
    if (!batch) fail(Fault::not_found, "batch " + std::to_string(place) + " is not on the ledger");
    return std::move(*batch);
}

market::OfferTerms terms_of(const Session& session, const market::OfferId& id)
{
    auto terms = session.record<market::OfferTerms>(id);
    if (!terms) fail(Fault::not_found, "there is no offer " + ledger::to_hex0x(id.view()));
    return std::move(*terms);
}

market::Sale sale_of(const Session& session, const market::SaleId& id)
{
    auto sale = session.record<market::Sale>(id);
    if (!sale) fail(Fault::not_found, "there is no sale " + ledger::to_hex0x(id.view()));
    return std::move(*sale);
}

market::SaleKeys keys_of(const Session& session, const market::SaleId& id)
{
    auto keys = session.record<market::SaleKeys>(id);
    if (!keys) fail(Fault::not_found, "the sale ended without being paid: it has no keys");
    return std::move(*keys);
}

std::uint32_t place_of(const Session& session, const market::OfferTerms& terms,
                       const BatchManifest& manifest)
{
    for (std::uint32_t i = 0; i < terms.offered.batches.size(); ++i)
        if (batch_at(session, terms, i).summary() == manifest.summary() &&
            ledger::retag<ledger::Hash>(terms.offered.dataset) == manifest.dataset)
            return i;
    fail(Fault::usage, "batch " + ledger::to_hex0x(manifest.root.view()) + " is not of this offer");
}

std::vector<BatchFolder> open_all(const Session& session, const market::OfferTerms& terms,
                                  const std::vector<std::string>& paths)
{
    std::vector<std::optional<BatchFolder>> found(terms.offered.batches.size());
    for (const auto& path : paths) {
        auto folder = must(BatchFolder::open(path));
        const auto place = place_of(session, terms, folder.manifest());
        found[place].emplace(std::move(folder));
    }
    std::vector<BatchFolder> folders;
    for (auto& folder : found) {
        if (!folder)
            fail(Fault::usage,
                 "a batch of the offer is missing: buy only what is here, as nobody "
                 "owes you the bytes");
        folders.push_back(std::move(*folder));
    }
    return folders;
}

std::vector<market::SaleId> open_sales(const Session& session, const ledger::Address& seller)
{
    std::vector<market::SaleId> waiting;
    const auto address = ledger::to_checksum(seller);
    for (const auto& offer : all_items(session, "/v1/offers?limit=1000")) {
        if (offer.at("seller") != address || offer.at("open") == 0) continue;
        const auto id = offer.at("id").get<std::string>();
        for (const auto& sale : all_items(session, "/v1/sales?limit=1000&offer=" + id))
            if (sale.at("status") == "funded")
                waiting.push_back(sale_id_of(sale.at("id").get<std::string>()));
    }
    return waiting;
}

ledger::Bytes wrapped_blinds(const Session& session, const market::SaleId& id)
{
    const auto document =
        must(session.client().get("/v1/transactions/" + ledger::to_hex0x(id.view())));
    if (!document.contains("tx"))
        fail(Fault::not_found, "this node has not kept the block of the purchase; ask another");
    const auto message = must(market::message_from_json(document.at("tx").at("message")));
    const auto* purchase = std::get_if<market::DataBuy>(&message);
    if (!purchase) fail(Fault::unverified, "the node shows another transaction for the sale");
    return purchase->wrapped_z;
}

ledger::SecretKey batch_key_of(const Session& session, const market::OfferTerms& terms,
                               std::size_t place, const ledger::X25519Key& master)
{
    const auto batch = batch_at(session, terms, place);
    for (const auto& wrap : batch.wraps) {
        auto key = ledger::sealing::unwrap(
            wrap.view(), ledger::retag<ledger::Hash>(terms.offered.dataset), master);
        if (key && ledger::public_key(*key) == batch.point) return std::move(*key);
    }
    fail(Fault::denied, "batch " + std::to_string(place) + " was not sealed to this master key");
}

Bought bought(const Session& session, const market::SaleId& id, const std::string& path)
{
    const auto sale = sale_of(session, id);
    const auto terms = terms_of(session, sale.offer);
    auto folder = must(BatchFolder::open(path));
    const auto place = place_of(session, terms, folder.manifest());
    const auto keys = keys_of(session, id);
    if (keys.t.empty()) fail(Fault::not_found, "the seller has not released the keys yet");
    const auto account = must(session.keys().find(ledger::to_checksum(sale.buyer)));
    const auto secret = session.unlock(account);
    auto blinds = make_blinds(secret, sale.offer, keys.points.size());
    if (blinds.points != keys.points)
        fail(Fault::denied, "the purchase was not made by this wallet's rules: no key is here");
    auto& blind = blinds.scalars[place];
    auto key = must(released_key(keys.t[place], blind, folder.manifest().point));
    return {std::move(folder), place, std::move(key), std::move(blind)};
}

}  // namespace wallet::cli
