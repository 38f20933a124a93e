#include "wallet/keys/mnemonic.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/kdf.hpp"
#include "wallet/keys/english_words.hpp"
#include "wallet/keys/unicode.hpp"

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

constexpr std::size_t longest_text = 1024;

bool is_word_count(std::size_t words)
{
    return words >= 12 && words <= 24 && words % 3 == 0;
}

/// 11 bits for each word: the entropy and after it one checksum bit for every 32 bits of it.
using Bits = std::array<std::uint8_t, 33>;

Bits with_checksum(ByteView entropy)
{
    Bits bits{};
    std::ranges::copy(entropy, bits.begin());
    bits[entropy.size()] = ledger::sha256(entropy).bytes[0];
    return bits;
}

std::uint16_t index_at(const Bits& bits, std::size_t word)
{
    unsigned index = 0;
    for (std::size_t bit = 11 * word; bit < 11 * (word + 1); ++bit)
        index = index << 1U | ((bits[bit / 8] >> (7 - bit % 8)) & 1U);
    return static_cast<std::uint16_t>(index);
}

void put_index(Bits& bits, std::size_t word, std::uint16_t index)
{
    for (std::size_t i = 0; i < 11; ++i) {
        const std::size_t bit = 11 * word + i;
        if ((index >> (10 - i) & 1U) == 0) continue;
        bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | 1U << (7 - bit % 8));
    }
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The words of a text; no more than 25, as even that is one too many.
std::vector<std::string_view> split(std::string_view text)
{
    std::vector<std::string_view> words;
    while (words.size() <= 24) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        if (text.empty()) break;
        const auto end = std::ranges::find_if(text, is_blank);
        const auto length = static_cast<std::size_t>(end - text.begin());
        words.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return words;
}

}  // namespace

Mnemonic Mnemonic::generate(ledger::Random& random, std::size_t words)
{
    ledger::ensure(is_word_count(words), "a mnemonic has 12, 15, 18, 21 or 24 words");
    SecretBytes entropy{words / 3 * 4};
    random.fill(entropy.mutable_view());
    return from_entropy(entropy.view());
}

Mnemonic Mnemonic::from_entropy(ByteView entropy)
{
    const std::size_t words = entropy.size() / 4 * 3;
    ledger::ensure(entropy.size() % 4 == 0 && is_word_count(words),
                   "a mnemonic spells 16, 20, 24, 28 or 32 bytes");
    Bits bits = with_checksum(entropy);
    std::array<std::uint8_t, 24 * 9> text{};  // words have at most 8 letters
    std::size_t length = 0;
    for (std::size_t word = 0; word < words; ++word) {
        if (word != 0) text[length++] = ' ';
        for (const char letter : english_words()[index_at(bits, word)])
            text[length++] = static_cast<std::uint8_t>(letter);
    }
    Mnemonic made{SecretBytes::copy_of(entropy),
                  SecretBytes::copy_of(ByteView{text}.first(length))};
    ledger::wipe(bits);
    ledger::wipe(text);
    return made;
}

Result<SecretBytes> Mnemonic::seed(std::string_view passphrase) const
{
    const auto normal = nfkd(passphrase);
    if (!normal) return normal.error();
    constexpr std::string_view prefix = "mnemonic";
    SecretBytes salt{prefix.size() + normal->size()};
    auto end = std::ranges::copy(ledger::as_bytes(prefix), salt.mutable_view().begin()).out;
    std::ranges::copy(normal->view(), end);
    return ledger::pbkdf2_sha512(text_.view(), salt.view(), 2048, 64);
}

Result<Mnemonic> parse_mnemonic(std::string_view text)
{
    if (text.size() > longest_text) return invalid("this is too long for a mnemonic");
    const auto words = split(text);
    if (words.size() > 24) return invalid("a mnemonic has at most 24 words");
    if (!is_word_count(words.size()))
        return invalid("a mnemonic has 12, 15, 18, 21 or 24 words; here are " +
                       std::to_string(words.size()));
    Bits bits{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::array<char, 9> typed{};  // one letter more than the longest word
        const auto end = std::transform(
            words[i].begin(),
            words[i].begin() +
                static_cast<std::ptrdiff_t>(std::min<std::size_t>(9, words[i].size())),
            typed.begin(), lower);
        const auto index =
            english_word_index({typed.data(), static_cast<std::size_t>(end - typed.begin())});
        if (!index) return invalid("word " + std::to_string(i + 1) + " is not in the English list");
        put_index(bits, i, *index);
    }
    const std::size_t entropy_bytes = words.size() / 3 * 4;
    const auto entropy = ByteView{bits}.first(entropy_bytes);
    Bits expected = with_checksum(entropy);
    // The last word ends with the checksum, so it alone says whether that matches.
    const bool matches = index_at(expected, words.size() - 1) == index_at(bits, words.size() - 1);
    auto made = matches ? Result<Mnemonic>{Mnemonic::from_entropy(entropy)}
                        : Result<Mnemonic>{invalid("the checksum of the words does not match: one "
                                                   "of them is wrong or two are swapped")};
    ledger::wipe(bits);
    ledger::wipe(expected);
    return made;
}

}  // namespace wallet
