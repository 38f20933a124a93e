#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/codec/describe.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ledger {

enum class AssetKind {
    coin,    ///< transferable; settlements mint
    credit,  ///< issued by operators, moves only into escrow; settlements yield statements
};
BOOST_DESCRIBE_ENUM(AssetKind, coin, credit)

enum class Admission { stake, authority };
BOOST_DESCRIBE_ENUM(Admission, stake, authority)

/// The one asset of the network; name and version are those of its EIP-712 domain (EIP-3009).
struct AssetSpec {
    AssetKind kind{};
    std::string name;
    std::string symbol;
    std::string version;
    std::uint8_t decimals = 6;
    Address address;
    friend bool operator==(const AssetSpec&, const AssetSpec&) = default;
};
MILLRACE_DESCRIBE(AssetSpec, (kind, name, symbol, version, decimals, address))

/// k of the named accounts must sign.
struct Committee {
    std::uint32_t k{};
    std::vector<Address> accounts;
    friend bool operator==(const Committee&, const Committee&) = default;
};
MILLRACE_DESCRIBE(Committee, (k, accounts))

struct GenesisBalance {
    Address account;
    Amount amount;
    friend bool operator==(const GenesisBalance&, const GenesisBalance&) = default;
};
MILLRACE_DESCRIBE(GenesisBalance, (account, amount))

struct GenesisValidators {
    Admission admission{};
    ValidatorSet set;
    friend bool operator==(const GenesisValidators&, const GenesisValidators&) = default;
};
MILLRACE_DESCRIBE(GenesisValidators, (admission, set))

/// What a network fixes for leases of GPU time (market.md 8 and 11).
struct LeaseParameters {
    std::uint64_t interval_s = 10;    ///< between heartbeats; what one voucher pays ahead
    std::uint64_t starvation_s = 30;  ///< without a voucher, or a heartbeat, the other side leaves
    std::uint64_t t_move_s = 3'600;   ///< for a party that has to show something
    std::uint64_t t_jury_s = 1'800;   ///< for a jury to commit, and again to reveal
    std::uint64_t window_s =
        14'400;  ///< least time for verifiers to report, counted from the close
    BasisPoints holdback_bps{2'000};  ///< of the pay, kept back until a job is verified
    BasisPoints bond_bps{12'500};     ///< least bond of a job, in parts of the most it can be paid
    std::uint32_t samples = 8;        ///< least segments of a job that are executed again
    std::uint32_t jury = 7;           ///< verifiers that are drawn for a dispute
    std::uint32_t jury_quorum = 3;    ///< of them that must reveal
    Amount min_stake = Amount::micros(1'000'000'000);  ///< of a verifier
    Amount dispute_bond = Amount::micros(10'000'000);  ///< what a challenger stands to lose
    friend bool operator==(const LeaseParameters&, const LeaseParameters&) = default;
};
MILLRACE_DESCRIBE(LeaseParameters,
                  (interval_s, starvation_s, t_move_s, t_jury_s, window_s, holdback_bps, bond_bps,
                   samples, jury, jury_quorum, min_stake, dispute_bond))

/// What a network fixes for good; names ending in _s are seconds of block time, _ms milliseconds.
struct Parameters {
    std::uint64_t min_interval_ms{};
    std::uint64_t max_drift_ms{};
    std::uint64_t heartbeat_s{};
    std::uint64_t unbonding_s{};
    Amount stake_unit;
    Amount min_fee;
    Amount byte_deposit;    ///< locked per encoded byte of a lasting entry
    BasisPoints delta_bps;  ///< protocol fee of a settlement, burned for good
    BasisPoints eps_bps;    ///< bound that every settlement is tested against
    Amount min_bond;
    Amount min_slash;
    Amount min_deposit;
    std::uint64_t w_disp_s{};
    std::uint64_t w_unbond_s{};
    std::uint64_t t_rel_s{};
    std::uint64_t t_disp_s{};
    std::uint64_t price_notice_s{};
    LeaseParameters lease;
    friend bool operator==(const Parameters&, const Parameters&) = default;
};
MILLRACE_DESCRIBE(Parameters,
                  (min_interval_ms, max_drift_ms, heartbeat_s, unbonding_s, stake_unit, min_fee,
                   byte_deposit, delta_bps, eps_bps, min_bond, min_slash, min_deposit, w_disp_s,
                   w_unbond_s, t_rel_s, t_disp_s, price_notice_s, lease))

/// The document a network starts from; the file is JSON, its RFC 8785 form is what is hashed.
struct Genesis {
    std::string format;  ///< "millrace/genesis/v1"
    std::string name;
    ChainId chain_id;
    TimeMs time_ms;
    AssetSpec asset;
    Committee issuers;
    Committee governors;
    std::vector<GenesisBalance> balances;
    GenesisValidators validators;
    Parameters params;
    friend bool operator==(const Genesis&, const Genesis&) = default;
};
MILLRACE_DESCRIBE(Genesis, (format, name, chain_id, time_ms, asset, issuers, governors, balances,
                            validators, params))

/// Reads and checks the whole document: unknown and missing members, relations between
/// parameters, sums, duplicates. `invalid` names what is wrong.
Result<Genesis> parse_genesis(std::string_view json_text);

/// The same checks on a document made in memory.
Result<void> check(const Genesis&);

std::string genesis_json(const Genesis&, int indent = 2);

/// SHA-256 of the RFC 8785 form; stands in block 0 as just_hash.
Hash document_hash(const Genesis&);

/// Sum of all balances and, in a network of stake, of the validators' stakes.
Amount genesis_supply(const Genesis&);

}  // namespace ledger
