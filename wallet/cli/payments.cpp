#include "wallet/cli/payments.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"

#include <chrono>
#include <iostream>
#include <thread>

namespace wallet::cli {

namespace codec = ledger::codec;

PaidClient make_paid_client(const Session& session, const ledger::SecretKey& key)
{
    return PaidClient{{session.client(), session.network(), key,
                       must(ChannelFolder::open(session.home())), session.random(),
                       [] {
                           const auto now = std::chrono::system_clock::now().time_since_epoch();
                           return static_cast<std::uint64_t>(
                               std::chrono::duration_cast<std::chrono::seconds>(now).count());
                       },
                       [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
                       [&session](const std::string& line) { session.note(line); }}};
}

x402::Scheme scheme_of(const std::string& pay)
{
    if (pay == "exact") return x402::Scheme::exact;
    if (pay == "upto") return x402::Scheme::upto;
    return pay == "chain" ? x402::Scheme::chain : x402::Scheme::batch;
}

json payment_json(const PaidAnswer& answer)
{
    if (answer.free) return nullptr;
    json payment{{"scheme", x402::name_of(answer.scheme)},
                 {"charged", codec::to_json(answer.charged)},
                 {"deposited", codec::to_json(answer.deposited)},
                 {"transaction", answer.transaction},
                 {"receipt", codec::to_json(answer.receipt.receipt)},
                 {"receiptSignature", codec::to_json(answer.receipt.signature)},
                 {"receiptVerified", true}};
    if (answer.scheme == x402::Scheme::chain) {
        // The record is signed with up to 63 others, when they are together.
        payment["channelId"] = codec::to_json(answer.channel);
        payment.erase("receiptSignature");
    } else if (answer.scheme == x402::Scheme::batch) {
        payment["channelId"] = codec::to_json(answer.channel);
        payment["voucher"] = {{"channelId", codec::to_json(answer.voucher.channel)},
                              {"maxClaimableAmount", codec::to_json(answer.voucher.max_claimable)},
                              {"signature", codec::to_json(answer.voucher.signature)}};
    }
    return payment;
}

void print_payment(const PaidAnswer& answer)
{
    if (answer.free) {
        std::cout << "charged    nothing: the model is free here\n";
        return;
    }
    const auto& receipt = answer.receipt.receipt;
    std::cout << "charged    " << tokens(answer.charged) << "\n";
    if (!answer.deposited.is_zero())
        std::cout << "deposited  " << tokens(answer.deposited) << " (" << answer.transaction
                  << ")\n";
    if (answer.scheme == x402::Scheme::upto)
        std::cout << "permit     up to " << tokens(answer.receipt.voucher_max) << " ("
                  << answer.transaction << ")\n";
    else if (answer.scheme == x402::Scheme::exact)
        std::cout << "transfer   " << answer.transaction << "\n";
    else if (answer.scheme == x402::Scheme::chain)
        std::cout << "links      of channel " << ledger::to_hex0x(answer.channel.view()) << "\n";
    else
        std::cout << "voucher    up to " << tokens(answer.voucher.max_claimable) << " on channel "
                  << ledger::to_hex0x(answer.channel.view()) << "\n";
    std::cout << "receipt    number " << receipt.seq << ", version " << receipt.ver.value
              << ", in all " << tokens(receipt.charged_cumulative)
              << (answer.scheme == x402::Scheme::chain
                      ? "; both hashes hold, signed with others later\n"
                      : "; signature and both hashes hold\n");
}

market::ChannelId channel_id_of(const std::string& text)
{
    const auto id = ledger::id_from_hex<market::ChannelId>(text);
    if (!id) fail(Fault::usage, text + " is no channel id: 0x and 64 hex digits");
    return *id;
}

market::Channel channel_on_ledger(const Session& session, const market::ChannelId& id)
{
    auto channel = session.record<market::Channel>(id);
    if (!channel)
        fail(Fault::not_found, "the ledger has no channel " + ledger::to_hex0x(id.view()));
    return std::move(*channel);
}

}  // namespace wallet::cli
