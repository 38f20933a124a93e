#pragma once

#include "edge/queue/queue.hpp"

namespace edge {

/// Where batches go.
class Sender {
public:
    virtual ~Sender() = default;
    /// The other side has the batch for good when this returns, and has it once however often it is
    /// sent. `corrupt` when the bytes are not those that were signed.
    [[nodiscard]] virtual ledger::Result<void> send(const StoredBatch& batch) = 0;
    /// The batch is not in the queue any more and will not be sent again.
    virtual void forget(std::uint64_t number) = 0;
};

struct Sent {
    std::uint64_t batches{};
    std::uint64_t set_aside{};  ///< damaged; their files are kept
};

/// Sends every closed batch, the oldest first; stops at the first that cannot be sent now.
ledger::Result<Sent> send_all(Queue& queue, Sender& sender);

}  // namespace edge
