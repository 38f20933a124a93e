#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/kdf.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// One key under a passphrase, in the file format of Ethereum wallets: Web3 Secret Storage,
/// version 3. Passphrases are taken as the bytes typed, as those wallets do.
namespace wallet {

inline constexpr std::size_t largest_keystore_file = 64 * 1024;

struct Pbkdf2Cost {
    std::uint64_t iterations = 262'144;
};
using KeystoreCost = std::variant<ledger::ScryptCost, Pbkdf2Cost>;

/// What a file says, before anybody has given a passphrase.
struct KeystoreFile {
    std::string id;                          ///< UUID, as written
    std::optional<ledger::Address> address;  ///< a hint: proven only by decrypting
    KeystoreCost cost;
    ledger::Bytes salt;
    ledger::Bytes counter;     ///< 16 bytes, AES-128-CTR's first block
    ledger::Bytes ciphertext;  ///< 1 to 32 bytes; some wallets drop a key's leading zeros
    ledger::Hash mac;
};

/// Reads the JSON without computing anything, as leniently as the wallets that wrote it: names and
/// methods in any case, whole numbers as floats or text too, `dklen` left out, an address in any
/// case or empty. Errors, all `invalid`, name the field: too long, not JSON, a field that is
/// missing, there twice in other cases or of another type, another version, cipher or KDF.
ledger::Result<KeystoreFile> parse_keystore(std::string_view text);

/// Takes as long as the file's KDF says, within `limits`. Errors: `denied` when the MAC does not
/// match (wrong passphrase or changed file: nothing tells which); `corrupt` when the key is none or
/// not of the address in the file; `full` above the limits; `invalid` for impossible costs.
ledger::Result<ledger::SecretKey> decrypt_key(const KeystoreFile& file, std::string_view passphrase,
                                              const ledger::KdfLimits& limits = {});

/// The whole file; salt, counter and id come from `random`. Stock wallets open it. The default
/// cost is theirs: 256 MiB and about a second. Errors: as the KDF has them.
ledger::Result<std::string> encrypt_key(const ledger::SecretKey& key, std::string_view passphrase,
                                        ledger::Random& random,
                                        const KeystoreCost& cost = ledger::ScryptCost{});

}  // namespace wallet
