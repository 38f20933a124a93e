#pragma once

#include "edge/queue/batch_records.hpp"
#include "edge/queue/record.hpp"

#include <optional>
#include <vector>

namespace edge {

/// A batch as its file has it: what of the sealed bytes stands where. Made without any key.
class BatchImage {
public:
    enum class End {
        closed,   ///< by the device that made it
        open,     ///< after a whole record
        torn,     ///< within a record that nothing follows
        damaged,  ///< before a record that does not hold, or does not fit what is before it
    };

    /// Reads a file, whatever its bytes are. `not_found` when it has no beginning of a batch
    /// and nothing behind it, `corrupt` when that is damaged; `io`.
    static ledger::Result<BatchImage> scan(const ledger::File& file, std::uint64_t number);

    std::uint64_t number() const { return number_; }
    const BatchBegin& begin() const { return begin_; }
    std::uint64_t items() const { return items_; }
    std::uint64_t shares() const { return shares_; }
    std::uint64_t sealed_bytes() const { return sealed_bytes_; }
    const std::vector<ledger::Hash>& key_hashes() const { return key_hashes_; }  ///< of its chunks
    const std::vector<ItemId>& ids() const { return ids_; }
    const std::optional<BatchClose>& close() const { return close_; }

    End end() const { return end_; }
    std::uint64_t records_end() const { return records_end_; }
    std::uint64_t last_record() const { return last_record_; }  ///< where it begins
    std::uint32_t records() const { return records_; }

    /// Up to `at_most` of the sealed bytes from `offset` on; fewer at their end. `corrupt` where
    /// the file is shorter than it was.
    ledger::Result<ledger::Bytes> read(const ledger::File& file, std::uint64_t offset,
                                       std::size_t at_most) const;

private:
    struct Piece {
        std::uint64_t from;    ///< in the sealed batch
        std::uint64_t offset;  ///< of the same byte in the file
    };
    /// False when the record does not fit what is before it.
    ledger::Result<bool> take(const ledger::File& file, const RecordPlace& place);
    ledger::Result<bool> take_piece(const ledger::File& file, const RecordPlace& place);

    std::uint64_t number_ = 0;
    BatchBegin begin_;
    std::vector<Piece> pieces_;
    std::uint64_t items_ = 0;
    std::uint64_t shares_ = 0;
    std::uint64_t sealed_bytes_ = 0;
    std::vector<ledger::Hash> key_hashes_;
    std::vector<ItemId> ids_;
    std::optional<BatchClose> close_;
    End end_ = End::open;
    std::uint64_t records_end_ = 0;
    std::uint64_t last_record_ = 0;
    std::uint32_t records_ = 0;
};

}  // namespace edge
