#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstdint>
#include <string_view>

/// One share of a split secret as words (SLIP-0039).
namespace wallet {

/// What stands in a share before its value; the same in all shares of one secret but for the
/// places.
struct ShareHeader {
    std::uint16_t identifier{};         ///< 15 bits, drawn at random
    bool extendable = true;             ///< more shares may be made later, under other identifiers
    std::uint8_t iteration_exponent{};  ///< 0...15: the encryption takes 10,000 * 2^e rounds
    std::uint8_t group_threshold = 1;
    std::uint8_t groups = 1;
    std::uint8_t group = 0;
    std::uint8_t threshold = 1;  ///< members of the group that are needed
    std::uint8_t member = 0;
    friend bool operator==(const ShareHeader&, const ShareHeader&) = default;
};

struct ShareMnemonic {
    ShareHeader header;
    ledger::SecretBytes value;  ///< an even number of bytes, at least 16
};

/// The words, one space between them. The value has 16 to 64 bytes, an even number.
ledger::SecretBytes share_text(const ShareHeader& header, ledger::ByteView value);

/// Reads words as a person types them: either case, any blanks between, a word by its first four
/// letters or more. Errors, all `invalid`, tell the number of the wrong word but never a word.
ledger::Result<ShareMnemonic> parse_share(std::string_view text);

}  // namespace wallet
