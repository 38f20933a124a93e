#include "wallet/keys/key_store.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/keys/extended_key.hpp"
#include "wallet/keys/private_files.hpp"

#include <algorithm>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::SecretKey;

constexpr std::size_t most_files = 10'000;

bool is_name(std::string_view name)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '.' && !name.starts_with("0x") &&
           std::ranges::all_of(name, fits);
}

}  // namespace

Result<KeyStore> KeyStore::open(fs::path folder, const KeystoreCost& cost)
{
    if (const auto made = make_private_folder(folder); !made) return made.error();
    return KeyStore{std::move(folder), cost};
}

fs::path KeyStore::file_of(std::string_view name) const
{
    return folder_ / (std::string{name} + ".json");
}

Result<KeyEntry> KeyStore::read_entry(const std::string& name) const
{
    auto path = file_of(name);
    const auto text = read_private_file(path, largest_keystore_file);
    if (!text) return text.error();
    const auto file = parse_keystore(*text);
    if (!file) return Error{file.error().kind, path.string() + ": " + file.error().detail};
    if (!file->address)
        return Error{ErrorKind::invalid,
                     path.string() + ": the file says no address; import it to have it added"};
    return KeyEntry{name, *file->address, std::move(path)};
}

Result<KeyListing> KeyStore::list() const
{
    std::error_code problem;
    std::vector<std::string> names;
    for (fs::directory_iterator at{folder_, problem}, end; !problem && at != end;
         at.increment(problem)) {
        const auto& path = at->path();
        if (path.extension() != ".json" || path.filename().string().starts_with('.')) continue;
        if (names.size() == most_files)
            return Error{ErrorKind::full, folder_.string() + " has too many files"};
        names.push_back(path.stem().string());
    }
    if (problem)
        return Error{ErrorKind::io, "cannot read " + folder_.string() + ": " + problem.message()};
    std::ranges::sort(names);
    KeyListing listing;
    for (const auto& name : names) {
        auto entry = read_entry(name);
        if (entry)
            listing.keys.push_back(std::move(*entry));
        else
            listing.unreadable.push_back(entry.error().detail);
    }
    return listing;
}

Result<KeyEntry> KeyStore::find(std::string_view name_or_address) const
{
    if (is_name(name_or_address)) {
        auto entry = read_entry(std::string{name_or_address});
        if (!entry && entry.error().kind == ErrorKind::not_found)
            return Error{ErrorKind::not_found, "no key named " + std::string{name_or_address} +
                                                   " in " + folder_.string()};
        return entry;
    }
    const auto address = ledger::parse_address(name_or_address);
    if (!address)
        return Error{ErrorKind::invalid, "this is neither the name of a key nor an address"};
    auto listing = list();
    if (!listing) return listing.error();
    const auto found = std::ranges::find(listing->keys, *address, &KeyEntry::address);
    if (found == listing->keys.end())
        return Error{ErrorKind::not_found,
                     "no key of " + ledger::to_checksum(*address) + " in " + folder_.string()};
    return std::move(*found);
}

Result<SecretKey> KeyStore::unlock(std::string_view name_or_address,
                                   std::string_view passphrase) const
{
    const auto entry = find(name_or_address);
    if (!entry) return entry.error();
    const auto text = read_private_file(entry->file, largest_keystore_file);
    if (!text) return text.error();
    const auto file = parse_keystore(*text);
    if (!file) return file.error();
    auto key = decrypt_key(*file, passphrase);
    if (!key) return Error{key.error().kind, entry->name + ": " + key.error().detail};
    return key;
}

Result<void> KeyStore::check_free(std::string_view name, const ledger::Address* address) const
{
    if (!is_name(name))
        return Error{ErrorKind::invalid,
                     "a key's name is 1 to 64 of a-z 0-9 . _ - and does not start with . or 0x"};
    std::error_code problem;
    if (fs::exists(fs::symlink_status(file_of(name), problem)))
        return Error{ErrorKind::denied, "a key named " + std::string{name} + " is there already"};
    if (address == nullptr) return {};
    const auto listing = list();
    if (!listing) return listing.error();
    const auto same = std::ranges::find(listing->keys, *address, &KeyEntry::address);
    if (same != listing->keys.end())
        return Error{ErrorKind::denied, "this key is there already, named " + same->name};
    return {};
}

Result<NewKey> KeyStore::create(std::string_view name, std::string_view passphrase,
                                ledger::Random& random, std::size_t words) const
{
    auto mnemonic = Mnemonic::generate(random, words);
    auto entry = import_words(name, mnemonic, "", 0, passphrase, random);
    if (!entry) return entry.error();
    return NewKey{std::move(*entry), std::move(mnemonic)};
}

Result<KeyEntry> KeyStore::import_words(std::string_view name, const Mnemonic& words,
                                        std::string_view words_passphrase, std::uint32_t account,
                                        std::string_view passphrase, ledger::Random& random) const
{
    if (account >= hardened) return Error{ErrorKind::invalid, "an account is below 2^31"};
    const auto seed = words.seed(words_passphrase);
    if (!seed) return seed.error();
    auto master = master_key(seed->view());
    if (!master) return master.error();
    const auto key = derive(std::move(*master), ethereum_path(account));
    if (!key) return key.error();
    return import_key(name, key->key, passphrase, random);
}

Result<KeyEntry> KeyStore::import_key(std::string_view name, const SecretKey& key,
                                      std::string_view passphrase, ledger::Random& random) const
{
    const auto address = ledger::address_of(key);
    if (const auto free = check_free(name, &address); !free) return free.error();
    const auto text = encrypt_key(key, passphrase, random, cost_);
    if (!text) return text.error();
    auto path = file_of(name);
    if (const auto written = write_new_private_file(path, *text); !written) return written.error();
    return KeyEntry{std::string{name}, address, std::move(path)};
}

Result<KeyEntry> KeyStore::import_file(std::string_view name, std::string_view keystore_text,
                                       std::string_view old_passphrase, std::string_view passphrase,
                                       ledger::Random& random) const
{
    if (const auto free = check_free(name, nullptr); !free) return free.error();
    const auto file = parse_keystore(keystore_text);
    if (!file) return file.error();
    const auto key = decrypt_key(*file, old_passphrase);
    if (!key) return key.error();
    return import_key(name, *key, passphrase, random);
}

Result<SecretKey> parse_secret_key(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return Error{ErrorKind::invalid, "there is no key"};
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.size() != 2 * SecretKey::size)
        return Error{ErrorKind::invalid, "a secret key has 64 hex digits"};
    auto bytes = ledger::from_hex(text);
    if (!bytes || bytes->size() != SecretKey::size)
        return Error{ErrorKind::invalid, "a character of the key is no hex digit"};
    auto key = SecretKey::from_bytes(*bytes);
    ledger::wipe(*bytes);
    return key;
}

}  // namespace wallet
