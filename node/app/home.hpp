#pragma once

#include "ledger/chain/genesis.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "node/app/config.hpp"

#include <filesystem>
#include <optional>

namespace node {

/// The folder of one node: 0700, its keys 0600.
struct Home {
    std::filesystem::path folder;

    std::filesystem::path config() const { return folder / "config.json"; }
    std::filesystem::path genesis() const { return folder / "genesis.json"; }
    std::filesystem::path validator_key() const { return folder / "keys" / "validator.key"; }
    std::filesystem::path host_key() const { return folder / "keys" / "host.key"; }
    std::filesystem::path data() const { return folder / "data"; }
};

/// A key file: 64 hex digits and a line end.
ledger::Result<ledger::SecretKey> read_key(const std::filesystem::path&);
ledger::Result<void> write_key(const std::filesystem::path&, const ledger::SecretKey&);

struct InitOptions {
    /// "dev" for a network of this node alone, or the path of a genesis document.
    std::string network = "dev";
    /// With this name: a new network of one validator, this node, with a chain id drawn at random.
    std::string new_network;
    bool credit = false;  ///< the new network is without a coin
    std::vector<ledger::GenesisBalance> balances;
    std::vector<ledger::Address> issuers;
    /// Keys to take over instead of drawing new ones; empty: new. The files keep their place.
    std::filesystem::path validator_key = {};
    std::filesystem::path host_key = {};
};

/// Makes a new home: keys, genesis, configuration. Refuses a folder that is a home already, and a
/// genesis document whose validator is another key than this node's.
ledger::Result<void> init_home(const Home&, const InitOptions&, ledger::Random&,
                               ledger::TimeMs now);

/// Parameters for trying things out: windows of seconds, fees of a thousandth of a token.
ledger::Parameters dev_parameters();

/// Reads and checks genesis.json; its permissions do not matter, its content does.
ledger::Result<ledger::Genesis> read_genesis(const Home&);

}  // namespace node
