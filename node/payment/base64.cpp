#include "node/payment/base64.hpp"

#include <array>

namespace node {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t none = 0xff;

constexpr std::array<std::uint8_t, 256> make_values()
{
    std::array<std::uint8_t, 256> values{};
    values.fill(none);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto values = make_values();

}  // namespace

std::string to_base64(ledger::ByteView bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    auto* to = text.data();
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) {
        const auto group = std::uint32_t{bytes[at]} << 16 | std::uint32_t{bytes[at + 1]} << 8 |
                           std::uint32_t{bytes[at + 2]};
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = alphabet[group >> 6 & 63];
        *to++ = alphabet[group & 63];
    }
    if (const auto left = bytes.size() - at; left > 0) {
        const auto group =
            std::uint32_t{bytes[at]} << 16 | (left > 1 ? std::uint32_t{bytes[at + 1]} << 8 : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        if (left > 1) *to = alphabet[group >> 6 & 63];
    }
    return text;
}

std::optional<ledger::Bytes> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return {};
    if (text.empty()) return ledger::Bytes{};
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const auto value = [&](std::size_t at) { return values[static_cast<std::uint8_t>(text[at])]; };

    ledger::Bytes bytes(text.size() / 4 * 3 - padding);
    auto* to = bytes.data();
    const auto whole = text.size() - 4;  // the last group may be padded
    for (std::size_t at = 0; at < whole; at += 4) {
        const std::uint32_t a = value(at), b = value(at + 1), c = value(at + 2), d = value(at + 3);
        if ((a | b | c | d) > 63) return {};
        *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
        *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
        *to++ = static_cast<std::uint8_t>(c << 6 | d);
    }
    const std::uint32_t a = value(whole), b = value(whole + 1);
    const std::uint32_t c = padding == 2 ? 0 : value(whole + 2);
    const std::uint32_t d = padding > 0 ? 0 : value(whole + 3);
    if ((a | b | c | d) > 63) return {};
    // Bits that no byte takes are zero: one value, one spelling.
    if ((padding == 2 && (b & 15) != 0) || (padding == 1 && (c & 3) != 0)) return {};
    *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (padding < 2) *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
    if (padding < 1) *to = static_cast<std::uint8_t>(c << 6 | d);
    return bytes;
}

}  // namespace node
