#pragma once

#include "ledger/chain/genesis.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/execute.hpp"
#include "market/network.hpp"

#include <memory>

/// A network of one validator in memory, and people on it with fixed keys.
namespace node {

/// The key of person `n`, from 1; person 1 is the validator and is paid its fees.
ledger::SecretKey test_key(std::uint8_t n);
ledger::Address test_account(std::uint8_t n);

/// Persons 1 to 5 hold 1,000 tokens each; fees are at least 10, a claim's window is 2 s.
ledger::Genesis test_genesis();
std::shared_ptr<const market::Network> test_network();

/// Signed by person `n`.
ledger::Bytes signed_transaction(const market::Network&, std::uint8_t n, std::uint64_t nonce,
                                 const market::Message&,
                                 ledger::Amount fee = ledger::Amount::micros(10),
                                 ledger::Lane lane = {});
market::CheckedTransaction checked_transaction(const market::Network&, std::uint8_t n,
                                               std::uint64_t nonce, const market::Message&,
                                               ledger::Amount fee = ledger::Amount::micros(10));

}  // namespace node
