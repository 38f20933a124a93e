#include "wallet/client/paid_client.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/signing.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/client/payment_refusal.hpp"

#include <algorithm>

namespace wallet {
namespace {

using ledger::Amount;
using std::chrono::milliseconds;

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
    if (terms.pay == x402::Scheme::chain) {
        auto quick = call_open_chain(request, terms);
        if (!quick) return quick.error();
        if (*quick) return std::move(**quick);
    }
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
    const auto* offer = required->offer_for(terms.pay);
    if (!offer)
        return Failure{Fault::payment_refused, "the host offers no payment by " +
                                                   std::string{x402::name_of(terms.pay)} +
                                                   " on this network"};
    if (const auto price = check_price(*offer, terms); !price) return price.error();
    if (terms.pay == x402::Scheme::chain) return call_chain(request, std::move(*required), terms);
    if (terms.pay != x402::Scheme::batch) return call_single(request, *required, terms);
    return call_batch(request, std::move(*required), terms);
}

// The same bytes again while the answer is lost or the money not final: the host answers a
// payment it has seen from its shelf.
Outcome<HttpReply> PaidClient::send(HttpRequest request, const std::string& header,
                                    const PaymentTerms& terms) const
{
    if (terms.before_paying) terms.before_paying();
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

// What has to be sent for this call, written down before it is: the payment of a run before whose
// answer was lost, or a new voucher, with a deposit where the channel is short.
Outcome<PendingCall> PaidClient::prepare(Channel& channel, const HttpRequest& request,
                                         const ledger::Hash& wanted, const x402::Offer& offer,
                                         const nlohmann::json& resource,
                                         const PaymentTerms& terms) const
{
    auto& file = channel.file;
    if (file.pending && file.pending->request == wanted) {
        parts_.progress("repeating a payment whose answer was lost");
        return *file.pending;
    }
    const auto ceiling = file.charged.plus(offer.amount);
    if (!ceiling) return unverified("the channel's count is out of range");
    const auto cover = cover_of(channel);
    if (!cover) return cover.error();
    const auto amount = deposit_for(channel, offer, *cover, *ceiling, terms);
    if (!amount) return amount.error();
    std::optional<market::ChannelDeposit> deposit;
    if (!amount->is_zero()) {
        parts_.progress("depositing " + to_tokens(*amount) + " into channel " +
                        ledger::to_hex0x(channel.id.view()));
        deposit = x402::sign_deposit(*parts_.network, file.config, *amount,
                                     parts_.now_s() + PaymentTerms::authorization_s,
                                     parts_.random.next<ledger::Hash>(), parts_.key);
    }
    const auto voucher = x402::sign_voucher(*parts_.network, file.config, *ceiling, parts_.key);
    file.node = parts_.ledger.http().url().origin();
    file.target = request.target;
    file.signed_max = std::max(file.signed_max, *ceiling);
    file.pending =
        PendingCall{wanted, x402::voucher_header(offer, resource, file.config, voucher, deposit),
                    *ceiling, *amount};
    if (const auto kept = parts_.channels.save(channel.id, file); !kept) return kept.error();
    return *file.pending;
}

Outcome<PaidAnswer> PaidClient::call_batch(const HttpRequest& request, x402::Required required,
                                           const PaymentTerms& terms) const
{
    auto taken = take_channel(*required.offer_for(x402::Scheme::batch), terms);
    if (!taken) return taken.error();
    auto& channel = *taken;
    const auto wanted = request_hash(request);
    Corrections corrections;
    while (true) {
        const auto& offer = *required.offer_for(x402::Scheme::batch);
        if (const auto price = check_price(offer, terms); !price) return price.error();
        const auto payment = prepare(channel, request, wanted, offer, required.resource, terms);
        if (!payment) return payment.error();
        const auto max = payment->max_claimable;

        auto reply = send(request, payment->header, terms);
        if (!reply) return reply.error();
        if (reply->status != 402) {
            auto voucher =
                x402::sign_voucher(*parts_.network, channel.file.config, max, parts_.key);
            return settle(channel, request, std::move(*reply), voucher);
        }
        if (const auto done = correct(channel, x402::Scheme::batch, *reply, required, corrections);
            !done)
            return done.error();
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

    if (const auto kept = take_batches(channel, *paid); !kept) return kept.error();

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

}  // namespace wallet
