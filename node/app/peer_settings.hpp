#pragma once

#include "ledger/base/result.hpp"
#include "node/app/config.hpp"
#include "node/transport/peer_network.hpp"

#include <string_view>
#include <vector>

namespace node {

/// PUBLICKEYHEX@HOST:PORT: a compressed secp256k1 key of 66 hex digits, with 0x or without, and an
/// IP address as `address_from_text` reads it. Empty when it is anything else.
std::optional<FixedPeer> parse_fixed_peer(std::string_view text);
std::string to_text(const FixedPeer&);

/// What the section `peers` says, read. The caller adds chain, genesis and file.
struct PeerSettings {
    NetAddress listen;
    std::vector<NetAddress> advertised;
    std::vector<FixedPeer> fixed;
    PeerLimits limits;
};

/// `invalid` names the member of the configuration that is wrong.
ledger::Result<PeerSettings> read_peer_settings(const PeersConfig&);

}  // namespace node
