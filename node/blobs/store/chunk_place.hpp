#pragma once

#include "ledger/disk/disk.hpp"
#include "node/blobs/store/batch_store.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace node {

/// The bytes of one batch's chunks, whole chunks each. Any thread. Nothing is checked here: who
/// reads hashes what came.
class ChunkBytes {
public:
    virtual ~ChunkBytes() = default;
    /// Whether a chunk beside those that are written is what it has to be, or is not there at all.
    using Holds = std::function<bool(std::uint64_t index, ledger::ByteView chunk)>;
    /// The chunks of `range`, which `bytes` has the length of. After an error any of them may be
    /// there. A place that has to write others anew with them asks `holds` first, and writes
    /// nothing (`unavailable`) where one does not: what was read may be wrong, not what is there.
    [[nodiscard]] virtual ledger::Result<void> write(const ChunkRange& range,
                                                     ledger::ByteView bytes,
                                                     const Holds& holds) = 0;
    /// What was written before survives a loss of power. After an error nobody knows what does.
    [[nodiscard]] virtual ledger::Result<void> sync() = 0;
    /// The chunks of `range`, as far as they are there. `unavailable`: the place does not answer,
    /// which says nothing of the chunks; after any other error they are as good as damaged.
    virtual ledger::Result<ledger::Bytes> read(const ChunkRange& range) = 0;
    /// Removes what lies there beside these chunks and counts for nothing, some of it at a time:
    /// for the scrub, which tells what it looks at, from the first chunk on.
    [[nodiscard]] virtual ledger::Result<void> tidy(const ChunkRange&) { return {}; }
};

/// Where the bytes of chunks lie. Any thread. Errors: those of BatchStore, `unavailable` where the
/// place does not answer.
class ChunkPlace {
public:
    /// Of a batch: its name is the root in hex.
    struct Of {
        const std::string& folder;
        const std::string& name;
    };
    virtual ~ChunkPlace() = default;

    /// Makes the place ready for a new batch, with nothing in it of an earlier one.
    [[nodiscard]] virtual ledger::Result<void> create(const Of& of) = 0;
    virtual ledger::Result<std::shared_ptr<ChunkBytes>> open(const Of& of,
                                                             const BatchSummary& batch) = 0;
    /// Removes all chunks of a batch; fine when there are none.
    [[nodiscard]] virtual ledger::Result<void> erase(const Of& of) = 0;

    /// What these chunks take there.
    virtual std::uint64_t bytes_of(const BatchSummary& batch, const ChunkSet& have) const = 0;
    /// What these may take beside all that is there already, at most.
    virtual std::uint64_t room_for(const BatchSummary& batch, const ChunkSet& have,
                                   const ChunkRange& range) const = 0;
    /// The chunks that are written anew when these are.
    virtual ChunkRange written_with(const BatchSummary&, const ChunkRange& range) const
    {
        return range;
    }
    /// For how long a call that was given up may still be carried out there: what is found of a
    /// removed batch until then is removed again.
    virtual std::chrono::seconds lateness() const { return {}; }
    /// Tells this place from others, in one line; empty: beside the other files of the batches.
    virtual std::string label() const = 0;
};

/// Each chunk at its place in NAME.chunks, with holes, beside the other files of the batch.
class ChunkFiles final : public ChunkPlace {
public:
    /// `disk` must outlive this.
    explicit ChunkFiles(ledger::Disk& disk) : disk_{disk} {}

    ledger::Result<void> create(const Of&) override;
    ledger::Result<std::shared_ptr<ChunkBytes>> open(const Of&, const BatchSummary&) override;
    ledger::Result<void> erase(const Of&) override;
    std::uint64_t bytes_of(const BatchSummary&, const ChunkSet& have) const override;
    std::uint64_t room_for(const BatchSummary&, const ChunkSet& have,
                           const ChunkRange&) const override;
    std::string label() const override { return {}; }

private:
    ledger::Disk& disk_;
};

}  // namespace node
