#include "node/payment/signed_offer.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/eip712.hpp"

namespace node::x402 {
namespace {

// Names and order of members are the extension's; the structs exist for their digests.
struct Offer {
    ledger::Wide<256> version;
    std::string resource_url;
    std::string scheme;
    std::string network;
    std::string asset;
    std::string pay_to;
    std::string amount;
    ledger::Wide<256> valid_until;
};
MILLRACE_DESCRIBE(Offer,
                  (version, resource_url, scheme, network, asset, pay_to, amount, valid_until))

struct Receipt {
    ledger::Wide<256> version;
    std::string network;
    std::string resource_url;
    std::string payer;
    ledger::Wide<256> issued_at;
    std::string transaction;
};
MILLRACE_DESCRIBE(Receipt, (version, network, resource_url, payer, issued_at, transaction))

template <class T>
Signature signature_of(const T& value, const ledger::Hash& domain, const ledger::SecretKey& key)
{
    return ledger::sign(key, ledger::eip712::digest(domain, ledger::eip712::struct_hash(value)));
}

ledger::Hash domain(const char* name)
{
    return ledger::eip712::Domain{name, "1", {1}, {}, {}}.separator();
}

}  // namespace

nlohmann::json signed_offer(const nlohmann::json& entry, std::size_t index, const std::string& url,
                            std::uint64_t valid_until, const ledger::SecretKey& key)
{
    static const auto offers = domain("x402 offer");
    const Offer offer{{1},
                      url,
                      entry.at("scheme").get<std::string>(),
                      entry.at("network").get<std::string>(),
                      entry.at("asset").get<std::string>(),
                      entry.at("payTo").get<std::string>(),
                      entry.at("amount").get<std::string>(),
                      {valid_until}};
    return {{"format", "eip712"},
            {"acceptIndex", index},
            {"payload",
             {{"version", 1},
              {"resourceUrl", offer.resource_url},
              {"scheme", offer.scheme},
              {"network", offer.network},
              {"asset", offer.asset},
              {"payTo", offer.pay_to},
              {"amount", offer.amount},
              {"validUntil", valid_until}}},
            {"signature", ledger::to_hex0x(signature_of(offer, offers, key).view())}};
}

SignedServedCall signed_receipt(ServedCall call, const ledger::SecretKey& key)
{
    static const auto receipts = domain("x402 receipt");
    const Receipt receipt{{1},        call.network,     call.url,
                          call.payer, {call.issued_at}, call.transaction};
    return {std::move(call), signature_of(receipt, receipts, key)};
}

}  // namespace node::x402
