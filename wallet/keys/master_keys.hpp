#pragma once

#include "ledger/crypto/x25519.hpp"
#include "wallet/keys/key_store.hpp"

namespace wallet {

/// A key to which devices seal data. Its secret half is in no node and in no device.
struct MasterEntry {
    std::string name;
    ledger::X25519PublicKey key;  ///< what devices are given
    friend bool operator==(const MasterEntry&, const MasterEntry&) = default;
};

struct NewMaster {
    MasterEntry entry;
    Mnemonic words;
};

/// A folder of master keys: NAME.json is a keystore file like an account's, whose 32 bytes give the
/// X25519 key by DeriveKeyPair (RFC 9180, section 7.1.3), so that words bring it back; NAME.pub is
/// the public key in hex, to be read without a passphrase. Errors as KeyStore.
class MasterKeys {
public:
    static ledger::Result<MasterKeys> open(std::filesystem::path folder,
                                           const KeystoreCost& cost = ledger::ScryptCost{});

    ledger::Result<NewMaster> create(std::string_view name, std::string_view passphrase,
                                     ledger::Random& random, std::size_t words = 12) const;
    ledger::Result<MasterEntry> import_words(std::string_view name, const Mnemonic& words,
                                             std::string_view passphrase,
                                             ledger::Random& random) const;
    /// From the 32 bytes of `secret`, of shares for example; `invalid` when they are none.
    ledger::Result<MasterEntry> import_secret(std::string_view name, ledger::ByteView secret,
                                              std::string_view passphrase,
                                              ledger::Random& random) const;
    /// By name. `corrupt` when NAME.pub is damaged.
    ledger::Result<MasterEntry> find(std::string_view name) const;
    /// Without those whose NAME.pub is missing, as a program killed while it made one leaves it.
    ledger::Result<std::vector<MasterEntry>> list() const;
    /// The 32 bytes that the key is derived from, to be split into shares.
    ledger::Result<ledger::SecretKey> secret(std::string_view name,
                                             std::string_view passphrase) const;
    /// `corrupt` when NAME.pub is not this key's; writes it where it is missing.
    ledger::Result<ledger::X25519Key> unlock(std::string_view name,
                                             std::string_view passphrase) const;

private:
    explicit MasterKeys(KeyStore store) : store_{std::move(store)} {}
    ledger::Result<MasterEntry> publish(const KeyEntry& entry, std::string_view passphrase) const;
    std::filesystem::path public_file(std::string_view name) const;

    KeyStore store_;
};

}  // namespace wallet
