#include "tests/support/test_network.hpp"

#include "node/core/genesis_block.hpp"

namespace node {

using namespace ledger;

SecretKey test_key(std::uint8_t n)
{
    return *SecretKey::from_bytes(Bytes(32, n));
}

Address test_account(std::uint8_t n)
{
    return address_of(test_key(n));
}

Genesis test_genesis()
{
    Genesis genesis;
    genesis.format = "millrace/genesis/v1";
    genesis.name = "test";
    genesis.chain_id = {402'077};
    genesis.time_ms = {1'767'225'500'000};
    genesis.asset = {AssetKind::coin, "Mill", "MILL", "1", 6, {}};
    genesis.asset.address.bytes.fill(0xf1);
    for (std::uint8_t n = 1; n <= 5; ++n)
        genesis.balances.push_back({test_account(n), Amount::micros(1'000'000'000)});
    genesis.validators.set = {{consensus_key(test_key(1)), public_key(test_key(1)), test_account(1),
                               test_account(1), 1'000}};
    auto& params = genesis.params;
    params.min_interval_ms = 1;
    params.max_drift_ms = 5'000;
    params.stake_unit = Amount::micros(1);
    params.min_fee = Amount::micros(10);
    params.byte_deposit = Amount::micros(1);
    params.delta_bps = {300};
    params.eps_bps = {50};
    params.min_bond = Amount::micros(1'000);
    params.min_slash = Amount::micros(100);
    params.min_deposit = Amount::micros(100);
    params.w_disp_s = 2;
    params.w_unbond_s = 8;
    return genesis;
}

std::shared_ptr<const market::Network> test_network()
{
    const auto genesis = test_genesis();
    return std::make_shared<market::Network>(genesis, *genesis_id(genesis));
}

Bytes signed_transaction(const market::Network& network, std::uint8_t n, std::uint64_t nonce,
                         const market::Message& message, Amount fee, Lane lane)
{
    auto envelope = market::make_transaction(test_account(n), lane, {nonce}, fee, 0, message);
    const auto id = market::transaction_id(network.transactions, envelope, message);
    envelope.signature = sign(test_key(n), retag<Hash>(id));
    return encode_transaction(envelope);
}

market::CheckedTransaction checked_transaction(const market::Network& network, std::uint8_t n,
                                               std::uint64_t nonce, const market::Message& message,
                                               Amount fee)
{
    return *market::check_transaction(network, signed_transaction(network, n, nonce, message, fee));
}

}  // namespace node
