#pragma once

#include "edge/outbox/sender.hpp"
#include "ledger/disk/disk.hpp"

#include <string>

namespace edge {

/// Delivers batches as folders DEVICE-NUMBER in a folder that somebody else empties: a stick, a
/// mount, what a synchronising program watches. Each appears whole and once, also when the process
/// or the machine stops at any step, and when the batch was taken away before its delivery was
/// noted here: a mark says which batch is complete under its hidden name, and only its renaming
/// makes that name vanish.
class Outbox final : public Sender {
public:
    Outbox(ledger::Disk& disk, std::string folder, const ledger::PublicKey& device)
        : disk_{&disk}, folder_{std::move(folder)}, device_{device}
    {
    }

    /// `unavailable` when the folder is not there; `denied` when it has another batch of this name.
    ledger::Result<void> send(const StoredBatch& batch) override;
    void forget(std::uint64_t number) override;
    /// The name under which a batch appears.
    std::string name_of(std::uint64_t number) const;

private:
    ledger::Result<void> prepare(const StoredBatch& batch, const std::string& hidden,
                                 const std::string& mark);

    ledger::Disk* disk_;
    std::string folder_;
    ledger::PublicKey device_;
};

}  // namespace edge
