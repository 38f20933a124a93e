#include "market/network.hpp"

#include "ledger/base/hex.hpp"

namespace market {

using ledger::eip712::Domain;

const Address batch_settlement_contract =
    *ledger::id_from_hex<Address>("0x4020074e9df2ce1dee5a9c1b5c3f541d02a10003");
const Address erc3009_deposit_collector =
    *ledger::id_from_hex<Address>("0x4020806089470a89826cb9fb1f4059150b550004");
const Address permit2_contract =
    *ledger::id_from_hex<Address>("0x000000000022d473030f116ddee9f6b43ac78ba3");
const Address upto_spender =
    *ledger::id_from_hex<Address>("0x4020a4f3b7b90cca423b9fabcc0ce57c6c240002");

Network::Network(ledger::Genesis document, const ledger::BlockId& id)
    : genesis{std::move(document)}, genesis_id{id}
{
    const auto chain = genesis.chain_id;
    const auto& asset = genesis.asset;
    transaction_domain = {"Millrace", "1", chain, {}, ledger::retag<Hash>(id)};
    transactions = transaction_domain.separator();
    channels =
        Domain{"x402 Batch Settlement", "1", chain, batch_settlement_contract, {}}.separator();
    token = Domain{asset.name, asset.version, chain, asset.address, {}}.separator();
    receipts = Domain{"Millrace Receipt", "1", chain, {}, {}}.separator();
    leases = Domain{"Millrace Lease", "1", chain, {}, ledger::retag<Hash>(id)}.separator();
    permits = Domain{"Permit2", {}, chain, permit2_contract, {}}.separator();
}

}  // namespace market
