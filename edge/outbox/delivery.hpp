#pragma once

#include "edge/outbox/sender.hpp"

#include <future>
#include <memory>
#include <optional>

namespace edge {

/// Sends the closed batches of a queue, one at a time, in a thread of its own, so that whoever has
/// the queue goes on adding to it. That thread has the sender and one batch, open for reading, and
/// no way to the queue: everything about the queue, and the noting of what was sent, happens where
/// `step` is called, in the queue's thread. Both must outlive it, and nobody else may use the
/// sender while `is_sending`.
class Delivery {
public:
    /// `io` when the system gives no descriptor.
    static ledger::Result<std::unique_ptr<Delivery>> make(Queue& queue, Sender& sender);
    /// Waits for the batch that is being sent. That it was is not noted: whoever sends from the
    /// queue next sends it again, which senders know how to do once.
    ~Delivery();
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// Notes what came of the batch that was being sent, and begins with the next: the oldest
    /// after one that was sent, the one behind it after one that was refused or set aside. Never
    /// waits. Empty while a batch is being sent. Otherwise it stopped, and the next call begins
    /// with the oldest again: because one was sent, because all that are left were refused, or for
    /// the errors of `send_all`.
    std::optional<ledger::Result<Sent>> step();
    /// Waits for the batch that is being sent, if one is, and notes what came of it.
    ledger::Result<Sent> finish();
    bool is_sending() const { return running_.has_value(); }
    /// Readable while there is something to note.
    int descriptor() const { return descriptor_; }

private:
    struct Running {
        std::uint64_t number;
        /// Held until what came of it is noted: until then the queue must not drop the batch.
        std::shared_ptr<const StoredBatch> batch;
        std::future<ledger::Result<void>> result;
    };

    Delivery(Queue& queue, Sender& sender, int descriptor)
        : queue_{&queue}, sender_{&sender}, descriptor_{descriptor}
    {
    }
    /// Whether there was something to note, which there is not any more.
    bool take_sign() const;
    ledger::Result<void> begin(std::uint64_t number);
    ledger::Result<void> end();
    ledger::Result<Sent> stop(const ledger::Result<void>& why);

    Queue* queue_;
    Sender* sender_;
    int descriptor_;
    std::uint64_t after_ = 0;
    Sent sent_;  ///< since it stopped last
    std::optional<Running> running_;
};

}  // namespace edge
