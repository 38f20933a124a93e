#include "market/invariants.hpp"

#include "ledger/base/hex.hpp"
#include "market/hash_chain.hpp"
#include "market/label_invariants.hpp"
#include "market/lease_invariants.hpp"
#include "market/split_table.hpp"
#include "market/validators.hpp"

#include <algorithm>
#include <map>

namespace market {
namespace {

void check_channels(const View& view, std::vector<std::string>& wrong)
{
    std::map<Address, std::uint32_t> pending;
    view.scan<Channel>({}, [&](const ChannelId& id, const Channel& channel) {
        const auto name = "channel " + ledger::to_hex0x(id.view());
        if (channel.total_claimed > channel.balance) wrong.push_back(name + " paid too much");
        if (!channel.pending) return true;
        if (channel.pending->total > channel.balance) wrong.push_back(name + " owes too much");
        if (channel.pending->total <= channel.total_claimed)
            wrong.push_back(name + " has an empty claim pending");
        if (channel.pending->total > channel.pending->voucher_max)
            wrong.push_back(name + " claims above its voucher");
        const auto split = view.find<Split>(channel.config.receiver);
        if (split)
            ++pending[split->host];
        else
            wrong.push_back(name + " pays no split address");
        return true;
    });
    view.scan<ChainMark>({}, [&](const ChannelId& id, const ChainMark& mark) {
        const auto channel = view.find<Channel>(id);
        if (!channel || channel->total_claimed.is_zero() || mark.index == 0 ||
            mark.index > ChainLimits::length)
            wrong.push_back("a chain claimed nothing of " + ledger::to_hex0x(id.view()));
        return true;
    });
    view.scan<Host>({}, [&](const Address& address, const Host& host) {
        if (host.pending_claims != pending[address])
            wrong.push_back("host " + ledger::to_hex0x(address.view()) +
                            " miscounts its pending claims");
        return true;
    });
}

void check_versions(const View& view, std::vector<std::string>& wrong)
{
    view.scan<VersionRecord>({}, [&](const VersionKey& key, const VersionRecord& record) {
        std::uint64_t sum = 0;
        for (const auto& share : record.shares) sum += share.ppm.value;
        if (sum != PartsPerMillion::whole || record.shares.size() > 64)
            wrong.push_back("split table of " + ledger::to_hex0x(key.model.view()) +
                            " does not sum to the whole");
        if (record.depth == 0 || record.depth > 8) wrong.push_back("lineage deeper than 8");
        return true;
    });
}

void check_validators(const View& view, const Network& network, std::vector<std::string>& wrong)
{
    const auto epochs = view.find<EpochState>({});
    if (!epochs) return;
    std::map<ConsensusKey, std::uint64_t> in_the_set;
    for (const auto& validator : validators(view))
        in_the_set[validator.consensus_key] = validator.power;
    if (in_the_set.empty() || in_the_set.size() > ValidatorLimits::validators)
        wrong.push_back("a set of " + std::to_string(in_the_set.size()) + " validators");
    const auto unit = network.params().stake_unit.micros();
    view.scan<ValidatorRecord>({}, [&](const ConsensusKey& key, const ValidatorRecord& record) {
        const auto name = "validator " + ledger::to_hex0x(key.view());
        const auto member = in_the_set.find(key);
        const auto power = member == in_the_set.end() ? 0 : member->second;
        if (record.power != power) wrong.push_back(name + " has another power in the set");
        if (member != in_the_set.end()) in_the_set.erase(member);
        Amount held;
        for (const auto& part : record.unbonding) held = held + part.amount;
        if (!by_stake(network)) {
            if (!record.stake.is_zero()) wrong.push_back(name + " has a stake");
            return true;
        }
        if (record.status == ValidatorStatus::slashed) return true;
        const auto bonded = std::max(power, coming_power(*epochs, key, record)) * unit;
        if (bonded + held.micros() != record.stake.micros())
            wrong.push_back(name + " has a stake that is not what its power and unbonding need");
        return true;
    });
    if (!in_the_set.empty()) wrong.push_back("a validator in the set has no record");
}

/// Shares and tables of registered datasets.
void check_datasets(const View& view, std::vector<std::string>& wrong)
{
    std::map<DatasetId, std::uint64_t> contributed;
    view.scan<Contribution>({}, [&](const ContributionKey& key, const Contribution& record) {
        contributed[key.dataset] += record.shares;
        return true;
    });
    view.scan<DatasetRecord>({}, [&](const DatasetId& id, const DatasetRecord& record) {
        const auto name = "dataset " + ledger::to_hex0x(id.view());
        if (view.get<Dataset>(id).total_shares != contributed[id])
            wrong.push_back(name + " miscounts its shares");
        std::uint64_t sum = 0;
        for (const auto& share : record.shares) sum += share.ppm.value;
        if (sum != PartsPerMillion::whole || record.shares.size() > SplitLimits::entries)
            wrong.push_back(name + " has a table that does not sum to the whole");
        if (record.depth == 0 || record.depth > SplitLimits::depth)
            wrong.push_back(name + " has a lineage deeper than 8");
        return true;
    });
}

/// Each open sale has its own bond, and its keys as long as they are of use.
void check_sales(const View& view, std::vector<std::string>& wrong)
{
    std::map<OfferId, std::uint32_t> open;
    view.scan<Sale>({}, [&](const SaleId& id, const Sale& sale) {
        const auto name = "sale " + ledger::to_hex0x(id.view());
        if (!sale.ended()) ++open[sale.offer];
        const auto keys = view.find<SaleKeys>(id);
        const bool useless =
            sale.status == SaleStatus::refunded || sale.status == SaleStatus::slashed;
        if (keys.has_value() == useless) wrong.push_back(name + " has keys that it should not");
        if (keys && keys->t.empty() != (sale.status == SaleStatus::funded))
            wrong.push_back(name + " is released and is not");
        if (sale.ended() != (sale.ended_ms != 0)) wrong.push_back(name + " ends other than once");
        return true;
    });
    view.scan<Offer>({}, [&](const OfferId& id, const Offer& offer) {
        const auto name = "offer " + ledger::to_hex0x(id.view());
        const auto terms = view.get<OfferTerms>(id).offered;
        if (offer.open != open[id]) wrong.push_back(name + " miscounts its open sales");
        if (offer.open > terms.max_open) wrong.push_back(name + " has too many open sales");
        const auto bonded =
            offer.status == OfferStatus::listed ? terms.max_open : std::uint64_t{offer.open};
        if (terms.sale_bond.times(bonded) != offer.bonds)
            wrong.push_back(name + " holds other bonds than its sales need");
        return true;
    });
}

/// What is spent is forgotten by the time it ends, so each must stand in both tables.
template <class Spent, class ByTime>
void check_spent(const View& view, const char* what, std::vector<std::string>& wrong)
{
    std::size_t spent = 0;
    view.scan<Spent>({}, [&](const SpentNonceKey& key, const Spent& record) {
        ++spent;
        if (!view.has<ByTime>({record.until_ms, key.account, key.nonce}))
            wrong.push_back(std::string{what} + " that is never forgotten");
        return true;
    });
    view.scan<ByTime>({}, [&](const SpentNonceExpiry&, const ByTime&) {
        --spent;
        return true;
    });
    if (spent != 0) wrong.push_back(std::string{what} + " forgotten before its time");
}

}  // namespace

Holdings holdings(const View& view, const Network& network)
{
    Holdings sum;
    view.scan<Account>({}, [&](const Address&, const Account& account) {
        sum.balances = sum.balances + account.balance;
        sum.locked = sum.locked + account.locked;
        return true;
    });
    view.scan<Channel>({}, [&](const ChannelId&, const Channel& channel) {
        sum.escrows = sum.escrows + channel.escrow();
        return true;
    });
    view.scan<Host>({}, [&](const Address&, const Host& host) {
        sum.bonds = sum.bonds + host.bond;
        return true;
    });
    view.scan<Sale>({}, [&](const SaleId&, const Sale& sale) {
        sum.escrows = sum.escrows + sale.escrow();
        return true;
    });
    view.scan<Offer>({}, [&](const OfferId&, const Offer& offer) {
        sum.bonds = sum.bonds + offer.bonds;
        return true;
    });
    const auto leases = lease_holdings(view);
    sum.escrows = sum.escrows + leases.orders + leases.leases;
    sum.bonds = sum.bonds + leases.bids;
    sum.stakes = sum.stakes + leases.verifiers;
    const auto labels = label_holdings(view);
    sum.escrows = sum.escrows + labels.escrows;
    sum.bonds = sum.bonds + labels.bonds;
    view.scan<ValidatorRecord>({}, [&](const ConsensusKey&, const ValidatorRecord& validator) {
        sum.stakes = sum.stakes + validator.stake;
        return true;
    });
    if (network.mints()) {
        view.scan<Dataset>({}, [&](const DatasetId&, const Dataset& dataset) {
            sum.pots = sum.pots + dataset.pot;
            return true;
        });
    }
    return sum;
}

std::vector<std::string> broken_invariants(const View& view, const Network& network)
{
    std::vector<std::string> wrong;
    const auto held = holdings(view, network);
    const auto supply = view.get<Supply>({});
    const auto there =
        held.balances + held.locked + held.escrows + held.bonds + held.stakes + held.pots;
    const auto made = supply.genesis + supply.minted + supply.issued;
    if (there + supply.burned != made)
        wrong.push_back("supply: " + std::to_string(there.micros()) + " held + " +
                        std::to_string(supply.burned.micros()) + " burned is not " +
                        std::to_string(made.micros()) + " made");
    check_channels(view, wrong);
    check_versions(view, wrong);
    check_datasets(view, wrong);
    check_sales(view, wrong);
    check_leases(view, network, wrong);
    check_labels(view, wrong);
    check_validators(view, network, wrong);
    check_spent<SpentNonce, SpentNonceByTime>(view, "a nonce", wrong);
    check_spent<SpentPermit, SpentPermitByTime>(view, "a permit", wrong);
    view.scan<Split>({}, [&](const Address& address, const Split&) {
        if (!view.get<Account>(address).balance.is_zero())
            wrong.push_back("split address " + ledger::to_hex0x(address.view()) + " has a balance");
        return true;
    });
    return wrong;
}

}  // namespace market
