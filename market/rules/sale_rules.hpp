#pragma once

#include "market/message.hpp"
#include "market/state/data_records.hpp"
#include "market/state/money.hpp"

/// The private sale of data (market.md 7): an offer locks the seller's bonds, a sale the buyer's
/// money; the keys change hands blinded, so that the ledger shows them to nobody else.
///
///     funded -- release --> released -- finalize --> finalized
///        \-- timeout --> refunded  \-- dispute that holds --> slashed
namespace market {

struct SaleLimits {
    static constexpr std::size_t batches = 256;
    /// Of an offer's windows, unless the network's own are longer.
    static constexpr std::uint64_t longest_window_s = 2'592'000;
};

Verdict apply(State&, const Context&, const DataOffer&);
Verdict apply(State&, const Context&, const DataOfferWithdraw&);
Verdict apply(State&, const Context&, const DataBuy&);
Verdict apply(State&, const Context&, const DataRelease&);
Verdict apply(State&, const Context&, const DataTimeout&);
Verdict apply(State&, const Context&, const DataFinalize&);
Verdict apply(State&, const Context&, const DataDispute&);

/// A batch of a sale's offer by its place in it, which must be one.
Batch batch_of(const View&, const OfferTerms&, std::size_t place);

/// Closes an offer that is listed and gives the seller the bonds that no open sale needs.
void close_offer(State&, const Context&, const OfferId&, OfferStatus);

/// Ends an open sale in the records of sale and offer; the money in its escrow the caller has
/// moved. A closed offer's seller gets the sale's bond back, or, where a dispute held, the bond
/// leaves the offer for the caller to share out.
void end_sale(State&, const Context&, const SaleId&, Sale&, SaleStatus);

/// What checking a message costs beyond its bytes and its signature, as so many hashes of a link:
/// points added up at a purchase, multiplied at a release, a chunk opened in a dispute. Nothing
/// where the sale's state refuses it before.
std::uint64_t sale_work(const View&, const Message&);
/// The most that can be, for who has no state at hand.
std::uint64_t most_sale_work(const Message&);

}  // namespace market
