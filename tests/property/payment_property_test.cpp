#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"
#include "tests/support/payment_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace node {
namespace {

using ledger::Amount;
using namespace std::chrono_literals;

/// A payer with a few channels calls a host that crashes between any two steps, loses answers,
/// is refused by the ledger and by its disk. The payer counts as a stock client does: a call it
/// has no answer to is asked again with the same header.
class FaultyTrade {
public:
    explicit FaultyTrade(std::uint64_t seed)
        : random_{seed}, world_{{}, ClaimPolicy{Amount::micros(20), 60s, 5s}}
    {
        world_.ledger.balances[world_.payer] = Amount::micros(100'000'000);
        // Far below the ceiling, so that ceilings of different calls meet now and then.
        for (auto& [version, sheets] : world_.ledger.prices)
            sheets[0].sheet.base = Amount::micros(base);
    }

    void run(int steps)
    {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            world_.advance(std::chrono::milliseconds{random_.below(4000)});
            const auto what = random_.below(20);
            if (what == 0)
                world_.crash();
            else if (what == 1)
                world_.ledger.settle_all();
            else if (what <= 4)
                claim();
            else if (what == 5)
                refund();
            else if (what <= 7)
                exact();
            else if (what <= 10)
                upto();
            else if (what <= 14)
                links();
            else
                voucher();
        }
        settle_everything();
    }

private:
    struct Lane {
        std::uint64_t paid = 0;   ///< what answers told the payer was charged
        std::uint64_t calls = 0;  ///< answers received
        std::uint8_t deposits = 0;
        std::uint8_t chains = 0;
        PaymentWorld::Chain chain = {};
    };

    static constexpr std::uint64_t base = 2;
    static constexpr std::uint64_t ceiling = base + 900;
    static constexpr Amount most = Amount::micros(ceiling);

    bool fault() { return random_.below(100) < 3; }

    PaymentWorld::Script script()
    {
        PaymentWorld::Script script;
        script.body = "request " + std::to_string(++requests_);
        script.answer = "answer to " + script.body;
        script.rows = random_.below(8) == 0 ? 300 : random_.below(4);
        script.ver = {1 + static_cast<std::uint32_t>(random_.below(2))};
        script.run_fails = fault();
        script.settle_late = fault();
        script.lose = fault();
        script.halt = fault();
        script.crash_here = [this] { return fault(); };
        return script;
    }

    /// Sends until there is an answer or a clear refusal, as a client that retries does.
    template <class Make>
    PaymentWorld::Reply persist(const Make& make, PaymentWorld::Script script)
    {
        const auto header = make();
        for (int attempt = 0; attempt < 6; ++attempt) {
            world_.journal.failing = fault();
            auto reply = world_.call(header, script);
            world_.journal.failing = false;
            const bool crashed = reply.status() == 0;
            const bool lost = random_.below(8) == 0;  // the answer never arrives
            if (!crashed && !lost && reply.status() != 202 && reply.status() < 500) return reply;
            if (crashed) world_.crash();
            if (random_.below(2) == 0) world_.ledger.settle_all();
            script.run_fails = script.settle_late = script.lose = script.halt = false;
        }
        return {};
    }

    void voucher()
    {
        const auto lane = static_cast<std::uint8_t>(random_.below(3));
        auto& own = lanes_[lane];
        const auto id = world_.channel(lane);
        const auto channel = world_.ledger.channel(id);
        PaymentWorld::Voucher wanted;
        wanted.lane = lane;
        wanted.amount = ceiling + random_.below(30);
        const auto charged = world_.charged(lane).micros();
        if (!channel || channel->balance.micros() < charged + wanted.amount) {
            wanted.deposit = 3000 + random_.below(5000);
            wanted.deposit_salt = ++own.deposits;
            wanted.valid_s = 600;
        }
        const auto call = script();
        const auto reply = persist([&] { return world_.voucher(wanted); }, call);
        if (reply.status() != 200) return;
        ASSERT_EQ(reply.response.body().view(), call.answer) << "the answer to this very request";
        const auto paid = reply.paid();
        const auto& receipt = paid["extra"]["receipt"];
        ASSERT_TRUE(receipt.is_object()) << "no paid answer without a receipt";
        const auto cost = std::stoull(paid["extra"]["chargedAmount"].get<std::string>());
        ASSERT_GE(cost, 1u) << "no free answer";
        ASSERT_EQ(cost, base + 3 * call.rows) << "charged once, by the units";
        own.paid += cost;
        ++own.calls;
    }

    /// The lane's chain as far as the host says it was used, or a new one where it ends.
    PaymentWorld::Chain& chain_of(std::uint8_t lane)
    {
        auto& own = lanes_[lane];
        const auto open = world_.node->book.open_chain(world_.channel(lane));
        own.chain.opened = open && open->chain.terms == own.chain.terms;
        if (own.chain.opened) {
            own.chain.used = open->links.used;
            const auto next = own.chain.used + market::links_for(most, own.chain.terms.unit);
            const auto channel = world_.ledger.channel(world_.channel(lane));
            if (next <= own.chain.terms.length && channel &&
                world_.charged(lane).micros() + 2 * ceiling <= channel->balance.micros())
                return own.chain;
        }
        const std::uint64_t units[]{4, 50, ceiling, 1000};
        own.chain =
            world_.chain(units[random_.below(4)],
                         230 + static_cast<std::uint32_t>(random_.below(100)), lane, ++own.chains);
        return own.chain;
    }

    void links()
    {
        const auto lane = static_cast<std::uint8_t>(random_.below(3));
        auto& own = lanes_[lane];
        auto& chain = chain_of(lane);
        PaymentWorld::Link wanted;
        wanted.amount = ceiling;
        const auto channel = world_.ledger.channel(world_.channel(lane));
        if (!channel || channel->balance.micros() < world_.charged(lane).micros() + 2 * ceiling) {
            wanted.deposit = 3000 + random_.below(5000);
            wanted.deposit_salt = ++own.deposits;
        }
        const auto call = script();
        const auto reply = persist([&] { return world_.link(chain, wanted); }, call);
        if (reply.status() != 200) return;
        ASSERT_EQ(reply.response.body().view(), call.answer) << "the answer to this very request";
        const auto paid = reply.paid();
        const auto cost = std::stoull(paid["extra"]["record"]["charged"].get<std::string>());
        const auto unit = chain.terms.unit;
        ASSERT_EQ(cost,
                  market::links_for(Amount::micros(base + 3 * call.rows), unit) * unit.micros())
            << "charged once, by the units";
        own.paid += cost;
        ++own.calls;
    }

    void exact()
    {
        PaymentWorld::Exact wanted;
        wanted.amount = ceiling;
        wanted.valid_s = 600;
        const auto number = ++transfers_;
        wanted.change = [number](market::TransferWithAuth& transfer) {
            transfer.nonce.bytes[0] = static_cast<std::uint8_t>(number >> 8);
            transfer.nonce.bytes[1] = static_cast<std::uint8_t>(number);
        };
        auto call = script();
        call.ver = {2};
        const auto earned_before = earned_by(2);
        const auto reply = persist([&] { return world_.exact(wanted); }, call);
        if (reply.status() != 200) return;
        ASSERT_EQ(reply.response.body().view(), call.answer);
        ASSERT_TRUE(reply.paid()["extra"]["receipt"].is_object());
        ASSERT_GE(earned_by(2), earned_before + ceiling) << "no answer before the money came";
        ++exact_answers_;
    }

    void upto()
    {
        PaymentWorld::Upto wanted;
        wanted.amount = ceiling;
        wanted.valid_s = 600;
        const auto number = ++permits_;
        wanted.change = [number](market::PermitSettle& permit) {
            permit.nonce.bytes[30] = static_cast<std::uint8_t>(number >> 8);
            permit.nonce.bytes[31] = static_cast<std::uint8_t>(number);
        };
        auto call = script();
        call.ver = {2};
        const auto earned_before = earned_by(2);
        const auto reply = persist([&] { return world_.upto(wanted); }, call);
        if (reply.status() != 200) return;
        const auto price = base + 3 * call.rows;
        ASSERT_EQ(reply.response.body().view(), call.answer);
        ASSERT_EQ(reply.paid()["extra"]["receipt"]["charged"], std::to_string(price));
        ASSERT_GE(earned_by(2), earned_before + price) << "no answer before the money came";
        permits_paid_ += price;
    }

    /// Each permit moved what its one receipt says, and each answer's was moved.
    void check_permits()
    {
        std::map<market::Hash, std::uint64_t> moved;
        std::uint64_t sum = 0;
        for (const auto& message : world_.ledger.applied) {
            const auto* permit = std::get_if<market::PermitSettle>(&message);
            if (!permit) continue;
            const auto digest = market::permit_digest(world_.network, *permit);
            ASSERT_TRUE(moved.emplace(digest, permit->actual.micros()).second) << "moved once";
            sum += permit->actual.micros();
            const auto receipts =
                *find_receipts(world_.journal, ledger::retag<market::ChannelId>(digest), 0, 10);
            ASSERT_LE(receipts.size(), 1u);
            for (const auto& stored : receipts) ASSERT_EQ(stored.receipt.charged, permit->actual);
        }
        ASSERT_GE(sum, permits_paid_);
        ASSERT_GT(permits_paid_, 0u);
    }

    void refund()
    {
        const auto lane = static_cast<std::uint8_t>(random_.below(3));
        if (!world_.ledger.channel(world_.channel(lane))) return;
        PaymentWorld::Script quick;
        (void)world_.call(
            world_.voucher({.max = world_.charged(lane).micros(), .lane = lane, .type = "refund"}),
            quick);
    }

    void claim()
    {
        for (const auto& order : world_.node->claims.due(world_.clock.now())) {
            const auto sent = world_.ledger.submit(order.message, {});
            ASSERT_TRUE(sent);
            if (random_.below(4) == 0) {
                world_.crash();
                world_.ledger.settle_all();
                return;
            }
            world_.ledger.settle_all();
            world_.node->claims.finished(order, {Settled::What::applied, {}}, world_.clock.now());
        }
    }

    std::uint64_t earned_by(std::uint32_t ver)
    {
        return world_.ledger.earned[market::split_address(world_.model, {ver}, world_.host.host)]
            .micros();
    }

    void settle_everything()
    {
        world_.crash();
        world_.ledger.settle_all();
        for (int round = 0; round < 6; ++round) {
            world_.node->claims.claim_all();
            claim();
            world_.advance(10s);
        }
        std::uint64_t receipted = 0;
        std::uint64_t told = 0;
        std::uint64_t open = 0;
        std::uint64_t proven = 0;
        for (std::uint8_t lane = 0; lane < 3; ++lane) {
            const auto id = world_.channel(lane);
            std::uint64_t sum = 0;
            std::uint64_t seq = 0;
            for (const auto& stored : *find_receipts(world_.journal, id, 0, 100'000)) {
                const auto& receipt = stored.receipt;
                ASSERT_EQ(receipt.seq, ++seq) << "every charge has its receipt";
                sum += receipt.charged.micros();
                const bool alone = stored.signature != market::Signature{};
                proven += alone ? 0 : prove_record(world_.journal, id, seq).has_value();
                ASSERT_EQ(receipt.charged_cumulative.micros(), sum);
                ASSERT_LE(receipt.charged_cumulative, receipt.max_claimable);
            }
            ASSERT_EQ(world_.charged(lane).micros(), sum);
            ASSERT_GE(sum, lanes_[lane].paid) << "the payer was told no more than was charged";
            ASSERT_GE(seq, lanes_[lane].calls);
            const auto channel = world_.ledger.channel(id);
            const auto claimed = channel ? channel->total_claimed.micros() : 0;
            ASSERT_LE(claimed, sum);
            // All but what lies under a ceiling that an earlier receipt shares.
            open += sum - claimed;
            ASSERT_LE(sum - claimed, 1030u) << "the host loses at most one ceiling";
            receipted += sum;
            told += lanes_[lane].paid;
        }
        EXPECT_EQ(earned_by(0) + open, receipted) << "claims are the sum of the receipts";
        EXPECT_GT(told, 0u);
        EXPECT_GT(proven, 0u) << "batches were signed";
        EXPECT_GE(earned_by(2), exact_answers_ * ceiling);
        for (const auto& [message, rejection] : world_.ledger.refused)
            EXPECT_FALSE((std::holds_alternative<market::ChannelClaim>(message) ||
                          std::holds_alternative<market::ChannelChainClaim>(message)) &&
                         rejection != market::Rejection::claim_pending &&
                         rejection != market::Rejection::claim_not_above_the_last)
                << static_cast<int>(rejection);
        check_disputes();
        check_permits();
    }

    /// No claim that was made could be disputed with any receipt that was given out.
    void check_disputes()
    {
        for (const auto& message : world_.ledger.applied) {
            const auto* claim = std::get_if<market::ChannelClaim>(&message);
            if (!claim) continue;
            for (const auto& row : claim->rows) {
                const auto id = market::channel_id(world_.network, row.config);
                for (const auto& stored : *find_receipts(world_.journal, id, 0, 100'000)) {
                    const auto& receipt = stored.receipt;
                    if (stored.signature == market::Signature{}) continue;  // shows nothing
                    EXPECT_FALSE(receipt.max_claimable == row.max_claimable &&
                                 receipt.charged_cumulative < row.total_claimed);
                }
            }
        }
    }

    ledger::SeededRandom random_;
    PaymentWorld world_;
    std::map<std::uint8_t, Lane> lanes_;
    std::uint64_t requests_ = 0;
    std::uint64_t transfers_ = 0;
    std::uint64_t exact_answers_ = 0;
    std::uint64_t permits_ = 0;
    std::uint64_t permits_paid_ = 0;
};

TEST(PaymentProperty, ChargesOnceForEachAnswerWhateverFails)
{
    const char* given = std::getenv("MILLRACE_SEED");
    const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
    const std::uint64_t last = given ? first : 6;
    for (auto seed = first; seed <= last && !HasFailure(); ++seed) {
        SCOPED_TRACE("MILLRACE_SEED=" + std::to_string(seed));
        FaultyTrade{seed}.run(200);
    }
}

}  // namespace
}  // namespace node
