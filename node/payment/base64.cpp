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
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto left = bytes.size() - at;
        const std::uint32_t group = std::uint32_t{bytes[at]} << 16 |
                                    (left > 1 ? std::uint32_t{bytes[at + 1]} << 8 : 0) |
                                    (left > 2 ? std::uint32_t{bytes[at + 2]} : 0);
        text += alphabet[group >> 18];
        text += alphabet[group >> 12 & 63];
        text += left > 1 ? alphabet[group >> 6 & 63] : '=';
        text += left > 2 ? alphabet[group & 63] : '=';
    }
    return text;
}

std::optional<ledger::Bytes> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return {};
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;

    ledger::Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const auto absent = at + 4 == text.size() ? padding : 0;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto value =
                i >= 4 - absent ? std::uint8_t{0} : values[static_cast<std::uint8_t>(text[at + i])];
            if (value == none) return {};
            group = group << 6 | value;
        }
        if (absent > 0 && (group & (absent == 1 ? 0xffu : 0xffffu)) != 0) return {};
        bytes.push_back(static_cast<std::uint8_t>(group >> 16));
        if (absent < 2) bytes.push_back(static_cast<std::uint8_t>(group >> 8));
        if (absent < 1) bytes.push_back(static_cast<std::uint8_t>(group));
    }
    return bytes;
}

}  // namespace node
