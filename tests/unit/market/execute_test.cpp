#include "market/execute.hpp"

#include "market/invariants.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

using ledger::Lane;
using ledger::Nonce;

constexpr std::uint64_t day_ms = 86'400'000;

/// Blocks over a state in memory, with people of MarketWorld in its genesis.
class Execution : public testing::Test {
protected:
    explicit Execution(ledger::AssetKind kind = ledger::AssetKind::coin, std::uint64_t min_fee = 10)
        : network_{document(kind, min_fee),
                   ledger::retag<ledger::BlockId>(MarketWorld::hash_of("g"))}
    {
        memory.apply(genesis_state(network_.genesis));
    }
    static ledger::Genesis document(ledger::AssetKind kind, std::uint64_t min_fee)
    {
        auto made = MarketWorld::genesis(kind);
        made.params.min_fee = Amount::micros(min_fee);
        for (const auto* name : {"paul", "rita"})
            made.balances.push_back({MarketWorld::address_of(name), Amount::micros(10'000)});
        return made;
    }

    CheckedTransaction signed_by(std::string_view name, ledger::Transaction envelope,
                                 const Message& message) const
    {
        const auto id = transaction_id(network_.transactions, envelope, message);
        envelope.signature = MarketWorld::sign(name, ledger::retag<Hash>(id));
        return *check_transaction(network_, ledger::encode_transaction(envelope));
    }
    CheckedTransaction from(std::string_view name, std::uint64_t nonce, const Message& message,
                            std::uint64_t fee = 10, std::uint32_t lane = 0,
                            std::uint64_t valid_until = 0) const
    {
        return signed_by(name,
                         make_transaction(MarketWorld::address_of(name), {lane}, {nonce},
                                          Amount::micros(fee), valid_until, message),
                         message);
    }
    static Message send(std::string_view to, std::uint64_t micros)
    {
        return Transfer{MarketWorld::address_of(to), Amount::micros(micros)};
    }

    BlockExecution block() const
    {
        return BlockExecution{memory, network_, {{1}, now, MarketWorld::address_of("payout")}};
    }
    /// Executes one transaction in a block of its own; the envelope must be good.
    Receipt run(const CheckedTransaction& transaction)
    {
        auto execution = block();
        EXPECT_TRUE(execution.add(transaction));
        auto outcome = execution.finish();
        memory.apply(outcome.diff);
        EXPECT_TRUE(broken_invariants(View{memory}, network_).empty());
        return outcome.receipts.at(0);
    }
    EnvelopeFault fault_of(const CheckedTransaction& transaction) const
    {
        auto execution = block();
        const auto added = execution.add(transaction);
        EXPECT_FALSE(added);
        EXPECT_TRUE(execution.receipts().empty());
        EXPECT_TRUE(execution.finish().diff.empty()) << "a bad envelope changes nothing";
        return added ? EnvelopeFault{} : added.error();
    }
    std::uint64_t balance(std::string_view name) const
    {
        return View{memory}.get<Account>(MarketWorld::address_of(name)).balance.micros();
    }

    Network network_;
    ledger::MemoryState memory;
    TimeMs now{MarketWorld::start_ms};
};

TEST_F(Execution, PaysTheFeeUsesTheNonceAndAppliesTheMessage)
{
    const auto transaction = from("paul", 0, send("rita", 100));
    const auto receipt = run(transaction);
    EXPECT_EQ(receipt.tx_id, transaction.id);
    EXPECT_EQ(receipt.status, Status::applied);
    EXPECT_EQ(receipt.rejection, Rejection::none);
    EXPECT_EQ(receipt.fee, Amount::micros(10));
    EXPECT_EQ(receipt.events.size(), 1u);
    EXPECT_EQ(balance("paul"), 9'890u);
    EXPECT_EQ(balance("rita"), 10'100u);
    EXPECT_EQ(balance("payout"), 10u);
    EXPECT_EQ(fault_of(transaction), EnvelopeFault::wrong_nonce) << "once";
}

TEST_F(Execution, ARefusedMessageStillPaysAndChangesNothingElse)
{
    const auto receipt = run(from("paul", 0, send("rita", 9'991)));
    EXPECT_EQ(receipt.status, Status::refused);
    EXPECT_EQ(receipt.rejection, Rejection::insufficient_funds);
    EXPECT_TRUE(receipt.events.empty());
    EXPECT_EQ(balance("paul"), 9'990u);
    EXPECT_EQ(balance("rita"), 10'000u);
    EXPECT_EQ(balance("payout"), 10u);
    EXPECT_EQ(next_nonce(View{memory}, MarketWorld::address_of("paul"), {0}), Nonce{1});
}

TEST_F(Execution, DropsWhatAMessageDidBeforeItWasRefused)
{
    // The host's bond is taken and its record written before its key finds no deposit left.
    const HostRegister message{"https://h", Amount::micros(9'900), MarketWorld::address_of("k")};
    const auto receipt = run(from("paul", 0, message));
    EXPECT_EQ(receipt.rejection, Rejection::insufficient_funds);
    EXPECT_TRUE(receipt.events.empty());
    EXPECT_EQ(balance("paul"), 9'990u);
    EXPECT_FALSE(View{memory}.has<Host>(MarketWorld::address_of("paul")));
}

TEST_F(Execution, RefusesANonceThatIsNotTheNext)
{
    EXPECT_EQ(fault_of(from("paul", 1, send("rita", 1))), EnvelopeFault::wrong_nonce);
    run(from("paul", 0, send("rita", 1)));
    EXPECT_EQ(fault_of(from("paul", 0, send("rita", 1))), EnvelopeFault::wrong_nonce);
    run(from("paul", 1, send("rita", 1)));
}

TEST_F(Execution, LanesCountApart)
{
    EXPECT_EQ(fault_of(from("paul", 1, send("rita", 1), 10, 255)), EnvelopeFault::wrong_nonce);
    run(from("paul", 0, send("rita", 1), 10, 255));
    run(from("paul", 1, send("rita", 1), 10, 255));
    run(from("paul", 0, send("rita", 1), 10, 0));
    run(from("paul", 0, send("rita", 1), 10, 7));
    const View view{memory};
    EXPECT_EQ(next_nonce(view, MarketWorld::address_of("paul"), {255}), Nonce{2});
    EXPECT_EQ(next_nonce(view, MarketWorld::address_of("paul"), {0}), Nonce{1});
    EXPECT_EQ(next_nonce(view, MarketWorld::address_of("paul"), {1}), Nonce{0});
}

TEST_F(Execution, LanesEndAt255AndNoncesBeforeTheLast)
{
    const auto message = send("rita", 1);
    const auto refused = [&](std::uint32_t lane, std::uint64_t nonce) {
        auto envelope = make_transaction(MarketWorld::address_of("paul"), {lane}, {nonce},
                                         Amount::micros(10), 0, message);
        const auto id = transaction_id(network_.transactions, envelope, message);
        envelope.signature = MarketWorld::sign("paul", ledger::retag<Hash>(id));
        const auto checked = check_transaction(network_, ledger::encode_transaction(envelope));
        return !checked && checked.error().kind == ledger::ErrorKind::invalid;
    };
    EXPECT_TRUE(refused(256, 0));
    EXPECT_FALSE(refused(255, 0));
    EXPECT_TRUE(refused(0, ~0ull));
    EXPECT_FALSE(refused(0, ~0ull - 1));
}

TEST_F(Execution, RefusesWhatIsSignedByAnotherOrForAnotherNetwork)
{
    const auto message = send("rita", 1);
    auto envelope =
        make_transaction(MarketWorld::address_of("paul"), {}, {}, Amount::micros(10), 0, message);
    const auto id = transaction_id(network_.transactions, envelope, message);
    envelope.signature = MarketWorld::sign("rita", ledger::retag<Hash>(id));
    auto checked = check_transaction(network_, ledger::encode_transaction(envelope));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ledger::ErrorKind::denied);

    envelope.signature = MarketWorld::sign("paul", ledger::retag<Hash>(id));
    EXPECT_TRUE(check_transaction(network_, ledger::encode_transaction(envelope)));
    const Network other{network_.genesis,
                        ledger::retag<ledger::BlockId>(MarketWorld::hash_of("other"))};
    EXPECT_FALSE(check_transaction(other, ledger::encode_transaction(envelope)));
}

TEST_F(Execution, ExpiresAfterItsSecond)
{
    const auto now_s = now.value / 1000;
    EXPECT_EQ(fault_of(from("paul", 0, send("rita", 1), 10, 0, now_s - 1)), EnvelopeFault::expired);
    EXPECT_EQ(fault_of(from("paul", 0, send("rita", 1), 10, 0, now_s + 86'401)),
              EnvelopeFault::valid_too_long);
    run(from("paul", 0, send("rita", 1), 10, 0, now_s + 86'400));
    run(from("paul", 1, send("rita", 1), 10, 0, now_s));
}

TEST_F(Execution, TheFeeIsEnoughAndCovered)
{
    EXPECT_EQ(fault_of(from("paul", 0, send("rita", 1), 9)), EnvelopeFault::fee_too_low);
    EXPECT_EQ(fault_of(from("paul", 0, send("rita", 1), 10'001)), EnvelopeFault::fee_not_covered);
    EXPECT_EQ(fault_of(from("nobody", 0, send("rita", 1), 10)), EnvelopeFault::fee_not_covered);
    EXPECT_EQ(run(from("paul", 0, send("rita", 1), 10'000)).rejection,
              Rejection::insufficient_funds);
    EXPECT_EQ(balance("payout"), 10'000u);
}

TEST_F(Execution, FeesReachThePayoutOnlyAfterTheLastTransaction)
{
    const auto payout = "rita";
    BlockExecution execution{memory, network_, {{1}, now, MarketWorld::address_of(payout)}};
    ASSERT_TRUE(execution.add(from("paul", 0, send("rita", 1), 5'000)));
    ASSERT_TRUE(execution.add(from("rita", 0, send("paul", 10'000), 10)));
    const auto outcome = execution.finish();
    EXPECT_EQ(outcome.receipts[1].rejection, Rejection::insufficient_funds);
    memory.apply(outcome.diff);
    EXPECT_EQ(balance("rita"), 10'001u + 5'000u);
}

TEST_F(Execution, FeesForASplitAddressSettle)
{
    const auto host = MarketWorld::address_of("hugo");
    const auto model = model_id(MarketWorld::address_of("alice"), "iris");
    const auto split = split_address(model, {1}, host);
    ledger::Overlay overlay{memory};
    State state{overlay};
    state.put(model, Model{MarketWorld::address_of("alice"), "iris", {}, 1, 1});
    state.put(split, Split{model, {1}, host});
    memory.apply(overlay.take());

    BlockExecution execution{memory, network_, {{1}, now, split}};
    ASSERT_TRUE(execution.add(from("paul", 0, send("rita", 1), 1'000)));
    memory.apply(execution.finish().diff);
    EXPECT_EQ(balance("alice"), 970u);
    EXPECT_TRUE(broken_invariants(View{memory}, network_).empty());
}

TEST_F(Execution, LaterTransactionsSeeEarlierOnes)
{
    auto execution = block();
    ASSERT_TRUE(execution.add(from("paul", 0, send("nina", 9'000))));
    ASSERT_TRUE(execution.add(from("nina", 0, send("rita", 8'990))));
    const auto outcome = execution.finish();
    EXPECT_EQ(outcome.receipts[1].status, Status::applied);
    memory.apply(outcome.diff);
    EXPECT_EQ(balance("nina"), 0u);
    EXPECT_EQ(balance("payout"), 20u);
}

TEST_F(Execution, SimulationSaysWhatExecutionWillDo)
{
    for (const std::uint64_t micros : {100ull, 9'990ull, 9'991ull}) {
        const auto transaction = from("paul", 0, send("rita", micros));
        // What simulation cannot see is the fee: it is taken before.
        ledger::Overlay overlay{memory};
        State state{overlay};
        ASSERT_TRUE(debit(state, transaction.envelope.sender, transaction.envelope.fee));
        std::vector<Event> events;
        const auto verdict =
            apply_message(overlay, network_, {{1}, now, {}}, transaction.envelope.sender,
                          transaction.id, transaction.message, events);
        auto execution = block();
        ASSERT_TRUE(execution.add(transaction));
        const auto outcome = execution.finish();
        EXPECT_EQ(verdict ? Rejection::none : verdict.error(), outcome.receipts[0].rejection);
        EXPECT_EQ(events, outcome.receipts[0].events);
        const View simulated{overlay};
        ledger::MemoryState after = memory;
        after.apply(outcome.diff);
        for (const auto* name : {"paul", "rita"})
            EXPECT_EQ(simulated.get<Account>(MarketWorld::address_of(name)).balance,
                      View{after}.get<Account>(MarketWorld::address_of(name)).balance);
    }
}

TEST_F(Execution, ABlockForgetsSpentAuthorizations)
{
    const SpentNonceKey key{MarketWorld::address_of("paul"), MarketWorld::hash_of("n")};
    ledger::Overlay overlay{memory};
    State state{overlay};
    state.put(key, SpentNonce{now.value + 1});
    state.put({now.value + 1, key.account, key.nonce}, SpentNonceByTime{});
    memory.apply(overlay.take());
    EXPECT_TRUE(block().finish().diff.empty());
    now.value += 1;
    memory.apply(block().finish().diff);
    EXPECT_FALSE(View{memory}.has<SpentNonce>(key));
}

TEST_F(Execution, ABlockForgetsSpentPermits)
{
    const SpentNonceKey key{MarketWorld::address_of("paul"), MarketWorld::hash_of("n")};
    ledger::Overlay overlay{memory};
    State state{overlay};
    state.put(key, SpentPermit{now.value + 1});
    state.put({now.value + 1, key.account, key.nonce}, SpentPermitByTime{});
    memory.apply(overlay.take());
    EXPECT_TRUE(block().finish().diff.empty());
    now.value += 1;
    memory.apply(block().finish().diff);
    EXPECT_FALSE(View{memory}.has<SpentPermit>(key));
}

class CreditExecution : public Execution {
protected:
    CreditExecution() : Execution{ledger::AssetKind::credit, 0} {}

    /// Admitted by hand; only envelopes are tested here.
    void admit(std::string_view name, std::uint64_t bytes_per_day,
               AccountClass kind = AccountClass::bulk)
    {
        ledger::Overlay overlay{memory};
        State state{overlay};
        auto admitted = state.get<Admitted>(MarketWorld::address_of(name));
        admitted.account_class = kind;
        admitted.bytes_per_day = bytes_per_day;
        state.put(MarketWorld::address_of(name), admitted);
        memory.apply(overlay.take());
    }
    CheckedTransaction some(std::string_view name, std::uint64_t nonce, std::uint64_t fee = 0) const
    {
        return from(name, nonce, HostUnbond{}, fee);
    }
};

TEST_F(CreditExecution, OnlyAdmittedAccountsAndIssuersSend)
{
    EXPECT_EQ(fault_of(some("paul", 0)), EnvelopeFault::not_admitted);
    admit("paul", 100'000, AccountClass::closed);
    EXPECT_EQ(fault_of(some("paul", 0)), EnvelopeFault::not_admitted);
    admit("paul", 100'000);
    EXPECT_EQ(run(some("paul", 0)).rejection, Rejection::not_a_host);
    EXPECT_EQ(run(some("issuer-1", 0)).rejection, Rejection::not_a_host);
}

TEST_F(CreditExecution, TakesNoFees)
{
    admit("paul", 100'000);
    EXPECT_EQ(fault_of(some("paul", 0, 1)), EnvelopeFault::fee_not_zero)
        << "a fee would move credit to the proposer";
    EXPECT_EQ(run(some("paul", 0)).fee, Amount{});
}

TEST_F(CreditExecution, KeepsToTheQuotaOfTheDay)
{
    const auto size = some("paul", 0).encoded.size();
    now.value = now.value / day_ms * day_ms + day_ms - 10;
    admit("paul", size - 1);
    EXPECT_EQ(fault_of(some("paul", 0)), EnvelopeFault::quota_used_up);
    admit("paul", 2 * size);
    run(some("paul", 0));
    run(some("paul", 1));
    EXPECT_EQ(fault_of(some("paul", 2)), EnvelopeFault::quota_used_up);
    now.value += 9;
    EXPECT_EQ(fault_of(some("paul", 2)), EnvelopeFault::quota_used_up);
    now.value += 1;
    run(some("paul", 2));
    run(some("paul", 3));
    EXPECT_EQ(fault_of(some("paul", 4)), EnvelopeFault::quota_used_up);
    EXPECT_EQ(View{memory}.get<Admitted>(MarketWorld::address_of("paul")).used_bytes, 2 * size);
    admit("paul", 3 * size);
    run(some("paul", 4));
    EXPECT_EQ(fault_of(some("paul", 5)), EnvelopeFault::quota_used_up);
}

TEST_F(CreditExecution, AQuotaHoldsWithinABlock)
{
    const auto size = some("paul", 0).encoded.size();
    admit("paul", 2 * size + 1);
    auto execution = block();
    EXPECT_TRUE(execution.add(some("paul", 0)));
    EXPECT_TRUE(execution.add(some("paul", 1)));
    const auto third = execution.add(some("paul", 2));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error(), EnvelopeFault::quota_used_up);
    EXPECT_EQ(execution.finish().receipts.size(), 2u);
}

}  // namespace
}  // namespace market
