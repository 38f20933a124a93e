#include "edge/app/row_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace edge::app {
namespace {

using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t most_row_bytes = 64 * 1024 - 1;

}  // namespace

RowSource::RowSource(int descriptor) : descriptor_{descriptor}
{
    kept_.reserve(read_bytes + most_row_bytes);
}

RowSource::~RowSource()
{
    ledger::wipe(kept_);
}

Result<void> RowSource::read(Queue& queue)
{
    if (!keeps_rows_ && !is_at_end_) {
        std::array<std::uint8_t, read_bytes> piece;
        const auto got = ::read(descriptor_, piece.data(), piece.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return {};
        if (got < 0)
            return Error{ErrorKind::io,
                         "cannot read rows: " + std::generic_category().message(errno)};
        is_at_end_ = got == 0;
        ledger::append(kept_, ByteView{piece}.first(static_cast<std::size_t>(got)));
        ledger::wipe(piece);
    }
    const auto done = add_rows(queue);
    keeps_rows_ = !done && done.error().kind == ErrorKind::full;
    return done;
}

Result<void> RowSource::add_rows(Queue& queue)
{
    std::size_t at = 0;
    Result<void> done;
    while (at < kept_.size()) {
        const auto rest = ByteView{kept_}.subspan(at);
        const auto end = std::ranges::find(rest, '\n');
        const auto length = static_cast<std::size_t>(end - rest.begin());
        const bool is_whole = end != rest.end() || is_at_end_;
        if (!is_whole && length <= most_row_bytes) break;
        if (is_passing_over_ || length > most_row_bytes) {
            if (!is_passing_over_) ++too_long_;
            is_passing_over_ = !is_whole;
        } else {
            done = queue.add_row(rest.first(length));
            if (!done) break;
            ++rows_;
        }
        at += std::min(length + 1, rest.size());
    }
    const auto left = kept_.size() - at;
    std::copy(kept_.begin() + static_cast<std::ptrdiff_t>(at), kept_.end(), kept_.begin());
    ledger::wipe(std::span{kept_}.subspan(left));
    kept_.resize(left);
    return done;
}

}  // namespace edge::app
