#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace ledger {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text, unchanged.
inline ByteView as_bytes(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes read as a text, unchanged; the view lives as long as `bytes`.
inline std::string_view as_text(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(Bytes& to, ByteView more)
{
    to.insert(to.end(), more.begin(), more.end());
}

/// Exactly N bytes with a type of their own, so that a block id cannot be passed as a
/// model id. Ordered bytewise; zero when made by default.
template <class Tag, std::size_t N>
struct FixedBytes {
    static constexpr std::size_t size = N;
    std::array<std::uint8_t, N> bytes{};

    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
    constexpr ByteView view() const { return bytes; }
    constexpr bool is_zero() const { return bytes == std::array<std::uint8_t, N>{}; }

    /// `from` must have exactly N bytes; use where the length is already known.
    static FixedBytes of(ByteView from)
    {
        FixedBytes made;
        std::memcpy(made.bytes.data(), from.data(), from.size() < N ? from.size() : N);
        return made;
    }
};

/// The same bytes under another type: for the few places that turn one id into another.
template <class To, class Tag, std::size_t N>
To retag(const FixedBytes<Tag, N>& from)
{
    static_assert(To::size == N);
    To made;
    made.bytes = from.bytes;
    return made;
}

}  // namespace ledger
