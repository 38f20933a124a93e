#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "wallet/keys/keystore_file.hpp"
#include "wallet/keys/mnemonic.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wallet {

/// A key in the store; the key itself stays under its passphrase.
struct KeyEntry {
    std::string name;
    ledger::Address address;
    std::filesystem::path file;
    friend bool operator==(const KeyEntry&, const KeyEntry&) = default;
};

struct KeyListing {
    std::vector<KeyEntry> keys;           ///< by name
    std::vector<std::string> unreadable;  ///< what is wrong with each other .json file
};

/// A key made from new words, which nobody stores: show them once.
struct NewKey {
    KeyEntry entry;
    Mnemonic words;
};

/// A folder of keystore files, NAME.json, one key each. Folder and files are for their owner only
/// (0700 and 0600) and refused when they are not. Holds no key and no lock: two processes may
/// use one folder, and no file is ever written over.
class KeyStore {
public:
    /// Makes the folder when it is missing. New files are encrypted at `cost`.
    static ledger::Result<KeyStore> open(std::filesystem::path folder,
                                         const KeystoreCost& cost = ledger::ScryptCost{});

    /// A broken file does not hide the others. `full` above 10,000 files.
    ledger::Result<KeyListing> list() const;

    /// By name, or by address (0x...; two files may hold the same one: then the first by name).
    ledger::Result<KeyEntry> find(std::string_view name_or_address) const;
    /// Errors: those of `find`, `read_private_file`, `parse_keystore` and `decrypt_key`.
    ledger::Result<ledger::SecretKey> unlock(std::string_view name_or_address,
                                             std::string_view passphrase) const;

    // All of the following refuse (`invalid`) a name that is not 1 to 64 of a-z 0-9 . _ - or that
    // starts with a dot or 0x, and (`denied`) a name or an address that is there already.

    /// New words and the key at m/44'/60'/0'/0/0.
    ledger::Result<NewKey> create(std::string_view name, std::string_view passphrase,
                                  ledger::Random& random, std::size_t words = 12) const;
    /// The key at m/44'/60'/0'/0/`account` of words from anywhere.
    ledger::Result<KeyEntry> import_words(std::string_view name, const Mnemonic& words,
                                          std::string_view words_passphrase, std::uint32_t account,
                                          std::string_view passphrase,
                                          ledger::Random& random) const;
    ledger::Result<KeyEntry> import_key(std::string_view name, const ledger::SecretKey& key,
                                        std::string_view passphrase, ledger::Random& random) const;
    /// Opens another wallet's file and stores the key under this store's cost and passphrase.
    ledger::Result<KeyEntry> import_file(std::string_view name, std::string_view keystore_text,
                                         std::string_view old_passphrase,
                                         std::string_view passphrase, ledger::Random& random) const;

    const std::filesystem::path& folder() const { return folder_; }

private:
    KeyStore(std::filesystem::path folder, const KeystoreCost& cost)
        : folder_{std::move(folder)}, cost_{cost}
    {
    }
    std::filesystem::path file_of(std::string_view name) const;
    ledger::Result<KeyEntry> read_entry(const std::string& name) const;
    ledger::Result<void> check_free(std::string_view name, const ledger::Address* address) const;

    std::filesystem::path folder_;
    KeystoreCost cost_;
};

/// 64 hex digits, with or without 0x, blanks around them allowed. `invalid` for anything else and
/// for numbers that are no key; never shows what was given.
ledger::Result<ledger::SecretKey> parse_secret_key(std::string_view text);

}  // namespace wallet
