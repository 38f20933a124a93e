#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/client/payment_refusal.hpp"

#include <algorithm>

// Calls paid by links. A link is on disk, with the request it was shown for, before it is sent. It
// is shown for no other request unless the host has said that it charged nothing for the first:
// where the answer is lost, and another request comes, a new chain begins.
namespace wallet {

using ledger::Amount;
using ledger::Hash;
namespace codec = ledger::codec;

namespace {

/// How finely a price that varies is paid: a link is at most so much of the ceiling.
constexpr std::uint64_t links_of_a_ceiling = 64;
/// How many calls a host's signature covers at most.
constexpr std::size_t records_of_a_batch = 64;

bool has_chain(const ChannelFile& file)
{
    return !file.chain.terms.unit.is_zero() &&
           market::worth(file.chain.terms, file.chain.used) == file.charged;
}

std::uint32_t next_index(const ChainUse& chain, Amount amount)
{
    const auto next = chain.used + market::links_for(amount, chain.terms.unit);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(next, ~std::uint32_t{0}));
}

bool lasts(const ChainUse& chain, Amount amount)
{
    return next_index(chain, amount) <= chain.terms.length;
}

Hash link_at(const market::ChannelId& id, const ChainUse& chain, std::uint32_t index)
{
    return market::ChainHasher{id}.down(chain.seed, chain.terms.length - index);
}

}  // namespace

// The short way: a chain that this host has answered on needs no offer.
Outcome<std::optional<PaidAnswer>> PaidClient::call_open_chain(const HttpRequest& request,
                                                               const PaymentTerms& terms) const
{
    using Answer = std::optional<PaidAnswer>;
    const auto ids = parts_.channels.list();
    if (!ids) return ids.error();
    const auto wanted = request_hash(request);
    const auto fits = [&](const ChannelFile& file) {
        const auto& chain = file.chain;
        if (file.node != parts_.ledger.http().url().origin() || file.target != request.target ||
            file.config.payer != ledger::address_of(parts_.key) || file.pending || !chain.opened ||
            !has_chain(file))
            return false;
        if (chain.pending) return chain.pending->request == wanted;
        return chain.offered <= terms.most && lasts(chain, chain.offered) &&
               *market::worth(chain.terms, next_index(chain, chain.offered)) <= chain.cover;
    };
    for (const auto& id : *ids) {
        auto seen = parts_.channels.load(id);
        if (!seen || !*seen || !fits(**seen)) continue;
        auto lock = parts_.channels.try_lock(id);
        if (!lock) return lock.error();
        if (!*lock) continue;
        auto file = parts_.channels.load(id);
        if (!file || !*file || !fits(**file)) continue;
        Channel channel{id, std::move(**file), std::move(**lock)};
        auto& chain = channel.file.chain;
        Outcome<PendingLink> payment = chain.pending.value_or(PendingLink{});
        if (!chain.pending) {
            const auto index = next_index(chain, chain.offered);
            payment = show(channel, request,
                           {wanted,
                            x402::link_header(chain.offered, id, index, link_at(id, chain, index)),
                            index,
                            chain.offered,
                            {}});
        }
        if (!payment) return payment.error();
        auto reply = send(request, payment->header, terms);
        if (!reply) return reply.error();
        if (reply->status == 402) return Answer{};  // the long way begins with the same link
        auto answer = settle_chain(channel, request, std::move(*reply), *payment);
        if (!answer) return answer.error();
        return Answer{std::move(*answer)};
    }
    return Answer{};
}

Outcome<PaidAnswer> PaidClient::call_chain(const HttpRequest& request, x402::Required required,
                                           const PaymentTerms& terms) const
{
    auto taken = take_channel(*required.offer_for(x402::Scheme::chain), terms);
    if (!taken) return taken.error();
    auto& channel = *taken;
    const auto wanted = request_hash(request);
    Corrections corrections;
    while (true) {
        const auto& offer = *required.offer_for(x402::Scheme::chain);
        if (const auto price = check_price(offer, terms); !price) return price.error();
        const auto payment =
            prepare_link(channel, request, wanted, offer, required.resource, terms);
        if (!payment) return payment.error();

        auto reply = send(request, payment->header, terms);
        if (!reply) return reply.error();
        if (reply->status != 402)
            return settle_chain(channel, request, std::move(*reply), *payment);
        if (const auto done = correct(channel, x402::Scheme::chain, *reply, required, corrections);
            !done)
            return done.error();
    }
}

Outcome<PendingLink> PaidClient::prepare_link(Channel& channel, const HttpRequest& request,
                                              const Hash& wanted, const x402::Offer& offer,
                                              const nlohmann::json& resource,
                                              const PaymentTerms& terms) const
{
    auto& file = channel.file;
    auto& chain = file.chain;
    if (chain.pending && chain.pending->request == wanted) {
        parts_.progress("repeating a payment whose answer was lost");
        return *chain.pending;
    }
    if (chain.pending)
        if (const auto settled = settle_lost_link(channel); !settled) return settled.error();

    Deposit deposit;
    const bool goes_on =
        has_chain(file) && lasts(chain, offer.amount) &&
        market::links_for(offer.amount, chain.terms.unit) <= 2 * links_of_a_ceiling &&
        *market::worth(chain.terms, next_index(chain, offer.amount)) <= chain.cover;
    if (!goes_on) {
        auto begun = begin_chain(channel, offer, terms);
        if (!begun) return begun.error();
        deposit = std::move(*begun);
    }
    const auto index = next_index(chain, offer.amount);
    const auto link = link_at(channel.id, chain, index);
    const auto header = chain.opened
                            ? x402::link_header(offer.amount, channel.id, index, link)
                            : x402::chain_header(offer, resource, file.config, chain.terms,
                                                 chain.signature, channel.id, index, link, deposit);
    return show(channel, request,
                {wanted, header, index, offer.amount, deposit ? deposit->amount : Amount{}});
}

// Another call's link was shown and its answer never came: whether it was charged the host says,
// up to what was shown. Its chain ends here, so that no link of it is shown for another call.
Outcome<void> PaidClient::settle_lost_link(Channel& channel) const
{
    auto& file = channel.file;
    const auto answer =
        parts_.ledger.get("/v1/channels/" + ledger::to_hex0x(channel.id.view()) + "/charges");
    if (!answer && answer.error().fault != Fault::not_found) return answer.error();
    const auto said = answer ? codec::from_json<Amount>(answer->value("charged", nlohmann::json{}))
                             : file.charged;
    const auto shown = market::worth(file.chain.terms, file.chain.pending->index);
    if (!said || !shown || *said > std::max(*shown, file.charged))
        return unverified("the host says it charged more than was ever shown");
    file.charged = *said;
    file.chain.pending.reset();
    file.chain.terms = {};
    return {};
}

Outcome<PaidClient::Deposit> PaidClient::begin_chain(Channel& channel, const x402::Offer& offer,
                                                     const PaymentTerms& terms) const
{
    auto& file = channel.file;
    auto& chain = file.chain;
    // What the last chain's calls cost says how this one is best cut. The first is for finding out.
    const bool known = !chain.offered.is_zero();
    const bool whole = known && chain.in_full && chain.offered == offer.amount;
    const auto unit = whole ? offer.amount.micros()
                            : (offer.amount.micros() + links_of_a_ceiling - 1) / links_of_a_ceiling;
    const auto links = market::links_for(offer.amount, Amount::micros(unit));
    chain.terms = {file.charged,
                   Amount::micros(unit),
                   known ? market::ChainLimits::length : static_cast<std::uint32_t>(links),
                   {}};
    chain.seed = parts_.random.next<Hash>();
    chain.terms.root = link_at(channel.id, chain, 0);
    if (!market::well_formed(chain.terms)) return unverified("the channel's count is out of range");
    chain.signature = ledger::sign(
        parts_.key, market::chain_voucher_digest(*parts_.network, channel.id, chain.terms));
    chain.used = 0;
    chain.opened = false;

    const auto first = *market::worth(chain.terms, static_cast<std::uint32_t>(links));
    const auto cover = cover_of(channel);
    if (!cover) return cover.error();
    const auto amount = deposit_for(channel, offer, *cover, first, terms);
    if (!amount) return amount.error();
    chain.cover = *cover + *amount;
    if (amount->is_zero()) return Deposit{};
    parts_.progress("depositing " + to_tokens(*amount) + " into channel " +
                    ledger::to_hex0x(channel.id.view()));
    return Deposit{x402::sign_deposit(*parts_.network, file.config, *amount,
                                      parts_.now_s() + PaymentTerms::authorization_s,
                                      parts_.random.next<Hash>(), parts_.key)};
}

Outcome<PendingLink> PaidClient::show(Channel& channel, const HttpRequest& request,
                                      PendingLink link) const
{
    auto& file = channel.file;
    file.node = parts_.ledger.http().url().origin();
    file.target = request.target;
    file.signed_max = std::max(file.signed_max, *market::worth(file.chain.terms, link.index));
    file.chain.pending = std::move(link);
    if (const auto kept = parts_.channels.save(channel.id, file); !kept) return kept.error();
    return *file.chain.pending;
}

Outcome<PaidAnswer> PaidClient::settle_chain(Channel& channel, const HttpRequest& request,
                                             HttpReply reply, const PendingLink& payment) const
{
    auto& file = channel.file;
    auto& chain = file.chain;
    const auto header = reply.header("PAYMENT-RESPONSE");
    auto paid = header ? x402::read_response(*header) : Outcome<x402::Paid>{x402::Paid{}};
    if (!paid) return paid.error();
    if (!paid->record) {
        // A failure before anything was charged; the next call may show the same link.
        if (reply.status < 500 && reply.status != 408) chain.pending.reset();
        if (const auto kept = parts_.channels.save(channel.id, file); !kept) return kept.error();
        if (reply.status == 200)
            return unverified("the host answered without saying what it charged");
        return failure_of(reply);
    }

    const auto& record = *paid->record;
    const auto unit = chain.terms.unit;
    const auto links = record.charged.micros() / unit.micros();
    const bool counts = record.channel_id == channel.id && !record.charged.is_zero() &&
                        unit.times(links) == record.charged &&
                        chain.used + links <= payment.index &&
                        record.max_claimable == market::worth(chain.terms, payment.index) &&
                        file.charged.plus(record.charged) == record.charged_cumulative;
    if (!counts) return unverified("the record's amounts do not add up with what was paid before");
    PaidAnswer answer;
    answer.scheme = x402::Scheme::chain;
    answer.channel = channel.id;
    answer.charged = record.charged;
    answer.deposited = payment.deposit;
    answer.transaction = paid->transaction;
    answer.receipt = {record, {}, record.max_claimable, chain.signature, request.target};

    // The count first: the next link must come after it, whatever else is wrong.
    file.charged = record.charged_cumulative;
    file.seq = record.seq;
    chain.used += static_cast<std::uint32_t>(links);
    chain.opened = true;
    chain.offered = payment.amount;
    chain.in_full = record.charged >= payment.amount;
    chain.pending.reset();
    if (const auto kept = parts_.channels.save_receipt(answer.receipt); !kept) return kept.error();
    const auto batches = take_batches(channel, *paid);
    if (const auto kept = parts_.channels.save(channel.id, file); !kept) return kept.error();
    if (!batches) return batches.error();

    if (reply.status != 200) return failure_of(reply);
    if (record.req_hash != ledger::sha256(request.body))
        return unverified("the record is for another request than the one sent");
    if (record.resp_hash != ledger::sha256(reply.body))
        return unverified("the record is for another answer than the one received");
    answer.reply = std::move(reply);
    return answer;
}

// What the host signs is checked against the records seen here; where some were missed, by a loss
// of this wallet's files, the host can still be asked for their proofs.
Outcome<void> PaidClient::take_batches(Channel& channel, const x402::Paid& paid) const
{
    auto& chain = channel.file.chain;
    bool added = !paid.record;
    const auto add = [&] {
        added = true;
        if (chain.loose.empty() || chain.loose_from + chain.loose.size() != paid.record->seq) {
            chain.loose.clear();
            chain.loose_from = paid.record->seq;
        }
        chain.loose.push_back(market::record_leaf(*paid.record));
    };
    for (const auto& [receipt, signature] : paid.batches) {
        const auto next = receipt.first_seq + receipt.calls;
        if (!added && next > paid.record->seq) add();
        if (receipt.channel_id != channel.id ||
            !market::signed_by(channel.file.config.receiver_authorizer,
                               market::batch_receipt_digest(*parts_.network, receipt), signature))
            return unverified("a batch of records is not signed by the host");
        if (receipt.first_seq == chain.loose_from && receipt.calls == chain.loose.size() &&
            receipt.records_root != ledger::merkle_root(chain.loose))
            return unverified("the host signed for other records than it gave");
        if (const auto kept = parts_.channels.save_batch({receipt, signature}); !kept) return kept;
        chain.loose.clear();
        chain.loose_from = next;
    }
    if (!added) add();
    if (chain.loose.size() >= records_of_a_batch)
        return unverified("the host has not signed for the last 64 calls");
    return {};
}

}  // namespace wallet
