#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/sealing/batch_key.hpp"

#include <cstdint>
#include <vector>

namespace edge {

/// What a batch has become since it was last looked at.
struct Growth {
    std::uint64_t from{};                  ///< where in the sealed batch the bytes stand
    ledger::Bytes sealed;                  ///< from there to its end
    std::vector<ledger::Hash> key_hashes;  ///< of the chunks begun since
};

/// Seals a stream of items as it grows, so that what was sealed last is a whole batch whenever
/// nothing more comes: its end is sealed too, and gives way when the stream goes on.
///
/// The last chunk is thus sealed several times under one key and nonce. That shows nothing: one
/// text is the beginning of the next but for a single byte, the end of the items in the place of
/// the beginning of one, and both values are known to everybody. Only the tag could be forged by
/// who saw two of them; the leaf commits to the ciphertext all the same (DECISIONS.md). Hence what
/// has been given out must never be taken back: after a failed write drop this and its key.
///
/// Pure. One thread.
class GrowingBatch {
public:
    GrowingBatch(const ledger::SecretKey& batch, const ledger::Hash& dataset);
    ~GrowingBatch();
    GrowingBatch(const GrowingBatch&) = delete;
    GrowingBatch& operator=(const GrowingBatch&) = delete;

    /// Goes on with the stream; must end between two items when `grow` is called.
    void write(ledger::ByteView text);
    /// Closes the stream as it is now.
    Growth grow();
    /// Sealed since `grow` was last called, without the unfinished chunk.
    std::uint64_t waiting_bytes() const { return next_.sealed.size(); }
    /// The length of the batch when it was last closed.
    std::uint64_t sealed_bytes() const { return sealed_bytes_; }

private:
    void seal(bool is_last);

    ledger::SecretBytes data_key_;
    ledger::Hash dataset_;
    ledger::Bytes text_;        ///< of the unfinished chunk
    std::uint64_t index_ = 0;   ///< of it
    std::size_t given_ = 0;     ///< of its text, sealed and given out for good
    bool key_is_told_ = false;  ///< whether its key's hash was given out
    Growth next_;
    std::uint64_t sealed_bytes_ = 0;
};

}  // namespace edge
