#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"

#include <cstddef>
#include <cstdint>

/// Integers as the queue's files have them: big-endian.
namespace edge {

inline void append_integer(ledger::Bytes& to, std::uint64_t value, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Takes fields from the front of bytes that may be anything. After a field that is not there in
/// full, all further ones are zero and `whole` is false.
class Fields {
public:
    explicit Fields(ledger::ByteView bytes) : left_{bytes} {}

    std::uint64_t integer(int bytes)
    {
        std::uint64_t value = 0;
        for (const auto byte : take(static_cast<std::size_t>(bytes))) value = value << 8 | byte;
        return value;
    }
    template <class Id>
    Id id()
    {
        const auto bytes = take(Id::size);
        return bytes.empty() ? Id{} : Id::of(bytes);
    }
    ledger::ByteView take(std::size_t count)
    {
        if (!whole_ || count > left_.size()) {
            whole_ = false;
            return {};
        }
        const auto taken = left_.first(count);
        left_ = left_.subspan(count);
        return taken;
    }

    bool whole() const { return whole_; }
    /// Whole, and nothing is left.
    bool done() const { return whole_ && left_.empty(); }
    std::size_t left() const { return left_.size(); }

private:
    ledger::ByteView left_;
    bool whole_ = true;
};

}  // namespace edge
