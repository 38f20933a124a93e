#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/client/payment_refusal.hpp"

#include <algorithm>

// Channels: which one to use, how much to put in, whose count holds, and getting money back.
namespace wallet {

using ledger::Amount;
namespace codec = ledger::codec;

Outcome<PaidClient::Channel> PaidClient::take_channel(const x402::Offer& offer,
                                                      const PaymentTerms& terms) const
{
    const auto payer = ledger::address_of(parts_.key);
    for (unsigned lane = 0; lane < std::max(terms.lanes, 1u); ++lane) {
        const auto config = x402::config_for(*parts_.network, offer, payer, lane);
        const auto id = market::channel_id(*parts_.network, config);
        auto lock = parts_.channels.try_lock(id);
        if (!lock) return lock.error();
        if (!*lock) continue;
        auto file = parts_.channels.load(id);
        if (!file) return file.error();
        ChannelFile known = *file ? std::move(**file) : ChannelFile{};
        known.config = config;
        return Channel{id, std::move(known), std::move(**lock)};
    }
    return Failure{Fault::unreachable, "every channel to this host is in use by another process"};
}

/// What the channel holds on the ledger, less what is on its way out.
Outcome<Amount> PaidClient::cover_of(const Channel& channel) const
{
    const auto answer = parts_.ledger.get("/v1/channels/" + ledger::to_hex0x(channel.id.view()));
    if (!answer) {
        if (answer.error().fault == Fault::not_found) return Amount{};
        return answer.error();
    }
    const auto balance = codec::from_json<Amount>(answer->value("balance", nlohmann::json{}));
    if (!balance) return Failure{Fault::failed, "the node's channel makes no sense"};
    const auto withdraw = answer->value("withdraw", nlohmann::json{});
    if (withdraw.is_object())
        if (const auto amount =
                codec::from_json<Amount>(withdraw.value("amount", nlohmann::json{})))
            return balance->minus(*amount).value_or(Amount{});
    return *balance;
}

Outcome<Amount> PaidClient::deposit_for(const Channel& channel, const x402::Offer& offer,
                                        Amount cover, Amount ceiling,
                                        const PaymentTerms& terms) const
{
    if (ceiling <= cover) return Amount{};
    const auto need = ceiling - cover;
    const auto least = std::max({offer.min_deposit, parts_.network->params().min_deposit, need});
    const auto wanted = terms.deposit ? std::max(*terms.deposit, least)
                                      : std::max(offer.amount.times(10).value_or(least), least);
    if (terms.most_deposit && least > *terms.most_deposit)
        return Failure{Fault::payment_refused,
                       "the channel needs a deposit of at least " + to_tokens(least) + ", and " +
                           to_tokens(*terms.most_deposit) + " may be put into it"};
    const auto account = parts_.ledger.account(channel.file.config.payer);
    if (!account) return account.error();
    if (account->balance < least)
        return Failure{Fault::payment_refused, "the account holds " + to_tokens(account->balance) +
                                                   " and the channel needs a deposit of at least " +
                                                   to_tokens(least)};
    return std::min({wanted, account->balance, terms.most_deposit.value_or(wanted)});
}

// After a loss the host says what it charged: taken only as far as our own signatures go.
Outcome<void> PaidClient::adopt(Channel& channel, const x402::Required& required) const
{
    if (!required.channel) return unverified("the host corrects the count without saying it");
    auto proven = channel.file.signed_max;
    if (required.signed_max && required.signed_signature) {
        const auto digest =
            market::voucher_digest(*parts_.network, channel.id, *required.signed_max);
        if (market::signed_by(ledger::address_of(parts_.key), digest, *required.signed_signature))
            proven = std::max(proven, *required.signed_max);
    }
    if (const auto& word = required.chain) {
        const auto digest = market::chain_voucher_digest(*parts_.network, channel.id, word->terms);
        const auto shown = market::worth(word->terms, word->index);
        if (shown && market::well_formed(word->terms) &&
            market::signed_by(ledger::address_of(parts_.key), digest, word->signature) &&
            market::ChainHasher{channel.id}.down(word->link, word->index) == word->terms.root)
            proven = std::max(proven, *shown);
    }
    const auto charged = required.channel->charged;
    if (charged > std::max(proven, required.channel->total_claimed))
        return unverified("the host says it charged " + to_tokens(charged) +
                          ", more than was ever signed for");
    if (charged > proven) {
        if (channel.is_found)
            return unverified("the host says it charged " + to_tokens(charged) +
                              ", more than the ledger has settled or it shows a signature for");
        // Nothing signed is known any more: what the ledger has settled was signed for.
        const auto answer =
            parts_.ledger.get("/v1/channels/" + ledger::to_hex0x(channel.id.view()));
        if (!answer) return answer.error();
        const auto claimed =
            codec::from_json<Amount>(answer->value("totalClaimed", nlohmann::json{}));
        if (!claimed || charged > *claimed)
            return unverified("the host says it charged more than the ledger has settled");
    }
    channel.file.charged = charged;
    channel.file.signed_max = std::max(proven, charged);
    channel.file.pending.reset();
    channel.file.chain.pending.reset();
    channel.file.chain.terms = {};
    return parts_.channels.save(channel.id, channel.file);
}

Outcome<void> PaidClient::correct(Channel& channel, x402::Scheme scheme, const HttpReply& reply,
                                  x402::Required& required, Corrections& corrections) const
{
    const auto again = reply.header("PAYMENT-REQUIRED");
    if (!again) return failure_of(reply);
    auto next = x402::read_required(*again, *parts_.network);
    if (!next) return next.error();
    const auto reason = next->error;
    if (reason == busy && ++corrections.waits < 20) {
        parts_.sleep(std::chrono::milliseconds{250});
        return {};
    }
    const bool by_links = scheme == x402::Scheme::chain;
    const auto forget = [&] {
        if (by_links)
            channel.file.chain.pending.reset();
        else
            channel.file.pending.reset();
    };
    const bool miscounted = reason == cumulative_mismatch || reason == cumulative_below ||
                            (by_links && (reason == chain_unknown || reason == chain_index));
    if ((!miscounted && reason != not_offered) || ++corrections.made > 3 ||
        !next->offer_for(scheme)) {
        // Nothing ran and nothing was charged: the payment is over.
        forget();
        if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
            return kept.error();
        return payment_refused(reply, reason);
    }
    required = std::move(*next);
    if (!miscounted) {
        forget();
        return {};
    }
    parts_.progress("the host's count differs from ours; checking and taking it");
    return adopt(channel, required);
}

Outcome<x402::Paid> PaidClient::refund(const market::ChannelId& id, std::optional<Amount> amount,
                                       const std::optional<market::Channel>& proven) const
{
    auto lock = parts_.channels.try_lock(id);
    if (!lock) return lock.error();
    if (!*lock) return Failure{Fault::unreachable, "the channel is in use by another process"};
    auto file = parts_.channels.load(id);
    if (!file) return file.error();
    const bool is_kept = file->has_value();
    if (!is_kept) {
        if (!proven) return Failure{Fault::not_found, "this wallet keeps no such channel"};
        auto found = find_channel(id, *proven);
        if (!found) return found.error();
        *file = std::move(*found);
    }
    Channel channel{id, std::move(**file), std::move(**lock), !is_kept};
    PaymentTerms terms;
    for (unsigned round = 0; round < 3; ++round) {
        const auto first = parts_.ledger.http().call({"GET", channel.file.target});
        if (!first) return first.error();
        const auto header = first->header("PAYMENT-REQUIRED");
        if (first->status != 402 || !header) return failure_of(*first);
        const auto required = x402::read_required(*header, *parts_.network);
        if (!required) return required.error();
        const auto* offer = offer_of(*required, channel.file.config);
        if (offer == nullptr)
            return Failure{Fault::refused,
                           "the host no longer serves this channel; use: channel withdraw"};
        const auto voucher = x402::sign_voucher(*parts_.network, channel.file.config,
                                                channel.file.charged, parts_.key);
        const auto reply = send(
            {"GET", channel.file.target},
            x402::refund_header(*offer, required->resource, channel.file.config, voucher, amount),
            terms);
        if (!reply) return reply.error();
        if (reply->status == 200) {
            const auto done = reply->header("PAYMENT-RESPONSE");
            if (!done) return unverified("the host does not say what it gave back");
            return x402::read_response(*done);
        }
        const auto again = reply->header("PAYMENT-REQUIRED");
        if (reply->status != 402 || !again) return failure_of(*reply);
        const auto next = x402::read_required(*again, *parts_.network);
        if (!next) return next.error();
        if (next->error != cumulative_mismatch && next->error != cumulative_below)
            return payment_refused(*reply, next->error);
        if (const auto done = adopt(channel, *next); !done) return done.error();
    }
    return Failure{Fault::payment_refused, "the host keeps correcting the count"};
}

}  // namespace wallet
