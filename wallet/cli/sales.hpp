#pragma once

#include "market/state/data_records.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/sale/blinds.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <set>

/// What commands about sales of data look up. What the ledger says of a sale is proven; which sales
/// there are is what the node says. All of it throws a Failure.
namespace wallet::cli {

market::OfferId offer_id_of(const std::string& text);
market::SaleId sale_id_of(const std::string& text);

/// Each DEVICE:NUMBER, a device being an address or a key's name.
std::vector<market::BatchRef> batch_refs(const Session&, const std::vector<std::string>& texts);
/// Every batch of a dataset that the node knows to be this contributor's, at most as many as an
/// offer has.
std::vector<market::BatchRef> batches_of(const Session&, const market::DatasetId&,
                                         const ledger::Address& contributor);

market::OfferTerms terms_of(const Session&, const market::OfferId&);
market::Sale sale_of(const Session&, const market::SaleId&);
/// `not_found` for a sale that ended without being paid: its keys are gone.
market::SaleKeys keys_of(const Session&, const market::SaleId&);

/// The offer's batch.
market::Batch batch_at(const Session&, const market::OfferTerms&, std::size_t place);
/// Where the batch stands in the offer, by root and key; `usage` when it does not.
std::uint32_t place_of(const Session&, const market::OfferTerms&, const BatchManifest&);
/// The folders in the order of the offer's batches; `usage` when one is missing.
std::vector<BatchFolder> open_all(const Session&, const market::OfferTerms&,
                                  const std::vector<std::string>& paths);

/// Sales of offers of this seller that wait for a release.
std::vector<market::SaleId> open_sales(const Session&, const ledger::Address& seller);
/// `wrapped_z` of the purchase; as the node says, to be checked against the points.
ledger::Bytes wrapped_blinds(const Session&, const market::SaleId&);
/// The key of the offer's batch, unwrapped; `denied` when it was not sealed to this master.
ledger::SecretKey batch_key_of(const Session&, const market::OfferTerms&, std::size_t place,
                               const ledger::X25519Key& master);

/// One batch of a sale that is here, with the key that was released for it.
struct Bought {
    BatchFolder folder;
    std::uint32_t place;
    ledger::SecretKey key;
    ledger::SecretKey blind;
};
/// `not_found` before the seller has released the keys; `denied` where the purchase was not made by
/// this wallet.
Bought bought(const Session&, const market::SaleId&, const std::string& path);

}  // namespace wallet::cli
