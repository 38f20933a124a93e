#include "samples/item_stream.hpp"

#include "ledger/sealing/items.hpp"

#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace samples {
namespace {

using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t stream_piece_bytes = 256u << 10;

Error stream_error(const char* what)
{
    return {ErrorKind::io, std::string{what} + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::shared_ptr<const Items>> read_item_stream(const Pull& pull, const Limits& limits)
{
    std::vector<Item> items;
    std::uint64_t left = limits.stream_bytes;
    ledger::sealing::ItemReader reader{
        {[&](const std::string& name, std::uint64_t size) -> Result<void> {
             if (items.size() == limits.items)
                 return Error{ErrorKind::full, "the stream has more than " +
                                                   std::to_string(limits.items) + " items"};
             if (name.size() > left || size > limits.file_bytes || size > left - name.size())
                 return Error{ErrorKind::full, name + " has " + std::to_string(size) +
                                                   " bytes, more than there is room for"};
             left -= name.size() + size;
             items.push_back({name, {}});
             return {};
         },
         [&](ledger::ByteView piece) -> Result<void> {
             ledger::append(items.back().bytes, piece);
             return {};
         },
         [&]() -> Result<void> {
             items.back().bytes.shrink_to_fit();
             return {};
         }}};
    Bytes piece(stream_piece_bytes);
    while (true) {
        const auto got = pull(piece);
        if (!got) return got.error();
        if (*got == 0) break;
        if (const auto read = reader.read(ledger::ByteView{piece}.first(*got)); !read)
            return read.error();
    }
    if (const auto whole = reader.finish(); !whole) return whole.error();
    return items_in_memory(std::move(items));
}

Result<std::shared_ptr<const Items>> read_item_stream(int descriptor, const Limits& limits)
{
    return read_item_stream(
        [descriptor](std::span<std::uint8_t> to) -> Result<std::size_t> {
            while (true) {
                const auto got = ::read(descriptor, to.data(), to.size());
                if (got >= 0) return static_cast<std::size_t>(got);
                if (errno != EINTR) return stream_error("the stream of items cannot be read");
            }
        },
        limits);
}

Result<void> write_item_stream(const Items& items, const Items::Take& put, const Limits& limits)
{
    if (auto done = put(ledger::sealing::items_begin()); !done) return done;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& name = items.name(i);
        if (auto good = ledger::sealing::check_item_name(name); !good) return good;
        const auto bytes = items.bytes(i, limits.file_bytes);
        if (!bytes) return bytes.error();
        if (auto done = put(ledger::sealing::item_header(name, (*bytes)->size())); !done)
            return done;
        if (auto done = put(**bytes); !done) return done;
    }
    return put(ledger::sealing::items_end());
}

Result<void> write_item_stream(const Items& items, int descriptor, const Limits& limits)
{
    return write_item_stream(
        items,
        [descriptor](ledger::ByteView piece) -> Result<void> {
            while (!piece.empty()) {
                const auto put = ::write(descriptor, piece.data(), piece.size());
                if (put < 0 && errno != EINTR)
                    return stream_error("the stream of items cannot be written");
                if (put > 0) piece = piece.subspan(static_cast<std::size_t>(put));
            }
            return {};
        },
        limits);
}

}  // namespace samples
