#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_wire.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"
#include "wallet/client/base64.hpp"
#include "wallet/client/paid_client.hpp"

#include <gtest/gtest.h>

#include <set>

namespace wallet {

using ledger::Amount;
using nlohmann::json;

inline const ledger::Address pay_to{{0xa1}};

/// A host that charges 600 of an offered 1,000 for each call and can be told to misbehave.
class FakeHost {
public:
    explicit FakeHost(const market::Network& network) : network_{network}
    {
        node_.on(node::Method::post, "/v2/models/m/infer",
                 [this](const FakeRequest& request) { return infer(request); });
        node_.on(node::Method::get, "/v2/models/m/infer",
                 [this](const FakeRequest& request) { return refund(request); });
        node_.on(node::Method::get, "/v1/channels/{channel}", [this](const FakeRequest&) {
            if (balance == 0) return node::Response::json(404, "{}");
            return node::Response::json(200, json{{"balance", std::to_string(balance)},
                                                  {"totalClaimed", std::to_string(claimed)},
                                                  {"withdraw", nullptr}}
                                                 .dump());
        });
        node_.on(node::Method::get, "/v1/accounts/{address}", [this](const FakeRequest&) {
            return node::Response::json(200, json{{"balance", std::to_string(account)},
                                                  {"locked", "0"},
                                                  {"nonce", 0},
                                                  {"host", false}}
                                                 .dump());
        });
        node_.on(node::Method::post, "/v2/repository/index",
                 [this](const FakeRequest&) { return node::Response::json(200, index.dump()); });
        node_.start();
    }

    std::string url() const { return node_.url(); }

    std::uint64_t account = 1'000'000, balance = 0, claimed = 0, charged = 0, seq = 0;
    std::uint64_t price = 1'000, cost = 600;
    int runs = 0, lose = 0, pending = 0;
    bool wrong_hash = false, wrong_signer = false, free = false;
    std::optional<std::uint64_t> lie;  ///< what a corrective answer says was charged
    bool forget_voucher = false;
    unsigned refusal = 0;                 ///< what exact payments are answered with; 0: served
    std::set<ledger::Hash> transfers;     ///< authorizations received
    std::vector<Amount> refund_ceilings;  ///< of the vouchers that asked for a refund
    json index = json::array({{{"name", "other"}, {"version", "1"}}, {{"name", "m"}}});

private:
    std::string offer() const
    {
        json extra{{"receiverAuthorizer", ledger::to_checksum(node::test_account(2))},
                   {"withdrawDelay", 900},
                   {"name", "Mill"},
                   {"version", "1"},
                   {"minDeposit", "5000"}};
        json entry{{"scheme", "batch-settlement"},
                   {"network", "eip155:402077"},
                   {"amount", std::to_string(price)},
                   {"asset", ledger::to_hex0x(network_.genesis.asset.address.view())},
                   {"payTo", ledger::to_hex0x(pay_to.view())},
                   {"maxTimeoutSeconds", 60},
                   {"extra", extra}};
        auto exact = entry;
        exact["scheme"] = "exact";
        auto upto = entry;
        upto["scheme"] = "upto";
        upto["extra"]["facilitatorAddress"] = ledger::to_checksum(node::test_account(2));
        return json{{"accepts", {entry, exact, upto}}}.dump();
    }

    node::Response unpaid(const std::string& error, bool corrective = false) const
    {
        auto value = json::parse(offer());
        value["x402Version"] = 2;
        value["error"] = error;
        value["resource"] = {{"url", "http://x"}};
        if (corrective) {
            auto& extra = value["accepts"][0]["extra"];
            extra["channelState"] = {
                {"channelId", ""},
                {"balance", std::to_string(balance)},
                {"totalClaimed", std::to_string(claimed)},
                {"chargedCumulativeAmount", std::to_string(lie.value_or(charged))}};
            if (last_ && !forget_voucher)
                extra["voucherState"] =
                    node::x402::voucher_state_json(last_->max_claimable, last_->signature);
        }
        return node::Response::json(402, "{}").with("PAYMENT-REQUIRED",
                                                    to_base64(ledger::as_bytes(value.dump())));
    }

    std::optional<node::Response> infer(const FakeRequest& request)
    {
        if (free) return node::Response::json(200, "free");
        if (request.payment.empty()) return unpaid("PAYMENT-SIGNATURE header is required");
        const auto payment = node::x402::decode_payment(request.payment);
        EXPECT_TRUE(payment);
        if (!payment) return node::Response::json(400, "{}");
        if (pending > 0 && pending-- > 0) return node::Response::json(202, "{}");
        if (const auto* transfer = std::get_if<market::TransferWithAuth>(&payment->payload))
            return exact(request, *transfer);
        if (const auto* permit = std::get_if<market::PermitSettle>(&payment->payload))
            return upto(request, *permit);
        const auto batch = std::get<node::x402::BatchPayload>(payment->payload);
        const auto digest = market::voucher_digest(network_, batch.channel, batch.max_claimable);
        EXPECT_TRUE(market::voucher_signed(batch.config, digest, batch.signature));
        if (stored_ && request.payment == stored_key_) return stored_;
        if (batch.max_claimable.micros() != charged + price)
            return unpaid("invalid_batch_settlement_evm_cumulative_amount_mismatch", true);
        if (batch.deposit) balance += batch.deposit->amount.micros();
        EXPECT_LE(batch.max_claimable.micros(), balance);
        last_ = batch;
        charged += cost;
        stored_ = answer(request.body, ledger::retag<ledger::Hash>(batch.channel), cost,
                         batch.max_claimable, ++seq);
        stored_key_ = request.payment;
        if (lose > 0 && lose-- > 0) return std::nullopt;
        return stored_;
    }

    std::optional<node::Response> exact(const FakeRequest& request,
                                        const market::TransferWithAuth& transfer)
    {
        if (refusal != 0) return node::Response::json(refusal, "{}");
        const auto digest = market::transfer_authorization_digest(network_, transfer);
        transfers.insert(digest);
        if (!stored_ || request.payment != stored_key_)
            stored_ = answer(request.body, digest, transfer.value.micros(), transfer.value, 0);
        stored_key_ = request.payment;
        if (lose > 0 && lose-- > 0) return std::nullopt;
        return stored_;
    }

    std::optional<node::Response> upto(const FakeRequest& request,
                                       const market::PermitSettle& permit)
    {
        const auto digest = market::permit_digest(network_, permit);
        EXPECT_TRUE(market::signed_by(permit.from, digest, permit.signature));
        transfers.insert(digest);
        if (!stored_ || request.payment != stored_key_)
            stored_ = answer(request.body, digest, cost, permit.permitted.amount, 0);
        stored_key_ = request.payment;
        if (lose > 0 && lose-- > 0) return std::nullopt;
        return stored_;
    }

    node::Response answer(const ledger::Bytes& body, const ledger::Hash& channel,
                          std::uint64_t cost_now, Amount max, std::uint64_t number)
    {
        ++runs;
        const std::string text = "answer " + std::to_string(runs);
        market::UsageReceipt receipt;
        receipt.channel_id = ledger::retag<market::ChannelId>(channel);
        receipt.seq = number;
        receipt.req_hash = ledger::sha256(body);
        receipt.resp_hash = ledger::sha256(ledger::as_bytes(wrong_hash ? "other" : text));
        receipt.max_claimable = max;
        receipt.charged = Amount::micros(cost_now);
        receipt.charged_cumulative = Amount::micros(number == 0 ? cost_now : charged);
        node::x402::PaymentResponse paid;
        paid.network = "eip155:402077";
        paid.charged = Amount::micros(cost_now);
        const auto signature = ledger::sign(node::test_key(wrong_signer ? 4 : 2),
                                            market::receipt_digest(network_, receipt));
        paid.receipt = {receipt, signature};
        return node::Response::json(200, text).with("PAYMENT-RESPONSE",
                                                    node::x402::encode_payment_response(paid));
    }

    std::optional<node::Response> refund(const FakeRequest& request)
    {
        if (request.payment.empty()) return unpaid("PAYMENT-SIGNATURE header is required");
        const auto payment = node::x402::decode_payment(request.payment);
        const auto batch = std::get<node::x402::BatchPayload>(payment->payload);
        EXPECT_EQ(batch.type, node::x402::PayloadType::refund);
        const auto digest = market::voucher_digest(network_, batch.channel, batch.max_claimable);
        EXPECT_TRUE(market::voucher_signed(batch.config, digest, batch.signature));
        refund_ceilings.push_back(batch.max_claimable);
        if (batch.max_claimable.micros() != lie.value_or(charged))
            return unpaid("invalid_batch_settlement_evm_cumulative_amount_mismatch", true);
        node::x402::PaymentResponse paid;
        paid.amount = Amount::micros(balance - charged);
        return node::Response::json(200, "{}").with("PAYMENT-RESPONSE",
                                                    node::x402::encode_payment_response(paid));
    }

    const market::Network& network_;
    FakeNode node_;
    std::optional<node::x402::BatchPayload> last_;
    std::optional<node::Response> stored_;
    std::string stored_key_;
};

class PaidClientTest : public testing::Test {
protected:
    /// As a new run of the program would see it: only the folder is kept.
    PaidClient client()
    {
        ledger_.emplace(HttpClient{*parse_url(host.url())});
        return PaidClient{{*ledger_, network, key, *ChannelFolder::open(folder.path() / "home"),
                           random, [] { return std::uint64_t{1'800'000'000}; },
                           [this](std::chrono::milliseconds) { ++sleeps; },
                           [](const std::string&) {}}};
    }
    static HttpRequest request(const std::string& body = "{}")
    {
        return {"POST", "/v2/models/m/infer", {}, {body.begin(), body.end()}};
    }
    static std::string text(const PaidAnswer& answer)
    {
        return std::string{ledger::as_text(answer.reply.body)};
    }
    /// What the ledger would have of the channel of this file.
    market::Channel on_ledger(const market::ChannelConfig& config) const
    {
        market::Channel channel;
        channel.config = config;
        channel.balance = Amount::micros(host.balance);
        channel.total_claimed = Amount::micros(host.claimed);
        return channel;
    }
    void lose_home() const { std::filesystem::remove_all(folder.path() / "home"); }
    ChannelFile file(const market::ChannelId& id)
    {
        return **ChannelFolder::open(folder.path() / "home")->load(id);
    }

    SharedNetwork network = node::test_network();
    FakeHost host{*network};
    ledger::SecretKey key = node::test_key(3);
    ledger::SeededRandom random{1};
    ledger::TemporaryFolder folder;
    std::optional<LedgerClient> ledger_;
    int sleeps = 0;
};

}  // namespace wallet
