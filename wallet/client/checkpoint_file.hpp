#pragma once

#include "ledger/light/checkpoint.hpp"
#include "market/network.hpp"
#include "wallet/client/failure.hpp"

#include <filesystem>
#include <optional>

namespace wallet {

/// A checkpoint, and when its epoch was last seen to go on.
struct KeptCheckpoint {
    ledger::light::TrustedCheckpoint trusted;
    /// The latest of: the anchor's time, the time of a block proven since, the moment at which
    /// somebody vouched for it.
    ledger::TimeMs seen_ms;
    friend bool operator==(const KeptCheckpoint&, const KeptCheckpoint&) = default;
};
MILLRACE_DESCRIBE(KeptCheckpoint, (trusted, seen_ms))

/// The genesis of a network as its first checkpoint.
Outcome<KeptCheckpoint> first_checkpoint(const market::Network&);

/// Whether validators of the checkpoint may have left since and have their stake back: then their
/// word costs them nothing (weak subjectivity). Never in an authority network, where there is no
/// stake and the governors' word counts. `now` is the wallet's clock.
bool is_too_old(const ledger::Genesis&, const KeptCheckpoint&, ledger::TimeMs now);

/// networks/GENESIS_ID/checkpoint.json under the wallet's home, for the owner alone. On disk when
/// a write returns, whole or not at all.
class CheckpointFile {
public:
    CheckpointFile(const std::filesystem::path& home, const ledger::BlockId& genesis_id);

    const std::filesystem::path& path() const { return path_; }
    /// Empty when there is none; `failed` when it is damaged, `denied` when others can read it.
    Outcome<std::optional<KeptCheckpoint>> load() const;
    /// Keeps what was verified, unless what is there is newer: never goes back.
    Outcome<void> advance(const KeptCheckpoint&) const;
    /// Keeps what somebody vouched for, whatever was there.
    Outcome<void> replace(const KeptCheckpoint&) const;

private:
    std::filesystem::path path_;
};

}  // namespace wallet
