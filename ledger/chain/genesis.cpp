#include "ledger/chain/genesis.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"

#include <set>

namespace ledger {
namespace {

constexpr std::size_t document_bytes = 16 * 1024 * 1024;
constexpr std::uint64_t min_withdraw_delay_s = 900;

Error wrong(std::string what)
{
    return {ErrorKind::invalid, "genesis: " + std::move(what)};
}

Result<void> check_committee(const Committee& committee, const char* name)
{
    const std::set<Address> unique(committee.accounts.begin(), committee.accounts.end());
    if (unique.size() != committee.accounts.size())
        return wrong(std::string{name} + " names an account twice");
    if (committee.accounts.size() > 64) return wrong(std::string{name} + " has over 64 accounts");
    if (committee.k > committee.accounts.size())
        return wrong(std::string{name} + ".k exceeds the number of accounts");
    if (committee.k == 0 && !committee.accounts.empty())
        return wrong(std::string{name} + ".k must be at least 1");
    return {};
}

Result<void> check_validators(const Genesis& genesis)
{
    const auto& set = genesis.validators.set;
    if (set.empty() || set.size() > 128) return wrong("there must be 1 to 128 validators");
    std::set<ConsensusKey> keys;
    std::set<PublicKey> peer_keys;
    std::set<Address> accounts;
    for (const auto& validator : set) {
        if (!keys.insert(validator.consensus_key).second)
            return wrong("a consensus key stands twice");
        if (validator.power < 1'000 || validator.power > (1ull << 48))
            return wrong("a validator's power must be 1,000 to 2^48");
        if (!peer_keys.insert(validator.peer_key).second) return wrong("a peer key stands twice");
        if (!accounts.insert(validator.account).second)
            return wrong("an account has two validators");
    }
    if (genesis.validators.admission == Admission::stake && genesis.params.stake_unit.is_zero())
        return wrong("stake_unit must be at least 1 where validators have a stake");
    if (genesis.asset.kind == AssetKind::credit &&
        genesis.validators.admission != Admission::authority)
        return wrong("a credit network admits validators by authority");
    return {};
}

/// Empty when it does not fit.
std::optional<Amount> stake_of(const Genesis& genesis, const Validator& validator)
{
    if (genesis.validators.admission == Admission::authority) return Amount{};
    return genesis.params.stake_unit.times(validator.power);
}

constexpr std::uint64_t longest_s = 10ull * 365 * 24 * 3600;

Result<void> check_lease(const LeaseParameters& lease)
{
    for (const auto seconds :
         {lease.interval_s, lease.starvation_s, lease.t_move_s, lease.t_jury_s, lease.window_s})
        if (seconds == 0 || seconds > longest_s)
            return wrong("a window of lease is 1 second to ten years");
    if (lease.starvation_s < lease.interval_s)
        return wrong("lease.starvation_s must be at least interval_s");
    if (lease.t_move_s >= lease.window_s) return wrong("lease.t_move_s must be below window_s");
    if (lease.holdback_bps.value >= BasisPoints::whole)
        return wrong("lease.holdback_bps must be below 10,000");
    if (lease.bond_bps.value > 10 * BasisPoints::whole)
        return wrong("lease.bond_bps exceeds 100,000");
    if (lease.samples == 0 || lease.samples > 32) return wrong("lease.samples is 1 to 32");
    if (lease.jury_quorum == 0 || lease.jury_quorum > lease.jury || lease.jury > 32)
        return wrong("lease.jury is jury_quorum to 32, and that at least 1");
    if (lease.dispute_bond.is_zero() || lease.dispute_bond > lease.min_stake)
        return wrong("lease.dispute_bond is 1 to min_stake");
    return {};
}

Result<void> check_parameters(const Parameters& params)
{
    if (params.delta_bps.value > BasisPoints::whole) return wrong("delta_bps exceeds 10,000");
    if (params.eps_bps >= params.delta_bps) return wrong("eps_bps must be below delta_bps");
    if (params.w_disp_s == 0) return wrong("w_disp_s must be at least 1");
    if (params.w_disp_s + 300 > min_withdraw_delay_s)
        return wrong("w_disp_s + 300 must not exceed the shortest withdraw delay, 900");
    if (params.w_unbond_s < 4 * params.w_disp_s)
        return wrong("w_unbond_s must be at least 4 times w_disp_s");
    for (const auto seconds : {params.heartbeat_s, params.unbonding_s, params.w_unbond_s,
                               params.t_rel_s, params.t_disp_s, params.price_notice_s})
        if (seconds > longest_s) return wrong("a window exceeds ten years");
    if (params.byte_deposit > Amount::micros(1'000'000))
        return wrong("byte_deposit exceeds 1 token");
    return check_lease(params.lease);
}

}  // namespace

Result<void> check(const Genesis& genesis)
{
    if (genesis.format != "millrace/genesis/v1") return wrong("unknown format");
    if (genesis.name.empty() || genesis.name.size() > 64) return wrong("name is 1 to 64 bytes");
    if (genesis.chain_id.value == 0 || genesis.chain_id.value >= (1ull << 53))
        return wrong("chainId must be 1 to 2^53 - 1");
    if (genesis.asset.decimals != 6) return wrong("asset.decimals must be 6");
    if (genesis.asset.address.is_zero()) return wrong("asset.address must not be zero");
    for (const auto& text : {genesis.asset.name, genesis.asset.symbol, genesis.asset.version})
        if (text.empty() || text.size() > 32)
            return wrong("asset name, symbol and version are 1 to 32 bytes");

    if (const auto done = check_committee(genesis.issuers, "issuers"); !done) return done;
    if (const auto done = check_committee(genesis.governors, "governors"); !done) return done;
    if (genesis.asset.kind == AssetKind::credit) {
        if (genesis.issuers.accounts.empty()) return wrong("a credit network needs issuers");
        if (!genesis.params.min_fee.is_zero()) return wrong("fees are 0 in a credit network");
    }
    std::set<Address> holders;
    Amount supply;
    for (const auto& balance : genesis.balances) {
        if (!holders.insert(balance.account).second) return wrong("an account has two balances");
        const auto sum = supply.plus(balance.amount);
        if (!sum) return wrong("the balances exceed 2^64 - 1");
        supply = *sum;
    }
    if (const auto done = check_validators(genesis); !done) return done;
    if (const auto done = check_parameters(genesis.params); !done) return done;
    for (const auto& validator : genesis.validators.set) {
        const auto sum = stake_of(genesis, validator) ? supply.plus(*stake_of(genesis, validator))
                                                      : std::nullopt;
        if (!sum) return wrong("balances and stakes exceed 2^64 - 1");
        supply = *sum;
    }
    // Each settlement loses delta of what it burns, so that all that is ever burned or minted
    // is at most supply / delta: the counters of both never overflow.
    if (genesis.asset.kind == AssetKind::coin &&
        !supply.times(BasisPoints::whole / genesis.params.delta_bps.value + 2))
        return wrong("the balances, divided by delta, exceed 2^64 - 1");
    return {};
}

Result<Genesis> parse_genesis(std::string_view json_text)
{
    const auto json = codec::parse_json(json_text, {.bytes = document_bytes, .depth = 8});
    if (!json) return wrong(json.error().detail);
    auto genesis = codec::from_json<Genesis>(*json);
    if (!genesis) return wrong(genesis.error().detail);
    if (const auto done = check(*genesis); !done) return done.error();
    return genesis;
}

std::string genesis_json(const Genesis& genesis, int indent)
{
    return codec::to_json(genesis).dump(indent) + "\n";
}

Hash document_hash(const Genesis& genesis)
{
    return sha256(as_bytes(codec::canonical_json(codec::to_json(genesis))));
}

Amount genesis_supply(const Genesis& genesis)
{
    Amount supply;
    for (const auto& balance : genesis.balances) supply = supply + balance.amount;
    for (const auto& validator : genesis.validators.set)
        supply = supply + *stake_of(genesis, validator);
    return supply;
}

}  // namespace ledger
