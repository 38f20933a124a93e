#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"

/// Burn, mint, split (market.md 6): what every payment to a model does.
namespace market {

/// The agreement under which `host` serves a version: the version's own, else the line's.
std::optional<Agreement> agreement_for(const View&, const ModelId&, Version, const Address& host);

/// Burns `amount`, which has already left the balance or escrow it was in, and mints it less the
/// protocol fee, rounded up, to the host and to the version's split table; in a credit network
/// adds the same shares to statements. Never fails: everything it needs was checked when the
/// version was registered. On a line `uses` says which version earned what and sums to `amount`;
/// money that came to a line without a claim settles by its newest version.
void settle(State&, const Context&, const Split& to, Amount amount,
            const std::vector<VersionUse>& uses = {});

/// The same for a sale of data, by the table of the dataset.
void settle_data(State&, const Context&, const DatasetId&, Amount amount);

/// The same for work: all that is minted goes to one account.
void settle_work(State&, const Context&, const Address& to, Amount amount, const Hash& subject);

/// Money that arrives at `to`: settles when that is a split address, else adds to its balance.
void pay(State&, const Context&, const Address& to, Amount amount);

/// Settles what lies at an address that has just become a split address.
void settle_balance(State&, const Context&, const Address& split_address);

}  // namespace market
