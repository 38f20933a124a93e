#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_wire.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"
#include "wallet/client/base64.hpp"
#include "wallet/client/paid_client.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

// Calls paid by links, from the payer's side.
namespace wallet {
namespace {

using ledger::Amount;
using nlohmann::json;

const ledger::Address chain_pay_to{{0xa1}};

/// A host that offers 1,000 for a call, charges `cost` of it, and can be told to misbehave. What it
/// is shown it checks as a host does, and no link may come for two requests.
class ChainHost {
public:
    explicit ChainHost(const market::Network& network) : network_{network}
    {
        node_.on(node::Method::post, "/v2/models/m/infer",
                 [this](const FakeRequest& request) { return infer(request); });
        node_.on(node::Method::get, "/v1/channels/{channel}/charges", [this](const FakeRequest&) {
            return node::Response::json(200, json{{"charged", std::to_string(charged)}}.dump());
        });
        node_.on(node::Method::get, "/v1/channels/{channel}", [this](const FakeRequest&) {
            if (balance == 0) return node::Response::json(404, "{}");
            return node::Response::json(200, json{{"balance", std::to_string(balance)},
                                                  {"totalClaimed", "0"},
                                                  {"withdraw", nullptr}}
                                                 .dump());
        });
        node_.on(node::Method::get, "/v1/accounts/{address}", [](const FakeRequest&) {
            return node::Response::json(
                200, json{{"balance", "1000000"}, {"locked", "0"}, {"nonce", 0}, {"host", false}}
                         .dump());
        });
        node_.start();
    }

    std::string url() const { return node_.url(); }
    int calls() const { return node_.calls("/v2/models/m/infer"); }

    std::uint64_t balance = 0, charged = 0, seq = 0, price = 1'000, cost = 600;
    int runs = 0, openings = 0, lose = 0;
    bool forget = false;      ///< the chain, once
    bool sign_other = false;  ///< batches over other records
    bool never_sign = false;
    bool fail = false;
    std::optional<std::uint64_t> lie;

private:
    json entry() const
    {
        json extra{{"receiverAuthorizer", ledger::to_checksum(node::test_account(2))},
                   {"withdrawDelay", 900},
                   {"name", "Mill"},
                   {"version", "1"},
                   {"minDeposit", "5000"}};
        return {{"scheme", "hash-chain"},
                {"network", "eip155:402077"},
                {"amount", std::to_string(price)},
                {"asset", ledger::to_hex0x(network_.genesis.asset.address.view())},
                {"payTo", ledger::to_hex0x(chain_pay_to.view())},
                {"maxTimeoutSeconds", 60},
                {"extra", extra}};
    }

    node::Response unpaid(const std::string& error, bool corrective = false) const
    {
        json value{{"x402Version", 2},
                   {"error", error},
                   {"resource", {{"url", "http://x"}}},
                   {"accepts", json::array({entry()})}};
        if (corrective) {
            auto& extra = value["accepts"][0]["extra"];
            extra["channelState"] = {
                {"balance", std::to_string(balance)},
                {"totalClaimed", "0"},
                {"chargedCumulativeAmount", std::to_string(lie.value_or(charged))}};
            if (used_ != 0)
                extra["chainState"] = node::x402::to_json(
                    node::x402::ChainState{terms_, signature_, used_, used_link_});
        }
        return node::Response::json(402, "{}").with("PAYMENT-REQUIRED",
                                                    to_base64(ledger::as_bytes(value.dump())));
    }

    std::optional<node::Response> infer(const FakeRequest& request)
    {
        if (request.payment.empty()) return unpaid("PAYMENT-SIGNATURE header is required");
        const auto payment = node::x402::decode_payment(request.payment);
        EXPECT_TRUE(payment);
        if (!payment) return node::Response::json(400, "{}");
        const auto shown = std::get<node::x402::ChainPayload>(payment->payload);
        const auto [at, fresh] = requests_.try_emplace(shown.link, request.body);
        EXPECT_EQ(at->second, request.body) << "a link is shown for one call";
        if (stored_ && shown.link == stored_link_) return stored_;
        if (payment->amount.micros() != price) return unpaid("accepted_not_offered");
        if (fail) return node::Response::json(422, "{}");
        if (std::exchange(forget, false)) terms_ = {};
        if (const auto& opening = shown.opening) {
            const auto digest =
                market::chain_voucher_digest(network_, shown.channel, opening->terms);
            EXPECT_TRUE(market::voucher_signed(opening->config, digest, opening->signature));
            if (opening->terms.base.micros() != charged)
                return unpaid("invalid_batch_settlement_evm_cumulative_amount_mismatch", true);
            if (opening->deposit) balance += opening->deposit->amount.micros();
            if (!loose_.empty()) close(shown.channel);
            terms_ = opening->terms;
            signature_ = opening->signature;
            used_ = 0;
            used_link_ = terms_.root;
            ++openings;
        } else if (terms_.unit.is_zero()) {
            return unpaid("invalid_hash_chain_unknown", true);
        }
        const auto links = market::links_for(payment->amount, terms_.unit);
        if (shown.index != used_ + links) return unpaid("invalid_hash_chain_index", true);
        EXPECT_LE(shown.index, terms_.length);
        EXPECT_EQ((market::ChainHasher{shown.channel}.down(shown.link, links)), used_link_);
        EXPECT_LE(market::worth(terms_, shown.index)->micros(), balance);
        return charge(shown, request.body);
    }

    std::optional<node::Response> charge(const node::x402::ChainPayload& shown,
                                         const ledger::Bytes& body)
    {
        ++runs;
        const std::string text = "answer " + std::to_string(runs);
        const auto links = market::links_for(Amount::micros(cost), terms_.unit);
        used_ += static_cast<std::uint32_t>(links);
        used_link_ = market::ChainHasher{shown.channel}.down(shown.link, shown.index - used_);
        charged += links * terms_.unit.micros();
        market::UsageReceipt record;
        record.channel_id = shown.channel;
        record.seq = ++seq;
        record.req_hash = ledger::sha256(body);
        record.resp_hash = ledger::sha256(ledger::as_bytes(text));
        record.max_claimable = *market::worth(terms_, shown.index);
        record.charged = *terms_.unit.times(links);
        record.charged_cumulative = Amount::micros(charged);
        loose_.push_back(market::record_leaf(record));
        if (loose_.size() == 64 && !never_sign) close(shown.channel);
        node::x402::PaymentResponse paid;
        paid.network = "eip155:402077";
        paid.record = record;
        paid.batches = std::exchange(batches_, {});
        stored_ = node::Response::json(200, text).with("PAYMENT-RESPONSE",
                                                       node::x402::encode_payment_response(paid));
        stored_link_ = shown.link;
        if (lose > 0 && lose-- > 0) return std::nullopt;
        return stored_;
    }

    void close(const market::ChannelId& channel)
    {
        if (sign_other) loose_.back() = {};
        market::BatchReceipt receipt;
        receipt.channel_id = channel;
        receipt.calls = loose_.size();
        receipt.first_seq = first_;
        receipt.records_root = ledger::merkle_root(loose_);
        first_ += receipt.calls;
        loose_.clear();
        batches_.push_back({receipt, ledger::sign(node::test_key(2), market::batch_receipt_digest(
                                                                         network_, receipt))});
    }

    const market::Network& network_;
    FakeNode node_;
    market::ChainTerms terms_;
    ledger::Signature signature_;
    std::uint32_t used_ = 0;
    ledger::Hash used_link_, stored_link_;
    std::optional<node::Response> stored_;
    std::map<ledger::Hash, ledger::Bytes> requests_;
    std::vector<ledger::Hash> loose_;
    std::vector<node::x402::SignedBatch> batches_;
    std::uint64_t first_ = 1;
};

class ChainClientTest : public testing::Test {
protected:
    /// A run of the program of its own each time: only the folder is kept.
    Outcome<PaidAnswer> call(const std::string& body, unsigned attempts = 3)
    {
        const LedgerClient ledger{HttpClient{*parse_url(host.url())}};
        const PaidClient client{{ledger, network, key, *ChannelFolder::open(folder.path() / "home"),
                                 random, [] { return std::uint64_t{1'800'000'000}; },
                                 [](std::chrono::milliseconds) {}, [](const std::string&) {}}};
        PaymentTerms terms;
        terms.pay = x402::Scheme::chain;
        terms.attempts = attempts;
        terms.deposit = Amount::micros(200'000);
        return client.call({"POST", "/v2/models/m/infer", {}, {body.begin(), body.end()}}, terms);
    }
    ChannelFile file(const market::ChannelId& id)
    {
        return **ChannelFolder::open(folder.path() / "home")->load(id);
    }

    SharedNetwork network = node::test_network();
    ChainHost host{*network};
    ledger::SecretKey key = node::test_key(3);
    ledger::SeededRandom random{1};
    ledger::TemporaryFolder folder;
};

TEST_F(ChainClientTest, SignsAChainOnceAndPaysTheNextCallsWithoutAskingFirst)
{
    for (int i = 0; i < 6; ++i) {
        const auto answer = call(std::to_string(i));
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(ledger::as_text(answer->reply.body), "answer " + std::to_string(i + 1));
        EXPECT_EQ(answer->charged, Amount::micros(608)) << "38 links of 16";
        EXPECT_EQ(file(answer->channel).charged.micros(), host.charged);
    }
    EXPECT_EQ(host.openings, 2) << "one to find out what a call costs";
    EXPECT_EQ(host.calls(), 6 + 2) << "an offer was asked for before each opening only";
}

TEST_F(ChainClientTest, CutsAChainByThePriceWhereThatIsFixed)
{
    host.cost = 1'000;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(call(std::to_string(i)));
    EXPECT_EQ(host.openings, 2);
    const auto id = *ChannelFolder::open(folder.path() / "home")->list();
    EXPECT_EQ(file(id.front()).chain.terms.unit, Amount::micros(1'000));
    EXPECT_EQ(file(id.front()).chain.used, 4u);
}

TEST_F(ChainClientTest, SendsTheSameLinkAgainWhenTheAnswerIsLost)
{
    ASSERT_TRUE(call("0"));
    host.lose = 2;
    ASSERT_TRUE(call("1"));
    EXPECT_EQ(host.runs, 2);
    host.lose = 1;
    EXPECT_FALSE(call("2", 1));
    ASSERT_TRUE(call("2")) << "by the next run of the program";
    EXPECT_EQ(host.runs, 3);
    ASSERT_TRUE(call("3"));
}

TEST_F(ChainClientTest, ShowsNoLinkForAnotherCallAfterALostAnswer)
{
    ASSERT_TRUE(call("0"));
    host.lose = 1;
    EXPECT_FALSE(call("lost", 1));
    const auto answer = call("other");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(host.runs, 3);
    EXPECT_EQ(file(answer->channel).charged.micros(), host.charged) << "the lost one was charged";
    EXPECT_EQ(host.openings, 3) << "another chain";
}

TEST_F(ChainClientTest, BelievesNoCountAboveWhatItShowed)
{
    ASSERT_TRUE(call("0"));
    host.lose = 1;
    EXPECT_FALSE(call("lost", 1));
    host.charged += 5'000;
    EXPECT_EQ(call("other").error().fault, Fault::unverified);
}

TEST_F(ChainClientTest, OpensItsChainAnewForAHostThatForgotIt)
{
    ASSERT_TRUE(call("0"));
    ASSERT_TRUE(call("1"));
    host.forget = true;
    const auto answer = call("2");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(file(answer->channel).charged.micros(), host.charged);
}

TEST_F(ChainClientTest, GoesOnFromTheHostsProofWhenItsFilesAreGone)
{
    ASSERT_TRUE(call("0"));
    ASSERT_TRUE(call("1"));
    std::filesystem::remove_all(folder.path() / "home");
    const auto answer = call("2");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(file(answer->channel).charged.micros(), host.charged);
    std::filesystem::remove_all(folder.path() / "home");
    host.lie = host.charged + 2'000;
    EXPECT_EQ(call("3").error().fault, Fault::unverified);
}

TEST_F(ChainClientTest, PaysNothingForACallThatFails)
{
    ASSERT_TRUE(call("0"));
    host.fail = true;
    EXPECT_FALSE(call("0"));
    host.fail = false;
    ASSERT_TRUE(call("0"));
    EXPECT_EQ(host.runs, 2);
}

TEST_F(ChainClientTest, TakesTheNewPriceFromAFreshOffer)
{
    ASSERT_TRUE(call("0"));
    ASSERT_TRUE(call("1"));
    host.price = 2'000;
    const auto answer = call("2");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(file(answer->channel).chain.offered, Amount::micros(2'000));
}

TEST_F(ChainClientTest, KeepsRecordsAndTheBatchesThatSignThem)
{
    host.cost = 1'000;
    market::ChannelId id;
    for (int i = 0; i < 66; ++i) {
        const auto answer = call(std::to_string(i));
        ASSERT_TRUE(answer) << i << answer.error().message;
        id = answer->channel;
    }
    const auto receipts = folder.path() / "home" / "receipts" / ledger::to_hex0x(id.view());
    EXPECT_TRUE(std::filesystem::exists(receipts / "1.json"));
    EXPECT_TRUE(std::filesystem::exists(receipts / "batch-1.json")) << "of the first chain";
    EXPECT_TRUE(std::filesystem::exists(receipts / "batch-65.json"));
    EXPECT_EQ(file(id).chain.loose.size(), 1u);
}

TEST_F(ChainClientTest, NoticesABatchOverOtherRecords)
{
    host.cost = 1'000;
    ASSERT_TRUE(call("0"));
    host.sign_other = true;
    EXPECT_EQ(call("1").error().fault, Fault::unverified);
}

TEST_F(ChainClientTest, StopsWhenTheHostDoesNotSign)
{
    host.cost = 1'000;
    ASSERT_TRUE(call("0"));
    host.never_sign = true;
    for (int i = 1; i < 64; ++i) ASSERT_TRUE(call(std::to_string(i))) << i;
    EXPECT_EQ(call("64").error().fault, Fault::unverified);
}

}  // namespace
}  // namespace wallet
