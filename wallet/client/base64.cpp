#include "wallet/client/base64.hpp"

namespace wallet {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(ledger::ByteView bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const auto byte : bytes) {
        held = (held << 8 | byte) & 0xffff;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += letters[held >> bits & 63];
        }
    }
    if (bits > 0) text += letters[held << (6 - bits) & 63];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::optional<ledger::Bytes> from_base64(std::string_view text)
{
    ledger::Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char letter : text.substr(0, text.find('='))) {
        const auto value = letters.find(letter);
        if (value == std::string_view::npos) return {};
        held = (held << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(held >> bits & 0xff));
        }
    }
    // One reading for each text: padding, leftover bits and all.
    if (to_base64(bytes) != text) return {};
    return bytes;
}

}  // namespace wallet
