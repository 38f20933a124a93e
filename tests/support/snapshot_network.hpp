#pragma once

#include "node/sync/snapshot_server.hpp"
#include "node/sync/snapshot_sync.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace node {

/// A snapshot in memory.
class MemoryLibrary final : public SnapshotLibrary {
public:
    void add(const ledger::SnapshotWorld& world);
    std::vector<SnapshotOffer> offers() const override;
    ledger::Result<ledger::SnapshotManifest> manifest(const ledger::Hash& id) const override;
    ledger::Result<ledger::Bytes> chunk(const ledger::Hash& id, std::size_t index) const override;

    struct Book {
        ledger::SnapshotManifest manifest;
        std::vector<ledger::Bytes> chunks;
    };
    std::map<ledger::Hash, Book> books;
};

/// What a provider does with the answer that it should give; nothing: silence.
using Manner = std::function<std::optional<ledger::Bytes>(MessageKind asked, ledger::Bytes answer)>;

/// One node that wants a snapshot and the peers it asks, in virtual time.
class SnapshotNetwork : public TrustedEpochs {
public:
    explicit SnapshotNetwork(std::shared_ptr<const ledger::consensus::Epoch> epoch,
                             SnapshotSyncLimits limits = {}, ledger::Height above = {});

    static ledger::PublicKey name(std::uint8_t number);
    void join(std::uint8_t number, const MemoryLibrary& library, std::uint64_t latency_ms = 20,
              Manner manner = {});
    void leave(std::uint8_t number);
    /// Until every chunk is kept or this much time has gone by; whether it is complete.
    bool run(std::uint64_t at_most_ms);

    std::shared_ptr<const ledger::consensus::Epoch> epoch(std::uint64_t number) const override;
    void handle(const SnapshotActions& actions);
    bool was_dropped(std::uint8_t number) const { return dropped.contains(name(number)); }

    std::uint64_t now_ms = 1'000;
    std::map<std::uint64_t, std::shared_ptr<const ledger::consensus::Epoch>> known;
    ledger::consensus::SchnorrVerifier verifier;
    SnapshotSync sync;
    std::map<ledger::Hash, std::map<std::size_t, ledger::Bytes>> kept;  ///< survives restarts
    std::map<ledger::PublicKey, std::string> dropped;
    std::map<ledger::PublicKey, std::size_t> chunks_asked;  ///< ever
    std::vector<std::uint64_t> epochs_wanted;
    std::size_t most_at_once = 0;  ///< chunks asked for
    std::size_t times_chosen = 0;

private:
    struct Provider {
        std::unique_ptr<SnapshotServer> server;
        std::uint64_t latency_ms;
        Manner manner;
    };
    struct Arrival {
        ledger::PublicKey from;
        bool is_chunk;
        ledger::Bytes payload;
    };
    void answer(const SnapshotAction& question);

    std::optional<ledger::SnapshotContent> current_;  ///< chosen last
    std::map<ledger::PublicKey, Provider> providers_;
    std::multimap<std::uint64_t, Arrival> arrivals_;
};

}  // namespace node
