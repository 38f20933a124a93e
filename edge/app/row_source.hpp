#pragma once

#include "edge/queue/queue.hpp"

namespace edge::app {

/// Takes lines from a descriptor into a queue: a sensor's rows. The bytes are never larger than one
/// row and one read; a row that is too long is passed over and counted.
class RowSource {
public:
    explicit RowSource(int descriptor);
    ~RowSource();
    RowSource(const RowSource&) = delete;
    RowSource& operator=(const RowSource&) = delete;

    /// Reads once, and adds the rows that are whole, and at the end the last one also. `full` when
    /// the queue takes no more now: the rows are kept and added by the next call. Must not be
    /// called before something is there to read, unless rows are kept.
    ledger::Result<void> read(Queue& queue);
    bool is_at_end() const { return is_at_end_ && kept_.empty(); }
    bool has_ended() const { return is_at_end_; }  ///< though rows may be kept
    bool keeps_rows() const { return keeps_rows_; }
    std::uint64_t rows() const { return rows_; }  ///< added
    std::uint64_t too_long() const { return too_long_; }

private:
    ledger::Result<void> add_rows(Queue& queue);

    int descriptor_;
    ledger::Bytes kept_;  ///< read and not added
    bool is_at_end_ = false;
    bool is_passing_over_ = false;  ///< the rest of a row that is too long
    bool keeps_rows_ = false;
    std::uint64_t rows_ = 0;
    std::uint64_t too_long_ = 0;
};

}  // namespace edge::app
