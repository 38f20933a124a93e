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
    std::filesystem::path peer_key() const { return folder / "keys" / "peer.key"; }
    std::filesystem::path host_key() const { return folder / "keys" / "host.key"; }
    std::filesystem::path data() const { return folder / "data"; }
    std::filesystem::path journal() const { return data() / "journal"; }
    /// There once the home has had a journal: one that is missing then was lost.
    std::filesystem::path journal_mark() const { return data() / "journal.made"; }
    std::filesystem::path snapshots() const { return data() / "snapshots"; }
    /// Addresses, bans and anchors (PeerNetworkConfig::file).
    std::filesystem::path peers_file() const { return data() / "peers.bin"; }
};

/// A key file: 64 hex digits and a line end.
ledger::Result<ledger::SecretKey> read_key(const std::filesystem::path&);
ledger::Result<void> write_key(const std::filesystem::path&, const ledger::SecretKey&);

/// Empty where there is no such file: a follower does not need one. Whether the key is one of a
/// present validator, the ledger knows.
ledger::Result<std::optional<ledger::SecretKey>> read_validator_key(const Home&);

/// The key that this node shows to peers. Homes made before there were peers have none: it is
/// drawn and written then.
ledger::Result<ledger::SecretKey> read_or_make_peer_key(const Home&, ledger::Random&);

/// What a node signs with: votes, connections, and messages and receipts of its account.
struct NodeKeys {
    ledger::SecretKey validator;
    ledger::SecretKey peer;
    ledger::SecretKey host;
};

/// Makes the folders and files of a home, over what is there.
ledger::Result<void> write_home(const Home&, const NodeKeys&, const ledger::Genesis&,
                                const Config&);

struct InitOptions {
    /// "dev" for a network of this node alone, or the path of a genesis document.
    std::string network = "dev";
    /// With this name: a new network of one validator, this node, with a chain id drawn at random.
    std::string new_network;
    bool credit = false;  ///< the new network is without a coin
    std::vector<ledger::GenesisBalance> balances;
    std::vector<ledger::Address> issuers;
    /// The home follows the network of a genesis document without being one of its validators.
    /// It gets a validator key all the same, with which it may join later.
    bool follower = false;
    /// Keys to take over instead of drawing new ones; empty: new. The files keep their place.
    std::filesystem::path validator_key = {};
    std::filesystem::path peer_key = {};
    std::filesystem::path host_key = {};
};

/// Makes a new home: keys, genesis, configuration. Refuses a folder that is a home already; in a
/// new network keys of which two are the same; and, but for followers, a genesis document that
/// names this node's validator key nowhere or beside another peer key.
ledger::Result<void> init_home(const Home&, const InitOptions&, ledger::Random&,
                               ledger::TimeMs now);

/// Reads and checks genesis.json; its permissions do not matter, its content does.
ledger::Result<ledger::Genesis> read_genesis(const Home&);

}  // namespace node
