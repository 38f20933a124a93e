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

ChannelCaller::ChannelCaller(const Parts& parts, x402::Scheme scheme, std::uint64_t lane,
                             const std::string& name)
    : parts_{parts}, file_{parts.folder + "/" + name}, scheme_{scheme}, lane_{lane}
{
}

bool ChannelCaller::ask_for_terms()
{
    const auto reply = parts_.client.http().call(parts_.request({}));
    if (!reply || reply->status != 402) return false;
    const auto header = reply->header("PAYMENT-REQUIRED");
    const auto required = x402::read_required(header.value_or(""), *parts_.network);
    const auto* offer = required ? required->offer_for(scheme_) : nullptr;
    if (offer == nullptr) return false;
    offer_ = *offer;
    resource_ = required->resource;
    return true;
}

void ChannelCaller::pay_for_calls()
{
    if (!offer_ && !ask_for_terms()) return;
    while (!parts_.over()) {
        if (money_.pending.empty()) {
            money_.pending = next_payment();
            save();
        }
        before(parts_.request(money_.pending));
        if (!send()) return;
    }
}

bool ChannelCaller::send()
{
    const auto reply = parts_.client.http().call(parts_.request(money_.pending));
    if (!reply) return false;  // gone; the next run asks again
    return take(*reply);
}

market::ChannelConfig ChannelCaller::config() const
{
    return x402::config_for(*parts_.network, *offer_, ledger::address_of(parts_.key), lane_);
}

std::optional<market::ChannelDeposit> ChannelCaller::deposit_for(Amount needed)
{
    money_.pending_deposit = {};
    if (needed <= money_.deposited) return {};
    ledger::SystemRandom random;
    money_.pending_deposit =
        std::max(offer_->min_deposit, *offer_->amount.times(calls_per_deposit));
    return x402::sign_deposit(*parts_.network, config(), money_.pending_deposit,
                              parts_.now_s() + 600, random.next<ledger::Hash>(), parts_.key);
}

void ChannelCaller::fault(const std::string& what, const wallet::HttpReply& reply,
                          const ledger::Result<x402::Paid, wallet::Failure>& paid) const
{
    parts_.facts.fault(what + " was answered with " + std::to_string(reply.status) + " " +
                       std::string{ledger::as_text(reply.body)} + (paid ? paid->error_reason : ""));
}

Caller::Caller(const Parts& parts, std::uint64_t lane)
    : ChannelCaller{parts, x402::Scheme::batch, lane, "call-" + std::to_string(lane)},
      faults_{parts.client.http().url(), parts.fault_seed + lane, parts.fault_rate}
{
    load();
}

void Caller::load()
{
    std::ifstream file{file_};
    std::uint64_t charged = 0, deposited = 0, pending = 0;
    if (!(file >> charged >> deposited >> pending)) return;
    file >> money_.pending;
    money_.charged = Amount::micros(charged);
    money_.deposited = Amount::micros(deposited);
    money_.pending_deposit = Amount::micros(pending);
}

void Caller::save() const
{
    // This program may be killed, the machine is not: the file need not be synced.
    std::ofstream{file_ + ".new"} << money_.charged.micros() << " " << money_.deposited.micros()
                                  << " " << money_.pending_deposit.micros() << " " << money_.pending
                                  << "\n";
    std::rename((file_ + ".new").c_str(), file_.c_str());
}

std::string Caller::next_payment()
{
    const auto ceiling = money_.charged + offer_->amount;
    const auto deposit = deposit_for(ceiling);
    const auto voucher = x402::sign_voucher(*parts_.network, config(), ceiling, parts_.key);
    return x402::voucher_header(*offer_, resource_, config(), voucher, deposit);
}

bool Caller::take(const wallet::HttpReply& reply)
{
    if (reply.status == 202 || reply.status == 429 || reply.status == 503) {
        if (reply.status == 503) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return true;
    }
    const auto paid = x402::read_response(reply.header("PAYMENT-RESPONSE").value_or(""));
    // A request that was lost on its way may still be running.
    if (reply.status == 402 && paid && paid->error_reason.ends_with("_channel_busy")) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        return true;
    }
    if (reply.status != 200 || !paid || !paid->success || !paid->receipt) {
        fault("a payment", reply, paid);
        return false;
    }
    count(*paid->receipt);
    save();
    return true;
}

}  // namespace load
