#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "ledger/sealing/chunk.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/sale_rules.hpp"

namespace market {
namespace {

/// Whether what the buyer shows is the seller's fault, or why it shows nothing.
using Holds = ledger::Result<bool, Rejection>;

/// The seller sealed a chunk that does not open with the key it committed to.
Holds chunk_is_bad(const DataDispute& dispute, const DatasetId& dataset, const Batch& batch)
{
    if (dispute.chunk.size() > ledger::sealing::sealed_chunk_bytes)
        return Rejection::chunk_too_long;
    const ledger::sealing::ChunkPlace place{ledger::retag<Hash>(dataset), dispute.index,
                                            dispute.index + 1 == batch.chunks};
    const ledger::sealing::Leaf leaf{dispute.leaf.key_hash, dispute.leaf.chunk_hash};
    const auto opened =
        ledger::sealing::open_chunk(dispute.secret.view(), place, leaf, dispute.chunk);
    if (opened) return false;
    switch (opened.error()) {
        case ledger::sealing::ChunkFault::other_key:
            return Rejection::key_not_of_the_leaf;
        case ledger::sealing::ChunkFault::other_bytes:
            return Rejection::chunk_not_of_the_leaf;
        case ledger::sealing::ChunkFault::does_not_open:
            break;
    }
    return true;
}

/// The released key gives another chunk key than the one committed to.
Holds key_is_bad(const DataDispute& dispute, const DatasetId& dataset, const SaleKeys& keys)
{
    if (!dispute.chunk.empty()) return Rejection::chunk_too_long;
    const auto blind = ledger::SecretKey::from_bytes(dispute.secret.view());
    if (!blind || ledger::public_key(*blind) != keys.points[dispute.batch])
        return Rejection::scalar_does_not_fit;
    const auto released = ledger::SecretKey::from_bytes(keys.t[dispute.batch].view());
    ledger::ensure(released.has_value(), "only a scalar is released");
    const auto batch_key = ledger::subtract(*released, *blind);
    ledger::ensure(batch_key.has_value(), "t - z is the scalar of a point");
    const auto data_key = ledger::sealing::data_key(*batch_key, ledger::retag<Hash>(dataset));
    const auto chunk_key = ledger::sealing::chunk_key(data_key, dispute.index);
    return ledger::sha256(chunk_key.view()) != dispute.leaf.key_hash;
}

void punish_buyer(State& state, const Context& context, const SaleId& id, Sale& sale,
                  const Address& seller)
{
    const auto to_seller = sale.dispute_bond.share_down(1, 2);
    burn(state, sale.dispute_bond - to_seller);
    sale.dispute_bond = {};
    state.put(id, sale);
    credit(state, seller, to_seller);
    context.emit(EventKind::dispute_lost, seller, to_seller, ledger::retag<Hash>(id));
}

void punish_seller(State& state, const Context& context, const SaleId& id, Sale& sale,
                   const OfferTerms& terms)
{
    const auto subject = ledger::retag<Hash>(id);
    const auto escrow = sale.escrow();
    end_sale(state, context, id, sale, SaleStatus::slashed);
    if (state.get<Offer>(sale.offer).status == OfferStatus::listed)
        close_offer(state, context, sale.offer, OfferStatus::delisted);

    const auto bond = terms.offered.sale_bond;
    const auto to_buyer = bond.share_down(1, 2);
    burn(state, bond - to_buyer);
    credit(state, sale.buyer, escrow + to_buyer);
    context.emit(EventKind::slashed, terms.seller, bond, subject);
    context.emit(EventKind::compensated, sale.buyer, to_buyer, subject);
    context.emit(EventKind::refunded, sale.buyer, escrow, subject);
}

}  // namespace

Verdict apply(State& state, const Context& context, const DataDispute& message)
{
    auto sale = state.find<Sale>(message.sale);
    if (!sale) return Rejection::unknown_sale;
    if (sale->buyer != context.sender) return Rejection::not_a_party;
    if (sale->status != SaleStatus::released) return Rejection::sale_not_released;
    if (sale->dispute_bond.is_zero()) return Rejection::no_dispute_bond;
    const auto terms = state.get<OfferTerms>(sale->offer);
    if (message.batch >= terms.offered.batches.size()) return Rejection::unknown_batch;
    const auto batch = batch_of(state, terms, message.batch);
    if (const auto good = check_leaf(batch, message.index, message.leaf, message.path); !good)
        return good;
    const auto holds =
        message.kind == DataDisputeKind::chunk
            ? chunk_is_bad(message, terms.offered.dataset, batch)
            : key_is_bad(message, terms.offered.dataset, state.get<SaleKeys>(message.sale));
    if (!holds) return holds.error();

    if (*holds)
        punish_seller(state, context, message.sale, *sale, terms);
    else
        punish_buyer(state, context, message.sale, *sale, terms.seller);
    return {};
}

}  // namespace market
