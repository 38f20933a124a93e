#include "tests/functional/load/caller.hpp"

#include "ledger/crypto/address.hpp"
#include "ledger/crypto/random.hpp"

#include <cstdio>
#include <fstream>
#include <thread>

namespace load {

using ledger::Amount;
namespace x402 = wallet::x402;

wallet::HttpRequest Parts::request(const std::string& payment) const
{
    wallet::HttpRequest made{"POST", target};
    made.body.assign(body.begin(), body.end());
    if (!payment.empty()) made.headers.emplace_back("PAYMENT-SIGNATURE", payment);
    return made;
}

Caller::Caller(const Parts& parts, std::uint64_t lane)
    : parts_{parts},
      lane_{lane},
      file_{parts.folder + "/call-" + std::to_string(lane)},
      faults_{parts.client.http().url(), parts.fault_seed + lane, parts.fault_rate}
{
    load();
}

void Caller::load()
{
    std::ifstream file{file_};
    std::uint64_t charged = 0, deposited = 0, pending = 0;
    if (!(file >> charged >> deposited >> pending)) return;
    file >> state_.pending;
    state_.charged = Amount::micros(charged);
    state_.deposited = Amount::micros(deposited);
    state_.pending_deposit = Amount::micros(pending);
}

void Caller::save() const
{
    // This program may be killed, the machine is not: the file need not be synced.
    std::ofstream{file_ + ".new"} << state_.charged.micros() << " " << state_.deposited.micros()
                                  << " " << state_.pending_deposit.micros() << " " << state_.pending
                                  << "\n";
    std::rename((file_ + ".new").c_str(), file_.c_str());
}

bool Caller::ask_for_terms()
{
    const auto reply = parts_.client.http().call(parts_.request({}));
    if (!reply || reply->status != 402) return false;
    const auto header = reply->header("PAYMENT-REQUIRED");
    const auto required = x402::read_required(header.value_or(""), *parts_.network);
    if (!required) return false;
    for (const auto& offer : required->offers) {
        if (offer.scheme != wallet::x402::Scheme::batch) continue;
        offer_ = offer;
        resource_ = required->resource;
        return true;
    }
    return false;
}

std::string Caller::next_payment()
{
    const auto config =
        x402::config_for(*parts_.network, *offer_, ledger::address_of(parts_.key), lane_);
    const auto ceiling = state_.charged + offer_->amount;
    std::optional<market::ChannelDeposit> deposit;
    state_.pending_deposit = {};
    if (ceiling > state_.deposited) {
        ledger::SystemRandom random;
        const auto amount = std::max(offer_->min_deposit, *offer_->amount.times(calls_per_deposit));
        deposit = x402::sign_deposit(*parts_.network, config, amount, parts_.now_s() + 600,
                                     random.next<ledger::Hash>(), parts_.key);
        state_.pending_deposit = amount;
    }
    const auto voucher = x402::sign_voucher(*parts_.network, config, ceiling, parts_.key);
    return x402::voucher_header(*offer_, resource_, config, voucher, deposit);
}

void Caller::pay_for_calls()
{
    if (!offer_ && !ask_for_terms()) return;
    while (!parts_.over()) {
        if (state_.pending.empty()) {
            state_.pending = next_payment();
            save();
        }
        faults_.before(parts_.request(state_.pending));
        if (!send()) return;
    }
}

bool Caller::send()
{
    const auto reply = parts_.client.http().call(parts_.request(state_.pending));
    if (!reply) return false;  // gone; the next run asks again
    return take(*reply);
}

bool Caller::take(const wallet::HttpReply& reply)
{
    if (reply.status == 202 || reply.status == 429 || reply.status == 503) {
        if (reply.status == 503) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return true;
    }
    const auto header = reply.header("PAYMENT-RESPONSE");
    const auto paid = x402::read_response(header.value_or(""));
    // A request that was lost on its way may still be running.
    if (reply.status == 402 && paid && paid->error_reason.ends_with("_channel_busy")) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        return true;
    }
    if (reply.status != 200 || !paid || !paid->success || !paid->receipt) {
        parts_.facts.fault("a payment was answered with " + std::to_string(reply.status) + " " +
                           std::string{ledger::as_text(reply.body)} +
                           (paid ? paid->error_reason : ""));
        return false;
    }
    const auto& receipt = *paid->receipt;
    if (receipt.charged_cumulative != state_.charged + receipt.charged)
        parts_.facts.fault("charged twice: " + std::to_string(state_.charged.micros()) + " and " +
                           std::to_string(receipt.charged.micros()) + " gave " +
                           std::to_string(receipt.charged_cumulative.micros()));
    parts_.facts.paid(receipt);
    state_.charged = receipt.charged_cumulative;
    state_.deposited = state_.deposited + state_.pending_deposit;
    state_.pending_deposit = {};
    state_.pending.clear();
    save();
    return true;
}

}  // namespace load
