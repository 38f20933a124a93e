#pragma once

#include "ledger/snapshot/shelf.hpp"
#include "node/app/config.hpp"
#include "node/core/chain.hpp"
#include "node/env/clock.hpp"
#include "node/http/metrics.hpp"
#include "node/http/router.hpp"
#include "node/sync/shelf_library.hpp"
#include "node/transport/peer_handler.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace node {

/// Writes a node's snapshots and answers peers who ask for them, on two threads of its own. A state
/// that comes while one is being written is let go: the next one will do.
/// Any thread calls the public functions.
class SnapshotKeeper {
public:
    /// Sends to a peer, and says that one is at fault.
    struct Port {
        std::function<void(const ledger::PublicKey&, MessageKind, ledger::ByteView)> send;
        std::function<void(const ledger::PublicKey&, const std::string&)> misbehaved;
    };
    SnapshotKeeper(const SnapshotsConfig&, std::filesystem::path shelf, ledger::Disk&,
                   const ledger::BlockStore&, const Clock&, Port);
    ~SnapshotKeeper();
    void start();
    /// Gives up what is being written.
    void stop();

    void write(Frozen);
    /// Whether it was a question about snapshots; it is answered, or dropped where too many wait.
    bool asked(const ledger::PublicKey& from, InboundFrame&);
    void gone(const ledger::PublicKey& peer);

    /// The newest first, as of the last one written.
    std::vector<SnapshotOffer> offers() const;
    struct Counters {
        std::atomic<std::uint64_t> written, failed, chunks_sent, bytes_sent;
    };
    const Counters& counters() const { return counters_; }

    static constexpr std::size_t waiting_questions = 256;
    static constexpr std::ptrdiff_t questions_of_peer =
        16;  ///< four times what a node asks at once

private:
    struct Question {
        ledger::PublicKey from;
        InboundFrame frame;
    };
    void run_writer();
    void run_server();
    void refresh();
    void write_now(const Frozen&);
    void answer(const Question&);

    const SnapshotsConfig config_;
    const ledger::BlockStore& store_;
    const Clock& clock_;
    const Port port_;
    ledger::SnapshotShelf shelf_;
    ShelfLibrary library_;
    SnapshotServer server_;
    Counters counters_{};

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool writing_ = false;
    std::atomic<bool> give_up_ = false;
    std::optional<Frozen> next_;
    bool stale_ = false;  ///< the shelf has changed
    std::deque<Question> questions_;
    std::vector<ledger::PublicKey> gone_;
    std::vector<SnapshotOffer> offers_;
    std::thread writer_, answerer_;
};

/// GET /v1/snapshots, and millrace_snapshot_*.
void add_snapshot_routes(Router&, Metrics&, const SnapshotKeeper&);

}  // namespace node
