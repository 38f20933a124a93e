#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/signing.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/client/payment_refusal.hpp"

// One call paid by one signature of its own, a transfer or a permit. It is on disk until its answer
// has come: whoever repeats the call sends the same one again, and pays once.
namespace wallet {
namespace {

/// The same request to another node is another call.
ledger::Hash call_at(const NodeUrl& node, const HttpRequest& request)
{
    ledger::Sha256 hasher;
    hasher.update(ledger::as_bytes(node.origin() + node.base));
    hasher.update(request_hash(request).view());
    return hasher.finish();
}

/// Statuses after which the same payment may still be answered.
bool may_still_come(unsigned status)
{
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

}  // namespace

PendingTransfer PaidClient::sign_single(const x402::Offer& offer,
                                        const nlohmann::json& resource) const
{
    const auto& network = *parts_.network;
    const auto until = parts_.now_s() + PaymentTerms::authorization_s;
    const auto nonce = parts_.random.next<ledger::Hash>();
    if (offer.scheme == x402::Scheme::upto) {
        const auto permit = x402::sign_permit(network, offer, until, nonce, parts_.key);
        return {market::permit_digest(network, permit), offer.amount, true,
                x402::upto_header(offer, resource, permit)};
    }
    const auto transfer = x402::sign_transfer(network, offer, until, nonce, parts_.key);
    return {market::transfer_authorization_digest(network, transfer), offer.amount, false,
            x402::exact_header(offer, resource, transfer)};
}

Outcome<PaidAnswer> PaidClient::call_single(const HttpRequest& request,
                                            const x402::Required& required,
                                            const PaymentTerms& terms) const
{
    const auto call = call_at(parts_.ledger.http().url(), request);
    auto known = parts_.channels.load_transfer(call);
    if (!known) return known.error();
    PendingTransfer pending;
    if (*known) {
        parts_.progress("repeating a payment whose answer was lost");
        pending = std::move(**known);
    } else {
        pending = sign_single(*required.offer_for(terms.pay), required.resource);
        if (const auto kept = parts_.channels.save_transfer(call, pending); !kept)
            return kept.error();
    }
    const auto reply = send(request, pending.header, terms);
    if (!reply) return reply.error();
    auto answer = settle_single(request, required, pending, *reply);
    if (!may_still_come(reply->status))
        if (const auto done = parts_.channels.forget_transfer(call); !done) return done.error();
    return answer;
}

Outcome<PaidAnswer> PaidClient::settle_single(const HttpRequest& request,
                                              const x402::Required& required,
                                              const PendingTransfer& pending,
                                              const HttpReply& reply) const
{
    if (reply.status == 402) return payment_refused(reply, "payment refused");
    if (reply.status != 200) return failure_of(reply);
    const auto header = reply.header("PAYMENT-RESPONSE");
    if (!header) return unverified("the host answered without saying what it charged");
    const auto paid = x402::read_response(*header);
    if (!paid) return paid.error();
    if (!paid->success || !paid->receipt) return unverified("the host gave no receipt");

    const auto id = ledger::retag<market::ChannelId>(pending.digest);
    PaidAnswer answer;
    answer.scheme = pending.permit ? x402::Scheme::upto : x402::Scheme::exact;
    answer.channel = id;
    answer.charged = pending.permit ? paid->receipt->charged : pending.most;
    answer.transaction = paid->transaction;
    answer.receipt = {*paid->receipt, paid->receipt_signature, pending.most, {}, request.target};
    if (const auto kept = parts_.channels.save_receipt(answer.receipt); !kept) return kept.error();
    if (answer.charged > pending.most)
        return unverified("the receipt charges more than was permitted");
    // Who may sign for the host is named by the channel offer beside this one.
    if (const auto* batch = required.offer_for(x402::Scheme::batch)) {
        const auto good = check_receipt(*parts_.network, *paid->receipt, paid->receipt_signature,
                                        batch->receiver_authorizer, id, request.body, reply.body);
        if (!good) return good.error();
    }
    answer.reply = reply;
    return answer;
}

}  // namespace wallet
