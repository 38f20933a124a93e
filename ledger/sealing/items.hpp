#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Many named things as one stream of bytes: the files of a folder, the frames of a camera, the
/// rows of a sensor. "MLRITEM1", then for each item u8 1, u16 length of its name, the name,
/// u64 size, its bytes; at the end u8 0. Integers big-endian.
namespace ledger::sealing {

inline constexpr std::size_t item_name_bytes = 1024;

/// `invalid` unless it is a relative path of 1 to 1,024 bytes whose parts are divided by single
/// slashes, none of them "." or "..", without control characters or backslashes: safe to join to
/// a folder.
Result<void> check_item_name(std::string_view name);

/// What stands before the first item, before one item's bytes, and after the last. The name must
/// have been checked.
Bytes items_begin();
Bytes item_header(std::string_view name, std::uint64_t size);
Bytes items_end();

/// Reads such a stream from pieces of any size, holding one name at most.
class ItemReader {
public:
    struct Handler {
        std::function<Result<void>(const std::string& name, std::uint64_t size)> begin;
        std::function<Result<void>(ByteView piece)> data;
        std::function<Result<void>()> end;  ///< of one item
    };

    explicit ItemReader(Handler handler) : handler_{std::move(handler)} {}

    /// Errors: the handler's; `invalid` when it is no such stream. After one, nothing works.
    Result<void> read(ByteView more);
    /// `invalid` when the stream stops before its end.
    Result<void> finish() const;

    std::uint64_t items() const { return items_; }

private:
    enum class Expect { magic, kind, name_length, name, size, data, nothing };
    Result<void> take(ByteView& more);
    Result<void> field();
    Result<void> begin_item(std::uint64_t size);
    Result<void> end_item();
    void expect(Expect next, std::size_t bytes);

    Handler handler_;
    Expect expect_ = Expect::magic;
    std::size_t wanted_ = 8;
    Bytes got_;
    std::string name_;
    std::uint64_t left_ = 0;  ///< of the present item's bytes
    std::uint64_t items_ = 0;
};

}  // namespace ledger::sealing
