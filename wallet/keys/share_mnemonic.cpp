#include "wallet/keys/share_mnemonic.hpp"

#include "ledger/base/ensure.hpp"
#include "wallet/keys/share_words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace wallet {
namespace {

using ledger::ByteView;
using ledger::invalid;
using ledger::Result;
using ledger::SecretBytes;

constexpr std::size_t header_words = 4;
constexpr std::size_t checksum_words = 3;
constexpr std::size_t least_words = 20;
constexpr std::size_t most_words = 59;  // of 64 bytes
constexpr std::size_t longest_text = 1024;
constexpr std::size_t word_letters = 8;  // of the longest
constexpr std::size_t word_bits = 10;

/// Numbers of words, 0 to 1023; wiped at the end.
class Words {
public:
    ~Words() { ledger::wipe({reinterpret_cast<std::uint8_t*>(all_.data()), sizeof all_}); }
    Words() = default;
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;

    void add(std::uint32_t word) { all_.at(size_++) = static_cast<std::uint16_t>(word); }
    std::size_t size() const { return size_; }
    std::uint16_t operator[](std::size_t i) const { return all_[i]; }

private:
    std::array<std::uint16_t, most_words + 1> all_{};
    std::size_t size_ = 0;
};

/// The Reed-Solomon code over GF(1024) of SLIP-0039.
std::uint32_t checksum(std::string_view customization, const Words& words, std::size_t zeros)
{
    constexpr std::array<std::uint32_t, 10> generator{
        0x00e0e040, 0x01c1c080, 0x03838100, 0x07070200, 0x0e0e0009,
        0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x03f3f120};
    std::uint32_t sum = 1;
    const auto take = [&](std::uint32_t value) {
        const auto top = sum >> 20;
        sum = ((sum & 0xfffff) << word_bits) ^ value;
        for (std::size_t i = 0; i < generator.size(); ++i)
            sum ^= ((top >> i) & 1) != 0 ? generator[i] : 0;
    };
    for (const char letter : customization) take(static_cast<unsigned char>(letter));
    for (std::size_t i = 0; i < words.size(); ++i) take(words[i]);
    for (std::size_t i = 0; i < zeros; ++i) take(0);
    return sum;
}

std::string_view customization_of(bool extendable)
{
    return extendable ? "shamir_extendable" : "shamir";
}

std::size_t value_words(std::size_t bytes)
{
    return (bytes * 8 + word_bits - 1) / word_bits;
}

/// The value's bits stand at the end of its words.
void add_value(Words& words, ByteView value)
{
    std::uint32_t pending = 0;
    std::size_t bits = value_words(value.size()) * word_bits - value.size() * 8;
    for (const auto byte : value) {
        pending = pending << 8 | byte;
        bits += 8;
        if (bits < word_bits) continue;
        bits -= word_bits;
        words.add(pending >> bits & 1023);
    }
}

Result<SecretBytes> value_of(const Words& words)
{
    const auto count = words.size() - header_words - checksum_words;
    const auto padding = count * word_bits % 16;
    if (padding > 8) return invalid("a share with this many words is missing one, or has one more");
    if (words[header_words] >> (word_bits - padding) != 0)
        return invalid("these words are no share: its padding is wrong");
    SecretBytes value{count * word_bits / 16 * 2};
    std::uint32_t pending = 0;
    std::size_t bits = 0, at = 0;
    for (std::size_t i = 0; i < count; ++i) {
        pending = pending << word_bits | words[header_words + i];
        bits += i == 0 ? word_bits - padding : word_bits;
        for (; bits >= 8; bits -= 8)
            value.mutable_view()[at++] = static_cast<std::uint8_t>(pending >> (bits - 8));
    }
    return value;
}

ShareHeader header_of(const Words& words)
{
    const std::uint32_t first = std::uint32_t{words[0]} << word_bits | words[1];
    const std::uint32_t second = std::uint32_t{words[2]} << word_bits | words[3];
    const auto part = [](std::uint32_t from, int shift) {
        return static_cast<std::uint8_t>(from >> shift & 15);
    };
    ShareHeader header;
    header.identifier = static_cast<std::uint16_t>(first >> 5);
    header.extendable = (first >> 4 & 1) != 0;
    header.iteration_exponent = part(first, 0);
    header.group = part(second, 16);
    header.group_threshold = static_cast<std::uint8_t>(part(second, 12) + 1);
    header.groups = static_cast<std::uint8_t>(part(second, 8) + 1);
    header.member = part(second, 4);
    header.threshold = static_cast<std::uint8_t>(part(second, 0) + 1);
    return header;
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// By its first four letters, which no two words share, if no more letters contradict.
std::optional<std::uint16_t> word_index(std::string_view typed)
{
    if (typed.size() < 4 || typed.size() > word_letters) return {};
    std::array<char, word_letters> letters{};
    std::transform(typed.begin(), typed.end(), letters.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const std::string_view lower{letters.data(), typed.size()};
    const auto words = share_words();
    const auto at = std::ranges::lower_bound(words, lower);
    std::optional<std::uint16_t> found;
    if (at != words.end() && at->starts_with(lower))
        found = static_cast<std::uint16_t>(at - words.begin());
    ledger::wipe({reinterpret_cast<std::uint8_t*>(letters.data()), letters.size()});
    return found;
}

}  // namespace

SecretBytes share_text(const ShareHeader& header, ByteView value)
{
    ledger::ensure(value.size() >= 16 && value.size() <= 64 && value.size() % 2 == 0,
                   "a share is 16 to 64 bytes, an even number");
    Words words;
    const std::uint32_t first = std::uint32_t{header.identifier} << 5 |
                                (header.extendable ? 16U : 0U) | header.iteration_exponent;
    const std::uint32_t second = std::uint32_t{header.group} << 16 |
                                 (header.group_threshold - 1U) << 12 | (header.groups - 1U) << 8 |
                                 std::uint32_t{header.member} << 4 | (header.threshold - 1U);
    for (const auto half : {first, second}) {
        words.add(half >> word_bits);
        words.add(half & 1023);
    }
    add_value(words, value);
    const auto sum = checksum(customization_of(header.extendable), words, checksum_words) ^ 1;
    for (int shift = 20; shift >= 0; shift -= 10) words.add(sum >> shift & 1023);

    SecretBytes longest{words.size() * (word_letters + 1)};
    std::size_t length = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i != 0) longest.mutable_view()[length++] = ' ';
        for (const char letter : share_words()[words[i]])
            longest.mutable_view()[length++] = static_cast<std::uint8_t>(letter);
    }
    return SecretBytes::copy_of(longest.view().first(length));
}

Result<ShareMnemonic> parse_share(std::string_view text)
{
    if (text.size() > longest_text) return invalid("this is too long for a share");
    Words words;
    while (true) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        if (text.empty()) break;
        const auto end = std::ranges::find_if(text, is_blank);
        const auto length = static_cast<std::size_t>(end - text.begin());
        if (words.size() == most_words) return invalid("a share has at most 59 words");
        const auto index = word_index(text.substr(0, length));
        if (!index)
            return invalid("word " + std::to_string(words.size() + 1) +
                           " is not in the list of SLIP-0039");
        words.add(*index);
        text.remove_prefix(length);
    }
    if (words.size() < least_words)
        return invalid("a share has at least 20 words; here are " + std::to_string(words.size()));
    ShareMnemonic share{header_of(words), {}};
    if (checksum(customization_of(share.header.extendable), words, 0) != 1)
        return invalid("the checksum does not match: a word is wrong, or two are swapped");
    if (share.header.group_threshold > share.header.groups)
        return invalid("this share wants more groups than there are");
    auto value = value_of(words);
    if (!value) return value.error();
    share.value = std::move(*value);
    return share;
}

}  // namespace wallet
