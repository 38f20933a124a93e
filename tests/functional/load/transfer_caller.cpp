#include "tests/functional/load/transfer_caller.hpp"

#include "ledger/crypto/random.hpp"

#include <cstdio>
#include <fstream>
#include <thread>

namespace load {

namespace x402 = wallet::x402;

TransferCaller::TransferCaller(const Parts& parts, unsigned number)
    : parts_{parts},
      by_permit_{number % 2 == 0},
      file_{parts.folder + "/transfer-" + std::to_string(number)}
{
    std::ifstream{file_} >> pending_;
}

void TransferCaller::save() const
{
    // This program may be killed, the machine is not: the file need not be synced.
    std::ofstream{file_ + ".new"} << pending_ << "\n";
    std::rename((file_ + ".new").c_str(), file_.c_str());
}

bool TransferCaller::sign_next()
{
    const auto reply = parts_.client.http().call(parts_.request({}));
    if (!reply || reply->status != 402) return false;
    const auto header = reply->header("PAYMENT-REQUIRED");
    const auto required = x402::read_required(header.value_or(""), *parts_.network);
    const auto scheme = by_permit_ ? x402::Scheme::upto : x402::Scheme::exact;
    const auto* offer = required ? required->offer_for(scheme) : nullptr;
    if (!offer) return false;
    ledger::SystemRandom random;
    const auto until = parts_.now_s() + 3'600;
    const auto nonce = random.next<ledger::Hash>();
    pending_ = by_permit_
                   ? x402::upto_header(
                         *offer, required->resource,
                         x402::sign_permit(*parts_.network, *offer, until, nonce, parts_.key))
                   : x402::exact_header(
                         *offer, required->resource,
                         x402::sign_transfer(*parts_.network, *offer, until, nonce, parts_.key));
    save();
    return true;
}

void TransferCaller::pay_for_calls()
{
    while (!parts_.over()) {
        if (pending_.empty() && !sign_next()) return;
        if (!send()) return;
    }
}

bool TransferCaller::send()
{
    const auto reply = parts_.client.http().call(parts_.request(pending_));
    if (!reply || reply->status == 503) return false;  // gone; the next run asks again
    if (reply->status == 202 || reply->status == 409 || reply->status == 429) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return true;
    }
    const auto paid = x402::read_response(reply->header("PAYMENT-RESPONSE").value_or(""));
    if (reply->status != 200 || !paid || !paid->success || !paid->receipt) {
        parts_.facts.fault("a transfer was answered with " + std::to_string(reply->status) + " " +
                           std::string{ledger::as_text(reply->body)} +
                           (paid ? paid->error_reason : ""));
        return false;
    }
    parts_.facts.paid_alone(*paid->receipt);
    pending_.clear();
    save();
    return true;
}

}  // namespace load
