#include "ledger/base/hex.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/unit/node/payment/paid_call.hpp"

// Calls paid by links of a hash chain.
namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;
using namespace std::chrono_literals;

struct ChainCall : PaidCall {
    ChainCall() { world.open_channel(100'000); }

    /// Pays by the next link of `chain` and goes on with it.
    PaymentWorld::Reply pay(PaymentWorld::Chain& chain, std::uint64_t rows = 10)
    {
        PaymentWorld::Script script;
        script.rows = rows;
        auto reply = world.call(world.link(chain), script);
        if (reply.status() != 200) return reply;
        chain.opened = true;
        chain.used +=
            static_cast<std::uint32_t>(market::links_for(charged(reply), chain.terms.unit));
        return reply;
    }
    static Amount charged(const PaymentWorld::Reply& reply)
    {
        return Amount::micros(std::stoull(record(reply)["charged"].get<std::string>()));
    }
    static json record(const PaymentWorld::Reply& reply) { return reply.paid()["extra"]["record"]; }
    static json batches(const PaymentWorld::Reply& reply)
    {
        return reply.paid()["extra"].value("batches", json::array());
    }
    void expect_link_402(const std::string& header, std::string_view reason)
    {
        const auto before = world.charged();
        const auto reply = world.call(header);
        EXPECT_EQ(reply.status(), 402u);
        EXPECT_EQ(reply.error(), reason);
        EXPECT_FALSE(reply.ran);
        EXPECT_EQ(world.charged(), before);
    }
};

TEST_F(ChainCall, ChargesAsManyLinksAsThePriceNeedsRoundedUp)
{
    auto chain = world.chain(20);
    const auto first = pay(chain);
    ASSERT_EQ(first.status(), 200u) << first.error();
    EXPECT_EQ(charged(first), Amount::micros(140)) << "130 is seven links of 20";
    EXPECT_EQ(record(first)["chargedCumulative"], "140");
    EXPECT_EQ(record(first)["maxClaimable"], "1000");
    EXPECT_FALSE(first.paid()["extra"].contains("receipt")) << "nothing is signed for one call";
    const auto second = pay(chain, 0);
    ASSERT_EQ(second.status(), 200u) << second.error();
    EXPECT_EQ(charged(second), Amount::micros(100));
    EXPECT_EQ(record(second)["seq"], 2);
    EXPECT_EQ(world.charged(), Amount::micros(240));
}

TEST_F(ChainCall, CostsOneLinkWhereTheUnitIsThePrice)
{
    auto chain = world.chain(1000);
    for (std::uint32_t i = 1; i <= 3; ++i) {
        ASSERT_EQ(pay(chain).status(), 200u);
        EXPECT_EQ(chain.used, i);
    }
    EXPECT_EQ(world.charged(), Amount::micros(3000));
}

TEST_F(ChainCall, GoesOnAfterACrash)
{
    auto chain = world.chain(20);
    ASSERT_EQ(pay(chain).status(), 200u);
    ASSERT_EQ(pay(chain).status(), 200u);
    world.crash();
    EXPECT_EQ(world.charged(), Amount::micros(280));
    const auto third = pay(chain);
    ASSERT_EQ(third.status(), 200u) << third.error();
    EXPECT_EQ(record(third)["seq"], 3);
    EXPECT_EQ(world.charged(), Amount::micros(420));
}

TEST_F(ChainCall, GivesTheStoredAnswerToTheSameLinkAndRequestUncharged)
{
    auto chain = world.chain(20);
    const auto opening = world.link(chain);
    const auto first = pay(chain);
    const auto header = world.link(chain);
    const auto second = pay(chain);
    world.crash();
    for (const auto& [sent, answered] : {std::pair{opening, first}, {header, second}}) {
        const auto again = world.call(sent);
        EXPECT_EQ(again.status(), 200u);
        EXPECT_FALSE(again.ran);
        EXPECT_EQ(again.header("PAYMENT-RESPONSE"), answered.header("PAYMENT-RESPONSE"));
    }
    PaymentWorld::Script other;
    other.body = "{\"other\":1}";
    EXPECT_EQ(world.call(header, other).status(), 409u);
    EXPECT_EQ(world.charged(), Amount::micros(280));
    world.advance(600s);
    expect_link_402(header, x402::chain_index);
}

TEST_F(ChainCall, RefusesLinksThatAreForgedStaleOrTooFarOn)
{
    auto chain = world.chain(20);
    auto forged = chain;
    forged.links = world.chain(20, 100, 0, 9).links;
    expect_link_402(world.link(forged), x402::chain_link);
    ASSERT_EQ(pay(chain).status(), 200u);
    forged.used = chain.used;
    forged.opened = true;
    expect_link_402(world.link(forged), x402::chain_link);
    expect_link_402(world.link(chain, {.index = chain.used}), x402::chain_index);
    expect_link_402(world.link(chain, {.index = chain.used + 51}), x402::chain_index);
    expect_link_402(world.link(chain, {.amount = 900}), x402::accepted_not_offered);
    EXPECT_EQ(pay(chain).status(), 200u);
}

TEST_F(ChainCall, SaysHowFarAChainWasUsedToWhoLostCount)
{
    auto chain = world.chain(20);
    ASSERT_EQ(pay(chain).status(), 200u);
    const auto reply = world.call(world.link(chain, {.index = 50}));
    // The stored call's link: it is the answer that comes.
    EXPECT_EQ(reply.status(), 200u);
    const auto lost = world.call(world.link(chain, {.index = 51}));
    EXPECT_EQ(lost.error(), x402::chain_index);
    const auto extra = lost.required()["accepts"][3]["extra"];
    EXPECT_EQ(extra["channelState"]["chargedCumulativeAmount"], "140");
    EXPECT_EQ(extra["chainState"]["used"], 7);
    EXPECT_FALSE(extra["chainState"].contains("index"));
    EXPECT_EQ(extra["chainState"]["chain"]["unit"], "20");
    EXPECT_EQ(extra["chainState"]["link"], ledger::to_hex0x(chain.links[7].view()))
        << "the one that was charged, not those shown beyond it";
}

TEST_F(ChainCall, RefusesAnOpeningThatDoesNotHold)
{
    const auto with = [&](std::string_view reason, const auto& change) {
        auto chain = world.chain(20);
        change(chain);
        expect_link_402(world.link(chain), reason);
    };
    with(x402::cumulative_amount_mismatch,
         [](auto& chain) { chain.terms.base = Amount::micros(1); });
    with(x402::chain_terms, [](auto& chain) { chain.terms.length = 4'097; });
    with(x402::chain_terms, [](auto& chain) { chain.terms.unit = Amount::micros(3); });
    with(x402::chain_index, [](auto& chain) { chain.terms.length = 49; });
    with(x402::chain_link, [](auto& chain) { chain.terms.root = {}; });
    const auto chain = world.chain(20);
    const auto changed = [&](std::string_view reason, const std::function<void(json&)>& change) {
        expect_link_402(world.link(chain, {.change = change}), reason);
    };
    changed(x402::chain_signature, [](json& whole) {
        whole["payload"]["chain"]["base"] = "0";
        whole["payload"]["chain"]["length"] = 99;
    });
    changed(x402::receiver_authorizer_mismatch, [&](json& whole) {
        whole["payload"]["channelConfig"]["receiverAuthorizer"] =
            "0x00000000000000000000000000000000000000b1";
    });
    changed(x402::channel_id_mismatch, [](json& whole) {
        whole["payload"]["channelConfig"]["salt"] = "0x" + std::string(64, '7');
    });
    changed(x402::accepted_not_offered, [](json& whole) {
        whole["accepted"]["payTo"] = "0x00000000000000000000000000000000000000b1";
    });
}

TEST_F(ChainCall, OfAChainThatIsNotKnownAsksForItsOpening)
{
    auto chain = world.chain(20);
    chain.opened = true;
    expect_link_402(world.link(chain), x402::chain_unknown);
    chain.opened = false;
    EXPECT_EQ(pay(chain).status(), 200u);
    ASSERT_EQ(world.call(world.voucher({})).status(), 200u);
    expect_link_402(world.link(chain), x402::chain_unknown);
}

TEST_F(ChainCall, ThatFailsChargesNothingAndItsLinkCanBeUsedAgain)
{
    auto chain = world.chain(20);
    PaymentWorld::Script script;
    script.run_fails = true;
    EXPECT_EQ(world.call(world.link(chain), script).status(), 500u);
    world.journal.failing = true;
    EXPECT_EQ(world.call(world.link(chain)).status(), 503u);
    world.journal.failing = false;
    EXPECT_EQ(world.charged(), Amount{});
    ASSERT_EQ(pay(chain).status(), 200u);
    EXPECT_EQ(world.call(world.link(chain), script).status(), 500u);
    EXPECT_EQ(pay(chain).status(), 200u);
    EXPECT_EQ(world.charged(), Amount::micros(280));
}

TEST_F(ChainCall, IsCoveredByTheBalanceLessWhatIsWithdrawn)
{
    world.open_channel(1'139);
    auto chain = world.chain(20);
    ASSERT_EQ(pay(chain).status(), 200u);
    expect_link_402(world.link(chain), x402::cumulative_exceeds_balance);
    world.open_channel(5'000);
    world.ledger.channels[world.channel()].withdraw = {Amount::micros(4'000), ~0ull};
    expect_link_402(world.link(chain), x402::cumulative_exceeds_balance);
    world.ledger.channels[world.channel()].withdraw->amount = Amount::micros(3'860);
    EXPECT_EQ(pay(chain).status(), 200u);
}

TEST_F(ChainCall, MayBringTheDepositOfItsChannel)
{
    auto chain = world.chain(20, 100, 1);
    EXPECT_EQ(world.call(world.link(chain)).error(), x402::channel_not_found);
    const auto reply = world.call(world.link(chain, {.deposit = 5'000}));
    ASSERT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_NE(reply.paid()["transaction"], "");
    EXPECT_EQ(reply.paid()["amount"], "5000");
    EXPECT_EQ(world.charged(1), Amount::micros(140));
}

TEST_F(ChainCall, TellsNoDepositWhenItCameAgainWithALaterChain)
{
    ASSERT_EQ(world.call(world.link(world.chain(20, 100, 1), {.deposit = 5'000})).status(), 200u);
    const auto reply = world.call(world.link(world.chain(20, 100, 1, 2), {.deposit = 5'000}));
    ASSERT_EQ(reply.status(), 200u) << reply.error();
    EXPECT_EQ(reply.paid()["transaction"], "");
    EXPECT_EQ(reply.paid()["amount"], "140") << "what this call moved";
}

TEST_F(ChainCall, TheHostSignsForEach64CallsAndProvesEveryOneOfThem)
{
    auto chain = world.chain(1000, 100);
    for (int i = 1; i <= 64; ++i) {
        const auto reply = pay(chain);
        ASSERT_EQ(reply.status(), 200u);
        EXPECT_EQ(batches(reply).size(), i == 64 ? 1u : 0u);
        if (i == 40) world.crash();
        if (i == 63) {
            EXPECT_FALSE(prove_record(world.journal, world.channel(), 1)) << "not signed yet";
        }
    }
    for (const std::uint64_t seq : {1u, 40u, 64u}) {
        const auto proven = prove_record(world.journal, world.channel(), seq);
        ASSERT_TRUE(proven) << seq;
        const auto& batch = proven->batch.receipt;
        EXPECT_EQ(proven->record.seq, seq);
        EXPECT_EQ(batch.first_seq, 1u);
        EXPECT_EQ(batch.calls, 64u);
        EXPECT_EQ(batch.chain, chain.terms.root);
        EXPECT_EQ(batch.charged_cumulative, Amount::micros(64'000));
        EXPECT_TRUE(ledger::merkle_verify(batch.records_root, market::record_leaf(proven->record),
                                          seq - 1, 64, proven->path));
        EXPECT_TRUE(market::signed_by(world.host.authorizer,
                                      market::batch_receipt_digest(world.network, batch),
                                      proven->batch.signature));
    }
    EXPECT_FALSE(prove_record(world.journal, world.channel(), 65));
}

TEST_F(ChainCall, TheHostSignsAtAChainsEnd)
{
    auto chain = world.chain(1000, 3);
    (void)pay(chain);
    EXPECT_TRUE(batches(pay(chain)).empty());
    const auto last = batches(pay(chain));
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last[0]["calls"], 3);
    expect_link_402(world.link(chain), x402::chain_index);
    auto next = world.chain(1000, 100, 0, 2);
    EXPECT_TRUE(batches(pay(next)).empty());
    const auto voucher = world.call(world.voucher({}));
    ASSERT_EQ(batches(voucher).size(), 1u) << "before a voucher, what no batch covers yet";
    EXPECT_EQ(batches(voucher)[0]["firstSeq"], 4);
    auto third = world.chain(20, 100, 0, 3);
    ASSERT_EQ(pay(third).status(), 200u);
    world.crash();
    auto fourth = world.chain(20, 100, 0, 4);
    const auto opened = batches(pay(fourth));
    ASSERT_EQ(opened.size(), 1u) << "before the next chain, too";
    EXPECT_EQ(opened[0]["firstSeq"], 6);
    EXPECT_EQ(opened[0]["chain"], ledger::to_hex0x(third.terms.root.view()));
    EXPECT_TRUE(prove_record(world.journal, world.channel(), 4));
    EXPECT_FALSE(prove_record(world.journal, world.channel(), 5)) << "a voucher's has its own";
    EXPECT_TRUE(prove_record(world.journal, world.channel(), 6));
}

TEST_F(ChainCall, OneAtATimeRunsOnAChannel)
{
    auto chain = world.chain(20);
    ASSERT_EQ(pay(chain).status(), 200u);
    RequestMachine first{world.node->services, world.resource()};
    const auto header = world.link(chain);
    const std::vector<std::string_view> headers{header};
    (void)first.start(headers, world.now());
    EXPECT_EQ(world.call(header).error(), x402::channel_busy);
    (void)first.on_caller_gone();
    EXPECT_EQ(world.call(header).status(), 200u);
}

}  // namespace
}  // namespace node
