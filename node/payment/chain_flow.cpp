#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/x402_errors.hpp"

// The flow of a link. The payer shows as many links as the ceiling needs, the call charges as many
// of them as its price needs, and the next call counts from there: what the host can take beyond
// the charge is one ceiling, as with a voucher, and nothing is signed but each chain once by the
// payer and each 64 calls once by the host.
namespace node {
namespace {

x402::Refusal refusal(std::string_view reason)
{
    return {402, std::string{reason}};
}

}  // namespace

Action RequestMachine::start_chain(x402::ChainPayload payload, Now now)
{
    flow_ = Flow::chain;
    chain_ = std::move(payload);
    batch_.channel = chain_.channel;
    key_ = link_call(chain_.channel, chain_.link, taken_.amount);
    // Only the payer knows a link before it is charged: who shows it again, with the same request,
    // may have the answer.
    if (services_.shelf.find(key_, now.wall)) {
        replaying_ = true;
        return read_body();
    }
    if (!offered_) {
        const bool forgotten = !chain_.opening && !services_.book.open_chain(chain_.channel);
        return refuse(forgotten ? x402::chain_unknown : x402::accepted_not_offered, now);
    }
    if (taken_.scheme != x402::Scheme::chain) return refuse(x402::payload_type, now);

    standing_ = look(chain_.channel);
    const auto known = services_.book.open_chain(chain_.channel);
    if (chain_.opening) {
        batch_.config = chain_.opening->config;
        batch_.deposit = chain_.opening->deposit;
        if (const auto good = check_opening(); !good) return refuse(good.error(), now);
        batch_.max_claimable = *market::worth(chain_.opening->terms, chain_.index);
    } else {
        if (!known || standing_.charged != *market::worth(known->chain.terms, known->links.used))
            return refuse(x402::chain_unknown, now);
        batch_.config = known->config;
        if (const auto good = check_link(*known); !good) return refuse(good.error(), now);
        batch_.max_claimable = *market::worth(known->chain.terms, chain_.index);
    }
    if (const auto covered = check_money(); !covered) return refuse(covered.error(), now);
    return reserve(now);
}

Check RequestMachine::check_opening() const
{
    const auto& opening = *chain_.opening;
    const auto& terms = opening.terms;
    const auto good = check_config(services_.network, services_.host, services_.offers.terms(),
                                   taken_, opening.config);
    if (!good) return good;
    if (chain_.channel != market::channel_id(services_.network, opening.config))
        return refusal(x402::channel_id_mismatch);
    if (!market::well_formed(terms)) return refusal(x402::chain_terms);
    const auto digest = market::chain_voucher_digest(services_.network, chain_.channel, terms);
    if (!market::voucher_signed(opening.config, digest, opening.signature))
        return refusal(x402::chain_signature);
    if (terms.base != standing_.charged) return refusal(x402::cumulative_amount_mismatch);
    return check_links(terms, 0, terms.root);
}

Check RequestMachine::check_link(const OpenChain& known) const
{
    if (known.config.receiver != taken_.pay_to) return refusal(x402::receiver_mismatch);
    if (known.config.receiver_authorizer != services_.host.authorizer)
        return refusal(x402::receiver_authorizer_mismatch);
    return check_links(known.chain.terms, known.links.used, known.used_link);
}

Check RequestMachine::check_links(const market::ChainTerms& terms, std::uint32_t used,
                                  const ledger::Hash& from) const
{
    const auto links = market::links_for(taken_.amount, terms.unit);
    if (links > CheckLimits::links_per_call) return refusal(x402::chain_terms);
    if (chain_.index != used + links || chain_.index > terms.length)
        return refusal(x402::chain_index);
    if (market::ChainHasher{chain_.channel}.down(chain_.link, links) != from)
        return refusal(x402::chain_link);
    return {};
}

Action RequestMachine::charge_chain(Served served, Now now)
{
    const auto priced = price(served);
    if (!priced)
        return fail(500, "wrong_version",
                    "a version ran that was not offered; nothing was charged");
    ShownLinks shown{{}, chain_.index, chain_.link};
    if (chain_.opening) shown.opening = {chain_.opening->terms, chain_.opening->signature};
    const auto known = services_.book.open_chain(chain_.channel);
    const auto unit = chain_.opening ? chain_.opening->terms.unit
                      : known        ? known->chain.terms.unit
                                     : market::Amount{};
    if (unit.is_zero())
        return fail(503, "reservation_lost", "the call took too long; nothing was charged");
    const auto links = static_cast<std::uint32_t>(market::links_for(priced->amount, unit));
    auto charge = services_.book.begin_chain_charge(*lease_, shown, links);
    if (!charge)
        return fail(503, "reservation_lost", "the call took too long; nothing was charged");
    chain_charge_ = std::move(*charge);

    receipt_.receipt = receipt_for(served, priced->sheet, now);
    auto& record = receipt_.receipt;
    record.channel_id = chain_.channel;
    record.seq = chain_charge_.record.seq;
    record.units = priced->units;
    record.max_claimable = batch_.max_claimable;
    record.charged = *unit.times(links);
    record.charged_cumulative = chain_charge_.record.charged;
    leaf_ = market::record_leaf(record);

    x402::PaymentResponse paid;
    paid.network = services_.offers.network_name();
    paid.payer = batch_.config.payer;
    paid.amount = deposit_due_ ? batch_.deposit->amount : record.charged;
    if (transaction_) paid.transaction = ledger::to_hex0x(transaction_->view());
    paid.record = record;
    if (chain_charge_.opens)
        paid.channel_state = channel_state(chain_.channel, standing_, record.charged_cumulative);

    JournalBatch batch;
    if (chain_charge_.opens) {
        if (auto loose = services_.book.loose_records(*lease_))
            paid.batches.push_back(sign_batch(batch, std::move(*loose), now));
        batch.push_back(keep(payment_table::channels, ledger::codec::encode(chain_charge_.record)));
        batch.push_back(keep(payment_table::chains, ledger::codec::encode(chain_charge_.chain)));
    }
    if (chain_charge_.batch) {
        auto leaves = *chain_charge_.batch;
        leaves.push_back(leaf_);
        market::BatchReceipt full;
        full.channel_id = chain_.channel;
        full.chain = chain_charge_.chain.terms.root;
        full.first_seq = record.seq + 1 - leaves.size();
        full.calls = leaves.size();
        full.records_root = ledger::merkle_root(leaves);
        full.charged_cumulative = record.charged_cumulative;
        paid.batches.push_back(sign_batch(batch, std::move(full), now));
    }
    batch.push_back(keep(payment_table::links, ledger::codec::encode(chain_charge_.links)));
    call_.payment_response = x402::encode_payment_response(paid);
    store_call(batch, call_, served.response, now);
    response_ = std::move(served.response);
    response_->with("PAYMENT-RESPONSE", call_.payment_response);
    stage_ = Stage::charging;
    writing_ = Writing::chain_charge;
    return Write{std::move(batch)};
}

x402::SignedBatch RequestMachine::sign_batch(JournalBatch& batch, market::BatchReceipt receipt,
                                             Now now) const
{
    receipt.t = now.wall.value;
    const auto signature =
        ledger::sign(services_.host.key, market::batch_receipt_digest(services_.network, receipt));
    batch.push_back({std::string{payment_table::batches},
                     receipt_key(receipt.channel_id, receipt.first_seq + receipt.calls - 1),
                     ledger::codec::encode(BatchRecord{receipt, signature})});
    return {std::move(receipt), signature};
}

}  // namespace node
