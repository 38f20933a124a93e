#pragma once

#include "wallet/batches/fetch_batch.hpp"
#include "wallet/rental/board.hpp"
#include "wallet/rental/notes.hpp"

namespace wallet::rental {

/// What one party has from the board of an order: who said what, and the batches that lie there.
/// One thread. Failures as Board and BatchClient; a node that is busy is not waited for long.
class Meeting {
public:
    /// `box` is the key that things are sealed to for this party.
    Meeting(Board board, HttpTrust trust, ledger::X25519Key box);

    Board& board() { return board_; }
    const ledger::X25519Key& box() const { return box_; }
    const ledger::X25519PublicKey& box_point() const { return box_point_; }

    /// Hears all that is new and keeps keys, batches and wrapped keys; all else is returned.
    Outcome<std::vector<Heard>> listen();

    /// The key that somebody has things sealed to, as it said last.
    std::optional<ledger::X25519PublicKey> key_of(const ledger::Address& party) const;
    /// Batches that a party brought for one use, and of states and results those for this party:
    /// the newest of each number, by number.
    std::vector<BatchNote> batches(BatchUse use, const ledger::Address& by) const;
    /// Keys of a batch that anybody sealed to this party: which of them opens it is seen when it
    /// does.
    std::vector<WrappedKey> given(const ledger::Hash& root) const;

    /// Announces a batch and sends what the node has not got of it.
    Outcome<void> bring(BatchFolder& batch, BatchUse use, std::uint64_t number,
                        const ledger::X25519PublicKey& to, const BeginTelling& begin);
    /// The batch in `folder`, fetched from the node unless it is there; `refused` above so many
    /// bytes, `unverified` where the node has another manifest than was announced.
    Outcome<BatchFolder> fetch(const BatchNote& announced, const std::filesystem::path& folder,
                               std::uint64_t most_bytes, const BeginTelling& begin);
    /// Gives somebody the keys of batches: of the first call for each, whatever comes later.
    Outcome<void> give(const ledger::X25519PublicKey& to,
                       const std::vector<std::pair<BatchManifest, const ledger::SecretKey*>>& keys,
                       ledger::Random& random);
    /// The key of a batch: one that its manifest has for this party, or that somebody gave.
    std::optional<ledger::SecretKey> open(const BatchFolder& batch) const;

private:
    struct OfParty {
        std::optional<ledger::X25519PublicKey> key;
        std::vector<BatchNote> batches;
        std::vector<WrappedKey> given;
    };

    Board board_;
    BatchClient node_;
    ledger::X25519Key box_;
    ledger::X25519PublicKey box_point_;
    std::map<ledger::Address, OfParty> parties_;
    std::map<ledger::X25519PublicKey, KeysNote> gave_;
};

}  // namespace wallet::rental
