#pragma once

#include "wallet/cli/session.hpp"

#include <string>

namespace wallet::cli {

/// The keys of a node that is to be a validator, and the proof that whoever holds the consensus key
/// agrees to be this account's.
struct ValidatorKeys {
    ledger::Address account;
    ledger::ConsensusKey consensus_key;
    ledger::PublicKey peer_key;
    ledger::SchnorrSignature proof;
};
MILLRACE_DESCRIBE(ValidatorKeys, (account, consensus_key, peer_key, proof))

/// From the document that `millraced validator pop` prints: {"network", "account", "consensusKey",
/// "peerKey", "proof"}. Throws unless it is of this network and the proof holds.
ValidatorKeys validator_keys_from_file(const market::Network&, const std::string& path);

/// From the home of a node on this machine, whose key files sign the proof for `account`.
ValidatorKeys validator_keys_of_home(const market::Network&, const std::string& home,
                                     const ledger::Address& account);

}  // namespace wallet::cli
