#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A tree of keys from one seed (BIP-32).
namespace wallet {

inline constexpr std::uint32_t hardened = 0x8000'0000;

/// Where a key stands in its tree.
struct KeyPosition {
    std::uint8_t depth = 0;                ///< 0 for the master key
    std::uint32_t parent_fingerprint = 0;  ///< first 4 bytes of HASH160 of the parent's public key
    std::uint32_t index = 0;               ///< which child of its parent; with `hardened`
    friend auto operator<=>(const KeyPosition&, const KeyPosition&) = default;
};

/// A secret key, and what its children are derived with.
struct ExtendedKey {
    ledger::SecretKey key;
    ledger::SecretBytes chain_code;  ///< 32 bytes
    KeyPosition position;
};

/// The same without the secret: derives the public keys of unhardened children only. Not harmless:
/// together with one secret child key it gives away the parent's.
struct ExtendedPublicKey {
    ledger::PublicKey key;
    ledger::Hash chain_code;
    KeyPosition position;
    friend bool operator==(const ExtendedPublicKey&, const ExtendedPublicKey&) = default;
};

/// `invalid` unless the seed has 16 to 64 bytes.
ledger::Result<ExtendedKey> master_key(ledger::ByteView seed);
ExtendedPublicKey without_secret(const ExtendedKey& key);

/// Errors: `full` at depth 255; `invalid` for a hardened child of a public key, and for the one
/// index in 2^127 that has no key.
ledger::Result<ExtendedKey> child(const ExtendedKey& parent, std::uint32_t index);
ledger::Result<ExtendedPublicKey> child(const ExtendedPublicKey& parent, std::uint32_t index);

/// The indexes of a path such as m/44'/60'/0'/0/0; h and H also mark hardened steps. `invalid` for
/// everything else, more than 255 steps and indexes above 2^31 - 1.
ledger::Result<std::vector<std::uint32_t>> parse_path(std::string_view text);
ledger::Result<ExtendedKey> derive(ExtendedKey from, const std::vector<std::uint32_t>& path);

/// m/44'/60'/0'/0/`account`: where stock Ethereum wallets look (BIP-44).
std::vector<std::uint32_t> ethereum_path(std::uint32_t account = 0);

/// xprv... and xpub...
ledger::SecretBytes to_text(const ExtendedKey& key);
std::string to_text(const ExtendedPublicKey& key);

/// Reads either. Errors, all `invalid`, say which rule of BIP-32 is broken.
ledger::Result<std::variant<ExtendedKey, ExtendedPublicKey>> parse_extended_key(
    std::string_view text);

}  // namespace wallet
