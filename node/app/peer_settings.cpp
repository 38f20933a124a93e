#include "node/app/peer_settings.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <set>

namespace node {
namespace {

using namespace ledger;

constexpr std::uint32_t most_slots = 4'096;
constexpr std::size_t most_fixed = 1'024;
constexpr std::size_t most_advertised = 4;  // as many as a peer's signed record holds

Error wrong_peers(const std::string& what)
{
    return {ErrorKind::invalid, "peers." + what};
}

/// The address alone, with the port that stands beside it in the file.
std::optional<NetAddress> listen_address(const std::string& address, std::uint16_t port)
{
    const auto host = address.find(':') == std::string::npos ? address : "[" + address + "]";
    auto parsed = address_from_text(host + ":1");
    if (parsed) parsed->port = port;
    return parsed;
}

}  // namespace

std::optional<FixedPeer> parse_fixed_peer(std::string_view text)
{
    const auto at = text.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    auto digits = text.substr(0, at);
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    if (digits.size() != 2 * PublicKey::size) return std::nullopt;
    const auto bytes = from_hex(digits);
    if (!bytes) return std::nullopt;
    const auto key = parse_public_key(*bytes);
    const auto address = address_from_text(text.substr(at + 1));
    if (!key || !address) return std::nullopt;
    return FixedPeer{*key, *address};
}

std::string to_text(const FixedPeer& peer)
{
    return to_hex(peer.key.view()) + "@" + to_text(peer.address);
}

Result<PeerSettings> read_peer_settings(const PeersConfig& config)
{
    PeerSettings settings;
    const auto listen = listen_address(config.address, config.port);
    if (!listen) return wrong_peers("address is not an IP address");
    settings.listen = *listen;
    if (config.advertised.size() > most_advertised)
        return wrong_peers("advertised has over " + std::to_string(most_advertised) + " addresses");
    for (const auto& text : config.advertised) {
        const auto address = address_from_text(text);
        if (!address)
            return wrong_peers("advertised: " + text + " is not IP:PORT, as in 192.0.2.1:8701");
        settings.advertised.push_back(*address);
    }
    if (config.fixed.size() > most_fixed)
        return wrong_peers("fixed has over " + std::to_string(most_fixed) + " peers");
    std::set<PublicKey> keys;
    for (const auto& text : config.fixed) {
        const auto peer = parse_fixed_peer(text);
        if (!peer) return wrong_peers("fixed: " + text + " is not PUBLICKEYHEX@IP:PORT");
        if (!keys.insert(peer->key).second)
            return wrong_peers("fixed: a key stands twice: " + text);
        settings.fixed.push_back(*peer);
    }
    if (config.full_outbound > most_slots) return wrong_peers("fullOutbound is 0 to 4096");
    if (config.inbound > most_slots) return wrong_peers("inbound is 0 to 4096");
    settings.limits.full_outbound = config.full_outbound;
    settings.limits.inbound = config.inbound;
    settings.limits.private_addresses = config.private_addresses;
    return settings;
}

}  // namespace node
