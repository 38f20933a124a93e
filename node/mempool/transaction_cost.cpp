#include "market/rules/label_rules.hpp"
#include "node/mempool/mempool.hpp"

namespace node {
namespace {

using ledger::Address;
using ledger::Amount;

/// What a message takes from its sender at most, as far as its own words say. What it takes by
/// terms that only the state holds, the bond of an order of labels and the fee of its arbiter, is
/// not counted: such a transaction may find too little, and is refused by its rule.
struct Spends {
    const market::Network& network;
    const Address& sender;

    Amount of(const Address& from, Amount amount) const
    {
        return from == sender ? amount : Amount{};
    }

    Amount operator()(const market::Transfer& m) const { return m.amount; }
    Amount operator()(const market::TransferWithAuth& m) const { return of(m.from, m.value); }
    Amount operator()(const market::PermitSettle& m) const { return of(m.from, m.actual); }
    Amount operator()(const market::ChannelDeposit& m) const
    {
        return of(m.config.payer, m.amount);
    }
    Amount operator()(const market::HostRegister& m) const { return m.bond; }
    Amount operator()(const market::ValidatorJoin& m) const { return m.stake; }
    Amount operator()(const market::ValidatorPower& m) const
    {
        if (m.change != market::PowerChange::raise) return {};
        return network.params().stake_unit.times(m.delta).value_or(Amount::max());
    }
    Amount operator()(const market::DataOffer& m) const
    {
        return m.sale_bond.times(m.max_open).value_or(Amount::max());
    }
    Amount operator()(const market::DataBuy& m) const
    {
        return m.price.times(2).value_or(Amount::max());
    }
    Amount operator()(const market::LabelOrder& m) const
    {
        const auto seat = market::seat_cost(m);
        return (seat ? seat->times(m.seats) : seat).value_or(Amount::max());
    }
    Amount operator()(const market::GpuOrder& m) const
    {
        const auto fees = m.verify.fee.times(m.verify.samples).value_or(Amount::max());
        return m.escrow.plus(fees).value_or(Amount::max());
    }
    Amount operator()(const market::GpuBid& m) const
    {
        return m.deposit.plus(m.bond).value_or(Amount::max());
    }
    Amount operator()(const market::VerifierJoin& m) const { return m.stake; }
    Amount operator()(const market::DisputeOpen& m) const { return m.bond; }
    template <class M>
    Amount operator()(const M&) const
    {
        return {};
    }
};

}  // namespace

Amount cost_of(const market::Network& network, const market::CheckedTransaction& transaction)
{
    const auto& envelope = transaction.envelope;
    const auto moved = std::visit(Spends{network, envelope.sender}, transaction.message);
    return envelope.fee.plus(moved).value_or(Amount::max());
}

}  // namespace node
