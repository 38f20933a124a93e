#pragma once

#include "edge/queue/queue.hpp"

#include <functional>
#include <optional>

namespace edge {

/// Where batches go.
class Sender {
public:
    virtual ~Sender() = default;
    /// The other side has the batch for good when this returns, and has it once however often it is
    /// sent. `corrupt` when the bytes are not those that were signed, `denied` when this batch is
    /// not taken, though others may be.
    [[nodiscard]] virtual ledger::Result<void> send(const StoredBatch& batch) = 0;
    /// The batch is not in the queue any more and will not be sent again.
    virtual void forget(std::uint64_t number) = 0;
    /// Whether sending this batch now may take much longer than writing to a disk does.
    virtual bool may_take_long(std::uint64_t) const { return false; }
};

struct Sent {
    std::uint64_t batches{};
    std::uint64_t set_aside{};             ///< damaged; their files are kept
    std::uint64_t refused{};               ///< not taken; they stay in the queue
    std::optional<ledger::Error> refusal;  ///< of the first of these
};

/// Notes in the queue and in `sent` what came of sending a batch. An error: that of `done`, where
/// nothing else can be sent now either, or of the queue's disk.
ledger::Result<void> note(Queue& queue, Sender& sender, std::uint64_t number,
                          const ledger::Result<void>& done, Sent& sent);

/// Sends every closed batch, the oldest first; stops at the first that cannot be sent now, and
/// after a batch where `goes_on` says no. One that is refused does not keep others from being sent.
ledger::Result<Sent> send_all(Queue& queue, Sender& sender,
                              const std::function<bool()>& goes_on = {});

}  // namespace edge
