#pragma once

#include "node/sync/snapshot_fetch.hpp"
#include "tests/support/snapshot_network.hpp"
#include "tests/support/temporary_folder.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace node {

/// A home without a ledger that fetches a snapshot from peers in virtual time, onto a disk that is
/// real. Its process may be killed between any two messages: the next one has what is on the disk,
/// and knows nothing else.
class SnapshotLife {
public:
    /// Trusts the validators of this world's first epoch.
    explicit SnapshotLife(const ledger::SnapshotWorld& world);

    /// Peers connect to every process from now on, until they leave or one bans them.
    void join(std::uint8_t number, const MemoryLibrary& library, std::uint64_t latency_ms = 20,
              Manner manner = {});
    void leave(std::uint8_t number);
    void start();
    void kill();
    /// Until it holds, looked at after every message, or so much time has gone by; whether it does.
    bool run_until(const std::function<bool()>& holds, std::uint64_t at_most_ms);
    /// The same of the end of the fetch.
    bool run(std::uint64_t at_most_ms);

    const SnapshotFetch& fetch() const { return *fetch_; }
    /// The chunks on the disk, damaged or not.
    std::vector<std::size_t> kept() const;
    /// Names of all files of the place, without those of its folders.
    std::vector<std::string> files() const;
    /// Flips a byte of a chunk on the disk.
    void damage(std::size_t chunk) const;
    bool has_ended_with_blocks() const;

    std::uint64_t now_ms = 1'000;
    std::vector<std::size_t> asked;  ///< chunks, by the process that runs
    /// Questions for chunks that were on the disk, of the snapshot asked for; ever.
    std::size_t asked_for_kept = 0;
    std::map<ledger::PublicKey, std::string> banned;
    std::vector<std::string> said;
    std::optional<std::string> state;  ///< of the ledger that was restored

    ledger::TemporaryFolder folder{ledger::TemporaryFolder::Place::memory};
    const ledger::RestorePlace place{folder.path()};

private:
    struct Provider {
        std::unique_ptr<SnapshotServer> server;
        std::uint64_t latency_ms;
        Manner manner;
    };
    struct Arrival {
        ledger::PublicKey from;
        MessageKind kind;
        ledger::Bytes payload;
    };
    SnapshotFetch::Port port();
    void answer(const ledger::PublicKey& to, MessageKind asked_kind, ledger::ByteView question);
    void note_question(ledger::ByteView question);
    ledger::Result<void> restore(ledger::SnapshotCollection& chunks);
    void end_banned();
    bool is_chunk_here(std::size_t chunk) const;

    std::shared_ptr<const ledger::consensus::Epoch> epoch_;
    ledger::StoredBlock genesis_;
    ledger::consensus::SchnorrVerifier verifier_;
    mutable ledger::PosixDisk disk_;
    std::map<ledger::PublicKey, Provider> providers_;
    std::multimap<std::uint64_t, Arrival> arrivals_;
    std::vector<ledger::PublicKey> to_end_;
    std::unique_ptr<SealChain> seals_;
    std::unique_ptr<SnapshotFetch> fetch_;
};

}  // namespace node
