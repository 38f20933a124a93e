#include "wallet/keys/master_keys.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hpke.hpp"
#include "wallet/keys/private_files.hpp"

namespace wallet {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::X25519PublicKey;

constexpr std::size_t public_file_bytes = 256;

}  // namespace

Result<MasterKeys> MasterKeys::open(std::filesystem::path folder, const KeystoreCost& cost)
{
    auto store = KeyStore::open(std::move(folder), cost);
    if (!store) return store.error();
    return MasterKeys{std::move(*store)};
}

std::filesystem::path MasterKeys::public_file(std::string_view name) const
{
    return store_.folder() / (std::string{name} + ".pub");
}

Result<MasterEntry> MasterKeys::publish(const KeyEntry& entry, std::string_view passphrase) const
{
    const auto key = unlock(entry.name, passphrase);
    if (!key) return key.error();
    return MasterEntry{entry.name, ledger::x25519_public_key(*key)};
}

Result<NewMaster> MasterKeys::create(std::string_view name, std::string_view passphrase,
                                     ledger::Random& random, std::size_t words) const
{
    auto made = store_.create(name, passphrase, random, words);
    if (!made) return made.error();
    auto entry = publish(made->entry, passphrase);
    if (!entry) return entry.error();
    return NewMaster{std::move(*entry), std::move(made->words)};
}

Result<MasterEntry> MasterKeys::import_words(std::string_view name, const Mnemonic& words,
                                             std::string_view passphrase,
                                             ledger::Random& random) const
{
    const auto made = store_.import_words(name, words, "", 0, passphrase, random);
    if (!made) return made.error();
    return publish(*made, passphrase);
}

Result<MasterEntry> MasterKeys::import_secret(std::string_view name, ledger::ByteView secret,
                                              std::string_view passphrase,
                                              ledger::Random& random) const
{
    const auto key = ledger::SecretKey::from_bytes(secret);
    if (!key) return key.error();
    const auto made = store_.import_key(name, *key, passphrase, random);
    if (!made) return made.error();
    return publish(*made, passphrase);
}

Result<ledger::SecretKey> MasterKeys::secret(std::string_view name,
                                             std::string_view passphrase) const
{
    const auto entry = find(name);
    if (!entry) return entry.error();
    return store_.unlock(entry->name, passphrase);
}

Result<MasterEntry> MasterKeys::find(std::string_view name) const
{
    const auto entry = store_.find(name);
    if (!entry) return entry.error();
    auto text = read_private_file(public_file(entry->name), public_file_bytes);
    if (!text) return text.error();
    while (!text->empty() && text->back() == '\n') text->pop_back();
    const auto key = ledger::id_from_hex<X25519PublicKey>(*text);
    if (!key)
        return Error{ErrorKind::corrupt,
                     public_file(entry->name).string() + " holds no X25519 public key"};
    return MasterEntry{entry->name, *key};
}

Result<std::vector<MasterEntry>> MasterKeys::list() const
{
    const auto listing = store_.list();
    if (!listing) return listing.error();
    std::vector<MasterEntry> masters;
    for (const auto& entry : listing->keys) {
        auto master = find(entry.name);
        if (!master && master.error().kind == ErrorKind::not_found) continue;
        if (!master) return master.error();
        masters.push_back(std::move(*master));
    }
    return masters;
}

Result<ledger::X25519Key> MasterKeys::unlock(std::string_view name,
                                             std::string_view passphrase) const
{
    const auto entry = store_.find(name);
    if (!entry) return entry.error();
    const auto secret = store_.unlock(entry->name, passphrase);
    if (!secret) return secret.error();
    auto key = ledger::hpke_derive_key(secret->view());
    if (!key) return key.error();
    const auto point = ledger::x25519_public_key(*key);
    const auto known = find(entry->name);
    if (!known && known.error().kind == ErrorKind::not_found) {
        const auto written =
            write_new_private_file(public_file(entry->name), ledger::to_hex0x(point.view()) + "\n");
        if (!written) return written.error();
        return key;
    }
    if (!known) return known.error();
    if (point != known->key)
        return Error{ErrorKind::corrupt,
                     public_file(entry->name).string() + " does not belong to the key beside it"};
    return key;
}

}  // namespace wallet
