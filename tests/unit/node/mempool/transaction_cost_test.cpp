#include "node/mempool/mempool.hpp"

#include "tests/support/mempool_world.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace market;
using ledger::Amount;

constexpr std::uint64_t fee = 7;

struct TransactionCost : testing::Test {
    MempoolWorld world;
    const Address sender = MempoolWorld::account(1);
    const Address other = MempoolWorld::account(2);

    std::uint64_t cost(const Message& message) const
    {
        const auto envelope = make_transaction(sender, {0}, {0}, Amount::micros(fee), 0, message);
        const CheckedTransaction transaction{envelope, message, {}, {}, {}};
        return cost_of(world.network(), transaction).micros();
    }
};

TEST_F(TransactionCost, IsTheFeeAndWhatTheMessageTakesOfItsSender)
{
    const auto ten = Amount::micros(10);
    Transfer transfer;
    transfer.amount = ten;
    EXPECT_EQ(cost(transfer), fee + 10);
    HostRegister host;
    host.bond = ten;
    EXPECT_EQ(cost(host), fee + 10);
    ValidatorJoin join;
    join.stake = ten;
    EXPECT_EQ(cost(join), fee + 10);
    VerifierJoin verifier;
    verifier.stake = ten;
    EXPECT_EQ(cost(verifier), fee + 10);
    DisputeOpen dispute;
    dispute.bond = ten;
    EXPECT_EQ(cost(dispute), fee + 10);
    DataOffer offer;
    offer.sale_bond = ten;
    offer.max_open = 3;
    EXPECT_EQ(cost(offer), fee + 30);
    DataBuy buy;
    buy.price = ten;
    EXPECT_EQ(cost(buy), fee + 20) << "price and the bond of a dispute, at most as much";
    GpuOrder order;
    order.escrow = ten;
    order.verify.fee = Amount::micros(2);
    order.verify.samples = 4;
    EXPECT_EQ(cost(order), fee + 18);
    GpuBid bid;
    bid.deposit = ten;
    bid.bond = Amount::micros(5);
    EXPECT_EQ(cost(bid), fee + 15);
}

TEST_F(TransactionCost, OfAValidatorsPowerIsTheStakeOfWhatItGains)
{
    const auto unit = world.network().params().stake_unit.micros();
    EXPECT_EQ(cost(ValidatorPower{PowerChange::raise, 3}), fee + 3 * unit);
    EXPECT_EQ(cost(ValidatorPower{PowerChange::lower, 3}), fee);
}

TEST_F(TransactionCost, OfWhatSomebodyElsePaysIsTheFee)
{
    TransferWithAuth transfer;
    transfer.value = Amount::micros(10);
    transfer.from = other;
    EXPECT_EQ(cost(transfer), fee);
    transfer.from = sender;
    EXPECT_EQ(cost(transfer), fee + 10);
    ChannelDeposit deposit;
    deposit.amount = Amount::micros(10);
    deposit.config.payer = other;
    EXPECT_EQ(cost(deposit), fee);
    deposit.config.payer = sender;
    EXPECT_EQ(cost(deposit), fee + 10);
    PermitSettle permit;
    permit.actual = Amount::micros(10);
    permit.from = other;
    EXPECT_EQ(cost(permit), fee);
    permit.from = sender;
    EXPECT_EQ(cost(permit), fee + 10);
}

TEST_F(TransactionCost, IsAllThereIsWhereTheSumIsAboveEveryAmount)
{
    DataOffer offer;
    offer.sale_bond = Amount::max();
    offer.max_open = 2;
    EXPECT_EQ(cost(offer), Amount::max().micros());
}

}  // namespace
}  // namespace node
