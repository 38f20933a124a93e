#include "market/accumulator.hpp"
#include "market/period.hpp"
#include "market/rules/data_rules.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const DataClaim& message)
{
    auto dataset = state.find<Dataset>(message.dataset);
    if (!dataset) return Rejection::unknown_dataset;
    const ContributionKey key{message.dataset, context.sender};
    auto contribution = state.get<Contribution>(key);
    if (contribution.shares == 0) return Rejection::no_shares;
    const auto due = contribution.owed +
                     earned_between(contribution.drawn, dataset->per_share, contribution.shares);
    if (due.is_zero()) return Rejection::nothing_earned;

    contribution.drawn = dataset->per_share;
    contribution.owed = {};
    state.put(key, contribution);
    dataset->pot = dataset->pot - due;
    state.put(message.dataset, *dataset);
    if (context.network.mints())
        credit(state, context.sender, due);
    else
        add_earned(state, context, context.sender, due);
    context.emit(EventKind::drawn, context.sender, due, ledger::retag<Hash>(message.dataset));
    return {};
}

}  // namespace market
