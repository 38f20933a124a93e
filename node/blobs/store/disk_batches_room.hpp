#pragma once

#include "node/blobs/store/disk_batches.hpp"

/// What the sources of DiskBatches share.
namespace node {

/// Bytes that `make_room` kept free, until it goes.
class DiskBatches::Room {
public:
    Room(DiskBatches& batches, std::uint64_t bytes) : batches_{batches}, bytes_{bytes} {}
    ~Room()
    {
        const std::lock_guard lock{batches_.mutex_};
        batches_.reserved_ -= bytes_;
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

private:
    DiskBatches& batches_;
    std::uint64_t bytes_;
};

inline ledger::Error no_batch()
{
    return {ledger::ErrorKind::not_found, "this batch is not kept here"};
}

inline ledger::Error is_busy()
{
    return {ledger::ErrorKind::unavailable,
            "somebody begins or removes this batch just now: ask once more"};
}

}  // namespace node
