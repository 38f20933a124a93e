#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/signing.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/client/payment_refusal.hpp"

// One call paid by one signed transfer. The transfer is on disk until its answer has come: whoever
// repeats the call sends the same one again, and pays once.
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

Outcome<PaidAnswer> PaidClient::call_exact(const HttpRequest& request,
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
        const auto& offer = *required.offer_for(true);
        pending.transfer = x402::sign_transfer(*parts_.network, offer,
                                               parts_.now_s() + PaymentTerms::authorization_s,
                                               parts_.random.next<ledger::Hash>(), parts_.key);
        pending.header = x402::exact_header(offer, required.resource, pending.transfer);
        if (const auto kept = parts_.channels.save_transfer(call, pending); !kept)
            return kept.error();
    }
    const auto reply = send(request, pending.header, terms);
    if (!reply) return reply.error();
    auto answer = settle_exact(request, required, pending, *reply);
    if (!may_still_come(reply->status))
        if (const auto done = parts_.channels.forget_transfer(call); !done) return done.error();
    return answer;
}

Outcome<PaidAnswer> PaidClient::settle_exact(const HttpRequest& request,
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

    const auto& network = *parts_.network;
    const auto id = ledger::retag<market::ChannelId>(
        market::transfer_authorization_digest(network, pending.transfer));
    PaidAnswer answer;
    answer.exact = true;
    answer.channel = id;
    answer.charged = pending.transfer.value;
    answer.transaction = paid->transaction;
    answer.receipt = {
        *paid->receipt, paid->receipt_signature, pending.transfer.value, {}, request.target};
    if (const auto kept = parts_.channels.save_receipt(answer.receipt); !kept) return kept.error();
    // Who may sign for the host is named by the channel offer beside this one.
    if (const auto* batch = required.offer_for(false)) {
        const auto good = check_receipt(network, *paid->receipt, paid->receipt_signature,
                                        batch->receiver_authorizer, id, request.body, reply.body);
        if (!good) return good.error();
    }
    answer.reply = reply;
    return answer;
}

}  // namespace wallet
