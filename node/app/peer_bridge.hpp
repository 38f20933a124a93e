#pragma once

#include "node/app/home.hpp"
#include "node/app/snapshot_keeper.hpp"
#include "node/core/ledger_service.hpp"
#include "node/providers/provider_service.hpp"
#include "node/transport/peer_network.hpp"

#include <atomic>

namespace node {

/// Carries frames between the peers' thread and the ledger's: what peers say to the ledger, and
/// what the ledger wants sent. Questions about snapshots go to who keeps them, pages of providers
/// to who collects those; knows no other message. Either end may be missing for a while at the
/// start and at the end; until both are there nothing is carried. Threads: the two.
class PeerBridge final : public PeerHandler, public PeerPort {
public:
    /// Once, before either side starts. Both outlive all calls, which end when they stop.
    void join(PeerNetwork&, LedgerService&, SnapshotKeeper* = nullptr);
    void join(ProviderService& providers) { providers_ = &providers; }
    /// How pages of providers go out: to peers that know the channel.
    PageGossip::Port page_port();

    void connected(const PeerInfo&) override;
    void received(const ledger::PublicKey& from, InboundFrame) override;
    void ended(const ConnectionEnd&) override;

    void send(std::span<const ledger::PublicKey> to, MessageKind, ledger::ByteView) override;
    void record(const ledger::PublicKey& peer, Deed deed) override;
    void misbehaved(const ledger::PublicKey& peer, const std::string& what) override;

private:
    PeerNetwork* network_ = nullptr;
    LedgerService* ledger_ = nullptr;
    SnapshotKeeper* snapshots_ = nullptr;  ///< null: nobody is answered about them
    ProviderService* providers_ = nullptr;
};

/// What a home and its configuration say of connections. `invalid` names what is wrong.
ledger::Result<PeerNetworkConfig> peer_network_config(const Home&, const Config&,
                                                      const market::Network&);

}  // namespace node
