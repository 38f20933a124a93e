#pragma once

#include "ledger/chain/genesis.hpp"
#include "ledger/codec/eip712.hpp"
#include "market/ids.hpp"

namespace market {

/// Addresses that x402's batch-settlement scheme fixes; here they only take part in digests.
extern const Address batch_settlement_contract;  ///< 0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003
extern const Address erc3009_deposit_collector;  ///< 0x4020806089470a89826cB9fB1f4059150b550004
/// Of Permit2 and x402's scheme upto, likewise.
extern const Address permit2_contract;  ///< 0x000000000022D473030F116dDEE9F6B43aC78BA3
extern const Address upto_spender;      ///< 0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002

/// What never changes on a network: its genesis and the EIP-712 domains that follow from it.
/// Read-only after it is made; may be shared between threads.
struct Network {
    ledger::Genesis genesis;
    ledger::BlockId genesis_id;

    ledger::eip712::Domain transaction_domain;  ///< "Millrace", salted with the genesis id
    Hash transactions;                          ///< separators of the domains
    Hash channels;                              ///< "x402 Batch Settlement"
    Hash token;                                 ///< the asset's own (EIP-3009)
    Hash receipts;                              ///< "Millrace Receipt"
    Hash permits;                               ///< "Permit2", without a version
    Hash leases;                                ///< "Millrace Lease", salted with the genesis id

    Network(ledger::Genesis, const ledger::BlockId& id);

    const ledger::Parameters& params() const { return genesis.params; }
    bool mints() const { return genesis.asset.kind == ledger::AssetKind::coin; }
};

}  // namespace market
