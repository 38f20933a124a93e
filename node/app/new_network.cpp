#include "node/app/new_network.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr auto first_balance = Amount::micros(1'000'000'000'000);
constexpr std::uint64_t power = 1'000;

AssetSpec new_asset(bool credit, Random& random)
{
    AssetSpec asset{credit ? AssetKind::credit : AssetKind::coin,
                    credit ? "Mill credit" : "Mill",
                    credit ? "MILC" : "MILL",
                    "1",
                    6,
                    {}};
    random.fill(asset.address.bytes);
    return asset;
}

std::vector<Address> accounts_of(std::span<const NodeKeys> nodes)
{
    std::vector<Address> accounts;
    for (const auto& node : nodes) accounts.push_back(address_of(node.host));
    return accounts;
}

}  // namespace

Result<Genesis> make_genesis(const NewNetwork& network, std::span<const NodeKeys> validators,
                             Random& random, TimeMs now)
{
    const auto accounts = accounts_of(validators);
    Genesis genesis;
    genesis.format = "millrace/genesis/v1";
    genesis.name = network.name;
    // Beyond 2^31 and below 2^53: no public network has such an id, and JSON keeps it exact.
    genesis.chain_id = {(1ull << 31) + random.below((1ull << 53) - (1ull << 31))};
    genesis.time_ms = now;
    genesis.asset = new_asset(network.credit, random);
    genesis.balances = network.balances;
    genesis.params = dev_parameters();
    for (const auto& keys : validators) {
        const auto account = address_of(keys.host);
        genesis.validators.set.push_back(
            {consensus_key(keys.validator), public_key(keys.peer), account, account, power});
    }
    if (network.credit) {
        const auto two_thirds = static_cast<std::uint32_t>(2 * accounts.size() / 3 + 1);
        genesis.validators.admission = Admission::authority;
        genesis.governors = {two_thirds, accounts};
        genesis.issuers = {1, network.issuers.empty() ? accounts : network.issuers};
        genesis.params.min_fee = {};
    } else if (genesis.balances.empty() && !accounts.empty()) {
        genesis.balances = {{accounts.front(), first_balance}};
    }
    if (const auto good = check(genesis); !good) return good.error();
    return genesis;
}

Parameters dev_parameters()
{
    Parameters params;
    params.min_interval_ms = 1;
    params.max_drift_ms = 2'000;
    params.unbonding_s = 3'600;
    params.stake_unit = Amount::micros(1'000'000);
    params.min_fee = Amount::micros(1'000);
    params.byte_deposit = Amount::micros(10);
    params.delta_bps = {300};
    params.eps_bps = {50};
    params.min_bond = Amount::micros(100'000'000);
    params.min_slash = Amount::micros(1'000'000);
    params.min_deposit = Amount::micros(20'000);
    params.w_disp_s = 2;
    params.w_unbond_s = 60;
    params.t_rel_s = 10;
    params.t_disp_s = 5;
    params.price_notice_s = 3'600;
    params.lease.interval_s = 2;
    params.lease.starvation_s = 6;
    params.lease.t_move_s = 10;
    params.lease.t_jury_s = 10;
    params.lease.window_s = 30;
    params.lease.min_stake = Amount::micros(10'000'000);
    params.lease.dispute_bond = Amount::micros(1'000'000);
    return params;
}

}  // namespace node
