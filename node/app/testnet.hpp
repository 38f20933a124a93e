#pragma once

#include "ledger/crypto/random.hpp"
#include "node/app/new_network.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace node {

/// A network of several nodes on one machine.
struct TestnetOptions {
    static constexpr std::uint32_t most_validators = 128;
    static constexpr std::uint32_t most_followers = 128;

    std::uint32_t validators = 4;
    std::uint32_t followers = 0;
    std::filesystem::path out;  ///< folder to make: must be absent or empty
    /// Node i serves HTTP on base + 10 i and peers on base + 10 i + 1.
    std::uint16_t base_port = 8700;
    NewNetwork network = {};
    bool account_per_node = false;  ///< each node's account holds 1,000,000 tokens
};

/// Paths are relative to the network's folder.
struct TestnetNode {
    std::string name;
    std::string home;
    bool validator{};
    std::string http;   ///< URL
    std::string peers;  ///< IP:PORT
    ledger::PublicKey peer_key;
    ledger::ConsensusKey consensus_key;
    ledger::Address account;
    friend bool operator==(const TestnetNode&, const TestnetNode&) = default;
};
MILLRACE_DESCRIBE(TestnetNode,
                  (name, home, validator, http, peers, peer_key, consensus_key, account))

/// What network.json says.
struct Testnet {
    std::string name;
    ledger::ChainId chain_id;
    std::string genesis;  ///< document
    std::uint32_t validators{};
    std::uint32_t followers{};
    std::vector<TestnetNode> nodes;  ///< the validators first
    friend bool operator==(const Testnet&, const Testnet&) = default;
};
MILLRACE_DESCRIBE(Testnet, (name, chain_id, genesis, validators, followers, nodes))

/// Writes homes node0, node1, … with keys, one genesis document and each other as fixed peers on
/// loopback; and network.json, which names them. Errors: invalid, and what the file system says;
/// what was written before an error stays.
ledger::Result<Testnet> make_testnet(const TestnetOptions&, ledger::Random&, ledger::TimeMs now);

}  // namespace node
