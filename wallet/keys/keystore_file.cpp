#include "wallet/keys/keystore_file.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/cipher.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/keys/lenient_object.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace wallet {
namespace {

using Json = nlohmann::ordered_json;
using ledger::Bytes;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;
using ledger::SecretBytes;
using ledger::SecretKey;

Result<KeystoreCost> read_cost(const LenientObject& crypto, const LenientObject& parameters)
{
    // 32 where it is left out. More bytes of derived key are never used, and the first 32 do not
    // depend on how many there are.
    const auto given = parameters.find("dklen");
    if (!given) return given.error();
    if (*given != nullptr) {
        const auto length = parameters.number("dklen");
        if (!length) return length.error();
        if (*length < 32) return invalid(parameters.path_to("dklen") + " is below 32");
    }
    const auto kdf = crypto.text("kdf");
    if (!kdf) return kdf.error();
    if (same_but_for_case(*kdf, "scrypt")) {
        const auto n = parameters.number("n");
        if (!n) return n.error();
        const auto r = parameters.number("r");
        if (!r) return r.error();
        const auto p = parameters.number("p");
        if (!p) return p.error();
        return ledger::ScryptCost{*n, *r, *p};
    }
    if (same_but_for_case(*kdf, "pbkdf2")) {
        const auto hmac = parameters.only("prf", "hmac-sha256");
        if (!hmac) return hmac.error();
        const auto iterations = parameters.number("c");
        if (!iterations) return iterations.error();
        return Pbkdf2Cost{*iterations};
    }
    return invalid(crypto.path_to("kdf") + " is neither scrypt nor pbkdf2");
}

/// In any case: the file's own MAC and the key tell whether it is right, no checksum has to.
Result<std::optional<ledger::Address>> read_address(const LenientObject& top)
{
    const auto written = top.optional_text("address");
    if (!written) return written.error();
    std::string_view digits = *written;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    if (digits.empty()) return std::optional<ledger::Address>{};
    const auto address = digits.size() == 2 * ledger::Address::size
                             ? ledger::id_from_hex<ledger::Address>(digits)
                             : std::nullopt;
    if (!address) return invalid("address is no address");
    return std::optional{*address};
}

Result<SecretBytes> stretch(std::string_view passphrase, ByteView salt, const KeystoreCost& cost,
                            const ledger::KdfLimits& limits)
{
    const auto password = ledger::as_bytes(passphrase);
    if (const auto* scrypt = std::get_if<ledger::ScryptCost>(&cost))
        return ledger::scrypt(password, salt, *scrypt, 32, limits);
    return ledger::pbkdf2_sha256(password, salt, std::get<Pbkdf2Cost>(cost).iterations, 32, limits);
}

ledger::Hash mac_of(const SecretBytes& derived, ByteView ciphertext)
{
    ledger::Keccak256 hasher;
    hasher.update(derived.view().subspan(16, 16));
    hasher.update(ciphertext);
    return hasher.finish();
}

/// A random UUID (RFC 4122, version 4).
std::string make_id(ledger::Random& random)
{
    Bytes bytes(16);
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    std::string id = ledger::to_hex(bytes);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) id.insert(dash, "-");
    return id;
}

Json describe(const KeystoreCost& cost, const Bytes& salt)
{
    Json parameters = {{"dklen", 32}};
    if (const auto* scrypt = std::get_if<ledger::ScryptCost>(&cost)) {
        parameters.update({{"n", scrypt->n}, {"r", scrypt->r}, {"p", scrypt->p}});
    } else {
        parameters["c"] = std::get<Pbkdf2Cost>(cost).iterations;
        parameters["prf"] = "hmac-sha256";
    }
    parameters["salt"] = ledger::to_hex(salt);
    return parameters;
}

}  // namespace

Result<KeystoreFile> parse_keystore(std::string_view text)
{
    if (text.size() > largest_keystore_file) return invalid("the file is too long for a key");
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return invalid("the file is not a JSON object");
    const LenientObject top{json, ""};
    const auto version = top.number("version");
    if (!version) return version.error();
    if (*version != 3) return invalid("version is not 3");
    auto address = read_address(top);
    if (!address) return address.error();
    const auto crypto = top.object("crypto");
    if (!crypto) return crypto.error();
    const auto cipher = crypto->only("cipher", "aes-128-ctr");
    if (!cipher) return cipher.error();
    const auto cipher_parameters = crypto->object("cipherparams");
    if (!cipher_parameters) return cipher_parameters.error();
    auto counter = cipher_parameters->hex("iv", 16, 16);
    if (!counter) return counter.error();
    auto ciphertext = crypto->hex("ciphertext", 1, SecretKey::size);
    if (!ciphertext) return ciphertext.error();
    const auto parameters = crypto->object("kdfparams");
    if (!parameters) return parameters.error();
    const auto cost = read_cost(*crypto, *parameters);
    if (!cost) return cost.error();
    auto salt = parameters->hex("salt", 0, 1024);
    if (!salt) return salt.error();
    const auto mac = crypto->hex("mac", 32, 32);
    if (!mac) return mac.error();
    auto id = top.optional_text("id");
    if (!id) return id.error();
    return KeystoreFile{std::move(*id),
                        *address,
                        *cost,
                        std::move(*salt),
                        std::move(*counter),
                        std::move(*ciphertext),
                        ledger::Hash::of(*mac)};
}

Result<SecretKey> decrypt_key(const KeystoreFile& file, std::string_view passphrase,
                              const ledger::KdfLimits& limits)
{
    const auto derived = stretch(passphrase, file.salt, file.cost, limits);
    if (!derived) return derived.error();
    if (!ledger::equal_in_constant_time(mac_of(*derived, file.ciphertext).view(), file.mac.view()))
        return Error{ErrorKind::denied, "the passphrase is wrong, or the file was changed"};
    const auto plain =
        ledger::aes_128_ctr(derived->view().first(16), file.counter, file.ciphertext);
    if (plain.size() > SecretKey::size) return invalid("ciphertext is too long for a key");
    SecretBytes padded{SecretKey::size};
    std::ranges::copy(plain.view(), padded.mutable_view().last(plain.size()).begin());
    auto key = SecretKey::from_bytes(padded.view());
    if (!key) return Error{ErrorKind::corrupt, "the file holds no key: " + key.error().detail};
    const auto address = ledger::address_of(*key);
    if (file.address && *file.address != address)
        return Error{ErrorKind::corrupt, "the file says " + ledger::to_checksum(*file.address) +
                                             " but holds the key of " +
                                             ledger::to_checksum(address)};
    return key;
}

Result<std::string> encrypt_key(const SecretKey& key, std::string_view passphrase,
                                ledger::Random& random, const KeystoreCost& cost)
{
    Bytes salt(32);
    Bytes counter(16);
    random.fill(salt);
    random.fill(counter);
    const auto derived = stretch(passphrase, salt, cost, {});
    if (!derived) return derived.error();
    const auto ciphertext = ledger::aes_128_ctr(derived->view().first(16), counter, key.view());
    const bool scrypt = std::holds_alternative<ledger::ScryptCost>(cost);
    const Json file = {{"address", ledger::to_hex(ledger::address_of(key).view())},
                       {"crypto",
                        {{"cipher", "aes-128-ctr"},
                         {"cipherparams", {{"iv", ledger::to_hex(counter)}}},
                         {"ciphertext", ledger::to_hex(ciphertext.view())},
                         {"kdf", scrypt ? "scrypt" : "pbkdf2"},
                         {"kdfparams", describe(cost, salt)},
                         {"mac", ledger::to_hex(mac_of(*derived, ciphertext.view()).view())}}},
                       {"id", make_id(random)},
                       {"version", 3}};
    return file.dump(2) + "\n";
}

}  // namespace wallet
