#include "wallet/keys/base58.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <array>

namespace wallet {
namespace {

using ledger::ByteView;
using ledger::invalid;
using ledger::SecretBytes;

constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t checksum_bytes = 4;

/// Writes `digits` (most significant first) in another base into the end of `into`; returns how
/// many digits that took. Plain long division: the numbers are short.
std::size_t convert(ByteView digits, unsigned from, unsigned to, std::span<std::uint8_t> into)
{
    std::size_t used = 0;
    for (unsigned carry : digits) {
        for (std::size_t i = 0; i < used || carry != 0; ++i) {
            if (i == into.size()) return into.size() + 1;  // does not fit
            auto& digit = into[into.size() - 1 - i];
            if (i >= used) used = i + 1;
            carry += from * digit;
            digit = static_cast<std::uint8_t>(carry % to);
            carry /= to;
        }
    }
    return used;
}

std::size_t leading_zeros(ByteView digits)
{
    return static_cast<std::size_t>(
        std::ranges::find_if(digits, [](auto digit) { return digit != 0; }) - digits.begin());
}

std::array<std::uint8_t, checksum_bytes> checksum(ByteView payload)
{
    const auto hash = ledger::sha256(ledger::sha256(payload).view());
    return {hash.bytes[0], hash.bytes[1], hash.bytes[2], hash.bytes[3]};
}

}  // namespace

SecretBytes to_base58check(ByteView payload)
{
    SecretBytes bytes{payload.size() + checksum_bytes};
    const auto end = std::ranges::copy(payload, bytes.mutable_view().begin()).out;
    std::ranges::copy(checksum(payload), end);
    SecretBytes digits{bytes.size() * 138 / 100 + 1};  // log 256 / log 58 is below 1.38
    const std::size_t used = convert(bytes.view(), 256, 58, digits.mutable_view());
    const std::size_t zeros = leading_zeros(bytes.view());
    SecretBytes text{zeros + used};
    auto out = std::fill_n(text.mutable_view().begin(), zeros, std::uint8_t{'1'});
    std::ranges::transform(digits.view().last(used), out, [](std::uint8_t digit) {
        return static_cast<std::uint8_t>(alphabet[digit]);
    });
    return text;
}

ledger::Result<SecretBytes> from_base58check(std::string_view text, std::size_t length)
{
    const std::size_t whole = length + checksum_bytes;
    if (text.size() > whole * 138 / 100 + 1) return invalid("the text is too long");
    SecretBytes digits{text.size()};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = alphabet.find(text[i]);
        if (digit == std::string_view::npos) return invalid("a character is not of base 58");
        digits.mutable_view()[i] = static_cast<std::uint8_t>(digit);
    }
    SecretBytes bytes{whole};
    const std::size_t used = convert(digits.view(), 58, 256, bytes.mutable_view());
    if (used + leading_zeros(digits.view()) != whole) return invalid("the text has another length");
    const auto payload = bytes.view().first(length);
    if (!std::ranges::equal(checksum(payload), bytes.view().subspan(length)))
        return invalid("the checksum does not match: a character is wrong");
    return SecretBytes::copy_of(payload);
}

}  // namespace wallet
