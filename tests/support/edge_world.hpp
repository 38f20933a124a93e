#pragma once

#include "edge/queue/queue.hpp"
#include "ledger/crypto/x25519.hpp"

#include <map>
#include <string>

namespace edge {

/// A device, the owner of its data, and what the owner gets out of a batch.
struct EdgeWorld {
    explicit EdgeWorld(std::uint64_t seed)
        : random{seed},
          device{ledger::SecretKey::generate(random)},
          master{ledger::X25519Key::generate(random)}
    {
        options.network.bytes.fill(0x11);
        options.dataset.bytes.fill(0x22);
        options.masters = {x25519_public_key(master)};
        options.cut_bytes = 200'000;
        options.budget_bytes = 4'000'000;
    }

    ledger::Result<std::unique_ptr<Queue>> open(ledger::Disk& disk, const std::string& folder = "q")
    {
        return Queue::open(disk, folder, device, options, random, [this] { return now; });
    }

    ledger::SeededRandom random;
    ledger::SecretKey device;
    ledger::X25519Key master;
    QueueOptions options;
    std::uint64_t now = 1'800'000'000;
};

using Items = std::map<std::string, ledger::Bytes>;

/// The items of a batch by name, opened with the master key from what would be sent of it; the
/// signature is the device's. An error says what is wrong with it.
ledger::Result<Items> open_items(const StoredBatch& batch, const EdgeWorld& world);

/// `size` bytes that are the same for the same `seed`.
ledger::Bytes some_bytes(std::uint64_t seed, std::size_t size);
/// An id for the item of this number.
ItemId id_of(std::uint64_t number);

}  // namespace edge
