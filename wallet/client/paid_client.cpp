#include "wallet/client/paid_client.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/signing.hpp"
#include "market/state/records.hpp"
#include "wallet/amount_text.hpp"

#include <algorithm>

namespace wallet {
namespace {

using ledger::Amount;
namespace codec = ledger::codec;
using std::chrono::milliseconds;

constexpr std::string_view mismatch = "invalid_batch_settlement_evm_cumulative_amount_mismatch";
constexpr std::string_view below = "invalid_batch_settlement_evm_cumulative_below_claimed";
constexpr std::string_view busy = "invalid_batch_settlement_evm_channel_busy";
constexpr std::uint64_t authorization_s = 3600;

Failure unverified(const std::string& what)
{
    return {Fault::unverified, what};
}

/// The host's reason in words, where people can do something about it.
std::string in_words(const std::string& reason)
{
    if (reason.ends_with("insufficient_balance"))
        return "the account has too little for the payment; see: millrace balance";
    if (reason.ends_with("cumulative_exceeds_balance"))
        return "the channel holds too little for this call; raise --deposit";
    if (reason.ends_with("deposit_below_min_deposit"))
        return "the deposit is below the host's least one; raise --deposit";
    if (reason.ends_with("withdrawal_ending")) return "a withdrawal from the channel is under way";
    if (reason.ends_with("channel_busy"))
        return "another call on this channel is under way; try again";
    return "the host refused the payment";
}

Failure refused(const HttpReply& reply, const std::string& error)
{
    std::string reason = error;
    if (const auto header = reply.header("PAYMENT-RESPONSE"))
        if (const auto paid = x402::read_response(*header); paid && !paid->error_reason.empty())
            reason = paid->error_reason;
    return {Fault::payment_refused,
            in_words(reason) + " (" + reason + ")",
            {{"httpStatus", reply.status}, {"reason", reason}}};
}

const x402::Offer* choose(const x402::Required& required, bool exact)
{
    const auto found = std::find_if(required.offers.begin(), required.offers.end(),
                                    [&](const auto& offer) { return offer.exact == exact; });
    return found == required.offers.end() ? nullptr : &*found;
}

Outcome<void> check_price(const x402::Offer& offer, const PaymentTerms& terms)
{
    if (offer.amount <= terms.most) return {};
    return Failure{Fault::payment_refused, "the call may cost " + to_tokens(offer.amount) +
                                               ", more than --max-price " + to_tokens(terms.most)};
}

bool lost(const Outcome<HttpReply>& reply)
{
    return !reply &&
           (reply.error().fault == Fault::unreachable || reply.error().fault == Fault::timeout);
}

/// A reply that says a payment is on its way to become final.
bool settlement_pending(const HttpReply& reply)
{
    return reply.status == 202;
}

}  // namespace

ledger::Hash request_hash(const HttpRequest& request)
{
    ledger::Sha256 hasher;
    for (const auto& part : {request.method, request.target}) {
        hasher.update(ledger::as_bytes(part));
        hasher.update(ledger::as_bytes(std::string_view{"\0", 1}));
    }
    for (const auto& [name, value] : request.headers) {
        hasher.update(ledger::as_bytes(name + ":" + value));
        hasher.update(ledger::as_bytes(std::string_view{"\0", 1}));
    }
    hasher.update(request.body);
    return hasher.finish();
}

Outcome<void> check_receipt(const market::Network& network, const market::UsageReceipt& receipt,
                            const ledger::Signature& signature, const ledger::Address& signer,
                            const market::ChannelId& channel, ledger::ByteView request_body,
                            ledger::ByteView response_body)
{
    if (!market::signed_by(signer, market::receipt_digest(network, receipt), signature))
        return unverified("the receipt is not signed by the host's key");
    if (receipt.channel_id != channel) return unverified("the receipt is of another channel");
    if (receipt.req_hash != ledger::sha256(request_body))
        return unverified("the receipt is for another request");
    if (receipt.resp_hash != ledger::sha256(response_body))
        return unverified("the receipt is for another answer than the one received");
    return {};
}

PaidClient::PaidClient(Parts parts) : parts_{std::move(parts)} {}

Outcome<PaidAnswer> PaidClient::call(const HttpRequest& request, const PaymentTerms& terms) const
{
    // The offer comes before a host reads the body, so the first request is sent without it.
    auto first = request;
    first.body.clear();
    auto reply = parts_.ledger.http().call(first);
    if (!reply) return reply.error();
    if (reply->status != 402) {
        if (reply->status == 404) return failure_of(*reply);
        reply = parts_.ledger.http().call(request);
        if (!reply) return reply.error();
    }
    if (reply->status == 200) {
        PaidAnswer answer;
        answer.reply = std::move(*reply);
        answer.free = true;
        return answer;
    }
    const auto header = reply->header("PAYMENT-REQUIRED");
    if (reply->status != 402 || !header) return failure_of(*reply);
    auto required = x402::read_required(*header, *parts_.network);
    if (!required) return required.error();
    const auto* offer = choose(*required, terms.exact);
    if (!offer)
        return Failure{Fault::payment_refused, std::string{"the host offers no payment by "} +
                                                   (terms.exact ? "single transfer" : "channel") +
                                                   " on this network"};
    if (const auto price = check_price(*offer, terms); !price) return price.error();
    if (terms.exact) return call_exact(request, *required, *offer, terms);
    return call_batch(request, std::move(*required), terms);
}

// The same bytes again while the answer is lost or the money not final: the host answers a
// payment it has seen from its shelf.
Outcome<HttpReply> PaidClient::send(HttpRequest request, const std::string& header,
                                    const PaymentTerms& terms) const
{
    request.headers.emplace_back("PAYMENT-SIGNATURE", header);
    const auto until = parts_.now_s() + static_cast<std::uint64_t>(terms.patience.count());
    unsigned losses = 0;
    for (unsigned round = 0;; ++round) {
        auto reply = parts_.ledger.http().call(request);
        if (lost(reply)) {
            if (++losses >= terms.attempts) return reply;
            parts_.progress("the answer was lost; sending the same payment again");
            parts_.sleep(milliseconds{200} * losses);
            continue;
        }
        if (!reply || !settlement_pending(*reply)) return reply;
        if (parts_.now_s() >= until)
            return Failure{Fault::timeout,
                           "the payment is not final yet; the same command goes on with it"};
        if (round == 0) parts_.progress("waiting for the payment to become final");
        parts_.sleep(milliseconds{500});
    }
}

Outcome<PaidAnswer> PaidClient::call_exact(const HttpRequest& request,
                                           const x402::Required& required, const x402::Offer& offer,
                                           const PaymentTerms& terms) const
{
    const auto& network = *parts_.network;
    const auto transfer = x402::sign_transfer(network, offer, parts_.now_s() + authorization_s,
                                              parts_.random.next<ledger::Hash>(), parts_.key);
    const auto id =
        ledger::retag<market::ChannelId>(market::transfer_authorization_digest(network, transfer));
    auto reply = send(request, x402::exact_header(offer, required.resource, transfer), terms);
    if (!reply) return reply.error();
    if (reply->status == 402) return refused(*reply, "payment refused");
    if (reply->status != 200) return failure_of(*reply);
    const auto header = reply->header("PAYMENT-RESPONSE");
    if (!header) return unverified("the host answered without saying what it charged");
    const auto paid = x402::read_response(*header);
    if (!paid) return paid.error();
    if (!paid->success || !paid->receipt) return unverified("the host gave no receipt");

    PaidAnswer answer;
    answer.exact = true;
    answer.channel = id;
    answer.charged = transfer.value;
    answer.transaction = paid->transaction;
    answer.receipt = {*paid->receipt, paid->receipt_signature, transfer.value, {}, request.target};
    if (const auto kept = parts_.channels.save_receipt(answer.receipt); !kept) return kept.error();
    // Who may sign for the host is named by the channel offer beside this one.
    const auto* batch = choose(required, false);
    if (batch) {
        const auto good = check_receipt(network, *paid->receipt, paid->receipt_signature,
                                        batch->receiver_authorizer, id, request.body, reply->body);
        if (!good) return good.error();
    }
    answer.reply = std::move(*reply);
    return answer;
}

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

Outcome<Amount> PaidClient::deposit_for(const Channel& channel, const x402::Offer& offer,
                                        Amount ceiling, const PaymentTerms& terms) const
{
    Amount cover;
    const auto answer = parts_.ledger.get("/v1/channels/" + ledger::to_hex0x(channel.id.view()));
    if (answer) {
        const auto balance = codec::from_json<Amount>(answer->value("balance", nlohmann::json{}));
        if (!balance) return Failure{Fault::failed, "the node's channel makes no sense"};
        cover = *balance;
        const auto withdraw = answer->value("withdraw", nlohmann::json{});
        if (withdraw.is_object())
            if (const auto amount =
                    codec::from_json<Amount>(withdraw.value("amount", nlohmann::json{})))
                cover = cover.minus(*amount).value_or(Amount{});
    } else if (answer.error().fault != Fault::not_found) {
        return answer.error();
    }
    if (ceiling <= cover) return Amount{};
    const auto need = ceiling - cover;
    const auto least = std::max({offer.min_deposit, parts_.network->params().min_deposit, need});
    const auto wanted = terms.deposit ? std::max(*terms.deposit, least)
                                      : std::max(offer.amount.times(10).value_or(least), least);
    const auto account = parts_.ledger.account(channel.file.config.payer);
    if (!account) return account.error();
    if (account->balance < least)
        return Failure{Fault::payment_refused, "the account holds " + to_tokens(account->balance) +
                                                   " and the channel needs a deposit of at least " +
                                                   to_tokens(least)};
    return std::min(wanted, account->balance);
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
    const auto charged = required.channel->charged;
    if (charged > std::max(proven, required.channel->total_claimed))
        return unverified("the host says it charged " + to_tokens(charged) +
                          ", more than was ever signed for");
    if (charged > proven) {
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
    return parts_.channels.save(channel.id, channel.file);
}

Outcome<PaidAnswer> PaidClient::call_batch(const HttpRequest& request, x402::Required required,
                                           const PaymentTerms& terms) const
{
    auto taken = take_channel(*choose(required, false), terms);
    if (!taken) return taken.error();
    auto& channel = *taken;
    const auto wanted = request_hash(request);
    unsigned corrections = 0;
    unsigned waits = 0;
    while (true) {
        const auto& offer = *choose(required, false);
        if (const auto price = check_price(offer, terms); !price) return price.error();
        std::string header;
        Amount max;
        if (channel.file.pending && channel.file.pending->request == wanted) {
            parts_.progress("repeating a payment whose answer was lost");
            header = channel.file.pending->header;
            max = channel.file.pending->max_claimable;
        } else {
            const auto ceiling = channel.file.charged.plus(offer.amount);
            if (!ceiling) return unverified("the channel's count is out of range");
            max = *ceiling;
            const auto amount = deposit_for(channel, offer, max, terms);
            if (!amount) return amount.error();
            std::optional<market::ChannelDeposit> deposit;
            if (!amount->is_zero()) {
                parts_.progress("depositing " + to_tokens(*amount) + " into channel " +
                                ledger::to_hex0x(channel.id.view()));
                deposit = x402::sign_deposit(*parts_.network, channel.file.config, *amount,
                                             parts_.now_s() + authorization_s,
                                             parts_.random.next<ledger::Hash>(), parts_.key);
            }
            const auto voucher =
                x402::sign_voucher(*parts_.network, channel.file.config, max, parts_.key);
            header = x402::voucher_header(offer, required.resource, channel.file.config, voucher,
                                          deposit);
            channel.file.node = "http://" + parts_.ledger.http().url().authority();
            channel.file.target = request.target;
            channel.file.signed_max = std::max(channel.file.signed_max, max);
            channel.file.pending = PendingCall{wanted, header, max, *amount};
            if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
                return kept.error();
        }

        auto reply = send(request, header, terms);
        if (!reply) return reply.error();
        if (reply->status != 402) {
            auto voucher =
                x402::sign_voucher(*parts_.network, channel.file.config, max, parts_.key);
            return settle(channel, request, std::move(*reply), voucher);
        }
        const auto again = reply->header("PAYMENT-REQUIRED");
        if (!again) return failure_of(*reply);
        auto next = x402::read_required(*again, *parts_.network);
        if (!next) return next.error();
        const auto reason = next->error;
        const bool repeated =
            reason == mismatch || reason == below || reason == "accepted_not_offered";
        if (reason == busy && ++waits < 20) {
            parts_.sleep(milliseconds{250});
            continue;
        }
        if (!repeated || ++corrections > 3 || !choose(*next, false)) {
            // Nothing ran and nothing was charged: the payment is over.
            channel.file.pending.reset();
            if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
                return kept.error();
            return refused(*reply, reason);
        }
        required = std::move(*next);
        if (reason == "accepted_not_offered") {
            channel.file.pending.reset();
        } else {
            parts_.progress("the host's count differs from ours; checking and taking it");
            if (const auto done = adopt(channel, required); !done) return done.error();
        }
    }
}

Outcome<PaidAnswer> PaidClient::settle(Channel& channel, const HttpRequest& request,
                                       HttpReply reply, const x402::Voucher& voucher) const
{
    const auto header = reply.header("PAYMENT-RESPONSE");
    if (!header) {
        // A failure before anything was charged; the next call starts with a fresh voucher.
        if (reply.status < 500 && reply.status != 408) channel.file.pending.reset();
        if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
            return kept.error();
        if (reply.status == 200)
            return unverified("the host answered without saying what it charged");
        return failure_of(reply);
    }
    const auto paid = x402::read_response(*header);
    if (!paid) return paid.error();
    if (!paid->receipt) {
        channel.file.pending.reset();
        if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
            return kept.error();
        if (reply.status == 200) return unverified("the host gave no receipt");
        return failure_of(reply);
    }

    const auto& receipt = *paid->receipt;
    const auto before = channel.file.charged;
    PaidAnswer answer;
    answer.channel = channel.id;
    answer.voucher = voucher;
    answer.charged = receipt.charged;
    answer.transaction = paid->transaction;
    answer.deposited = channel.file.pending ? channel.file.pending->deposit : Amount{};
    answer.receipt = {receipt, paid->receipt_signature, voucher.max_claimable, voucher.signature,
                      request.target};

    // The count first: whatever else is wrong, the next voucher must start above it.
    const auto& signer = channel.file.config.receiver_authorizer;
    const bool counts = receipt.max_claimable == voucher.max_claimable &&
                        receipt.charged_cumulative <= voucher.max_claimable &&
                        before.plus(receipt.charged) == receipt.charged_cumulative;
    if (counts) {
        channel.file.charged = receipt.charged_cumulative;
        channel.file.seq = receipt.seq;
        channel.file.pending.reset();
        if (const auto kept = parts_.channels.save_receipt(answer.receipt); !kept)
            return kept.error();
        if (const auto kept = parts_.channels.save(channel.id, channel.file); !kept)
            return kept.error();
    }
    if (reply.status != 200) return failure_of(reply);
    const auto good = check_receipt(*parts_.network, receipt, paid->receipt_signature, signer,
                                    channel.id, request.body, reply.body);
    if (!good) return good.error();
    if (!counts) return unverified("the receipt's amounts do not add up with what was paid before");
    answer.reply = std::move(reply);
    return answer;
}

Outcome<x402::Paid> PaidClient::refund(const market::ChannelId& id,
                                       std::optional<Amount> amount) const
{
    auto lock = parts_.channels.try_lock(id);
    if (!lock) return lock.error();
    if (!*lock) return Failure{Fault::unreachable, "the channel is in use by another process"};
    auto file = parts_.channels.load(id);
    if (!file) return file.error();
    if (!*file)
        return Failure{Fault::not_found, "this wallet keeps no such channel; see: channel list"};
    Channel channel{id, std::move(**file), std::move(**lock)};
    PaymentTerms terms;
    for (unsigned round = 0; round < 3; ++round) {
        const auto first = parts_.ledger.http().call({"GET", channel.file.target});
        if (!first) return first.error();
        const auto header = first->header("PAYMENT-REQUIRED");
        if (first->status != 402 || !header) return failure_of(*first);
        const auto required = x402::read_required(*header, *parts_.network);
        if (!required) return required.error();
        const auto offer =
            std::find_if(required->offers.begin(), required->offers.end(), [&](const auto& one) {
                return !one.exact && one.pay_to == channel.file.config.receiver &&
                       one.receiver_authorizer == channel.file.config.receiver_authorizer;
            });
        if (offer == required->offers.end())
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
        if (next->error != mismatch && next->error != below) return refused(*reply, next->error);
        if (const auto done = adopt(channel, *next); !done) return done.error();
    }
    return Failure{Fault::payment_refused, "the host keeps correcting the count"};
}

}  // namespace wallet
