#include "node/app/peer_bridge.hpp"

#include "ledger/base/hex.hpp"
#include "node/app/peer_settings.hpp"

#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;

namespace {

bool about_snapshots(MessageKind kind)
{
    return kind == message::get_snapshot || kind == message::snapshot ||
           kind == message::get_snapshot_chunk || kind == message::snapshot_chunk;
}

}  // namespace

Result<PeerNetworkConfig> peer_network_config(const Home& home, const Config& config,
                                              const market::Network& network)
{
    auto settings = read_peer_settings(config.peers);
    if (!settings) return settings.error();
    PeerNetworkConfig wanted{network.genesis.chain_id, network.genesis_id, settings->listen};
    wanted.listens = config.peers.listen;
    wanted.advertised = settings->advertised;
    wanted.peers = settings->fixed;
    wanted.file = home.peers_file();
    wanted.peer_limits = settings->limits;
    wanted.features = feature::providers;
    return wanted;
}

void PeerBridge::join(PeerNetwork& network, LedgerService& service, SnapshotKeeper* snapshots)
{
    network_ = &network;
    ledger_ = &service;
    snapshots_ = snapshots;
}

PageGossip::Port PeerBridge::page_port()
{
    PageGossip::Port port;
    port.send = [this](const PublicKey& to, MessageKind kind, ByteView payload) {
        network_->send(to, kind, payload);
    };
    port.broadcast = [this](MessageKind kind, ByteView payload,
                            const std::optional<PublicKey>& except) {
        network_->broadcast(kind, payload, except, feature::providers);
    };
    port.record = [this](const PublicKey& peer, Deed deed) { record(peer, deed); };
    port.misbehaved = [this](const PublicKey& peer, const std::string& what) {
        misbehaved(peer, what);
    };
    return port;
}

void PeerBridge::connected(const PeerInfo& peer)
{
    spdlog::info("peer {} at {} is connected, {}", to_hex(peer.key.view()).substr(0, 16),
                 to_text(peer.address), name_of(peer.use));
    // A feeler only asks whether somebody is there.
    if (peer.use == ConnectionUse::feeler) return;
    ledger_->peer_connected(peer.key, peer.we_dialled);
    if (providers_ != nullptr) providers_->connected(peer);
}

void PeerBridge::received(const PublicKey& from, InboundFrame inbound)
{
    const auto kind = inbound.frame.kind;
    if (snapshots_ != nullptr && snapshots_->asked(from, inbound)) return;
    if (about_snapshots(kind)) return;
    if (providers_ != nullptr && providers_->asked(from, inbound)) return;
    if (kind.channel == Channel::providers) return;
    auto payload = std::move(inbound.frame.payload);
    ledger_->peer_frame(from, kind, std::move(payload),
                        std::make_shared<InboundFrame>(std::move(inbound)));
}

void PeerBridge::ended(const ConnectionEnd& end)
{
    const auto who = end.key ? to_hex(end.key->view()).substr(0, 16) : std::string{"unknown"};
    if (end.was_connected) {
        spdlog::info("peer {} at {} is gone: {} {}", who, to_text(end.address), name_of(end.reason),
                     end.detail);
        ledger_->peer_gone(*end.key);
        if (snapshots_ != nullptr) snapshots_->gone(*end.key);
        if (providers_ != nullptr) providers_->gone(*end.key);
    } else {
        spdlog::debug("no connection with {} at {}: {} {}", who, to_text(end.address),
                      name_of(end.reason), end.detail);
    }
}

void PeerBridge::send(std::span<const PublicKey> to, MessageKind kind, ByteView payload)
{
    for (const auto& peer : to) network_->send(peer, kind, payload);
}

void PeerBridge::record(const PublicKey& peer, Deed deed)
{
    network_->record(peer, deed);
}

void PeerBridge::misbehaved(const PublicKey& peer, const std::string& what)
{
    spdlog::warn("peer {} misbehaves: {}", to_hex(peer.view()).substr(0, 16), what);
    network_->ban(peer, what);
}

}  // namespace node
