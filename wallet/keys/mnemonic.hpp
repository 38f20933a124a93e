#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstddef>
#include <string_view>

/// Twelve to twenty-four words that hold a wallet (BIP-39, English).
namespace wallet {

/// Whoever has these words has every key derived from them.
class Mnemonic {
public:
    /// New words: 12, 15, 18, 21 or 24 of them.
    static Mnemonic generate(ledger::Random& random, std::size_t words = 12);
    /// The words that spell 16, 20, 24, 28 or 32 bytes.
    static Mnemonic from_entropy(ledger::ByteView entropy);

    /// The words, lower case, one space between them.
    std::string_view text() const { return ledger::as_text(text_.view()); }
    ledger::ByteView entropy() const { return entropy_.view(); }

    /// The 64 bytes that BIP-32 starts from. Any passphrase is right and gives other keys; it is
    /// read in Unicode form NFKD. Errors: `invalid` for one that is not UTF-8, `full` above 4 KiB.
    ledger::Result<ledger::SecretBytes> seed(std::string_view passphrase) const;

private:
    Mnemonic(ledger::SecretBytes entropy, ledger::SecretBytes text)
        : entropy_{std::move(entropy)}, text_{std::move(text)}
    {
    }
    ledger::SecretBytes entropy_;
    ledger::SecretBytes text_;
};

/// Reads words as a person types them: either case, any blanks between. Errors, all `invalid`,
/// tell the number of the wrong word but never a word: another number of words than BIP-39
/// allows, a word that is not in the list, a checksum that does not match.
ledger::Result<Mnemonic> parse_mnemonic(std::string_view text);

}  // namespace wallet
