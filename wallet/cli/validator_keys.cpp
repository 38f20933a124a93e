#include "wallet/cli/validator_keys.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/signing.hpp"
#include "wallet/keys/key_store.hpp"
#include "wallet/keys/private_files.hpp"

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;
namespace fs = std::filesystem;

constexpr std::size_t key_file_bytes = 65;  // 64 digits and a line end

ledger::SecretKey read_key_file(const fs::path& file)
{
    auto text = must(read_private_file(file, key_file_bytes));
    auto key = parse_secret_key(std::string_view{text}.substr(0, 64));
    ledger::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!key) fail(Fault::usage, file.string() + " is no key file");
    return std::move(*key);
}

}  // namespace

ValidatorKeys validator_keys_from_file(const market::Network& network, const std::string& path)
{
    const auto bytes = read_input(path, 64 * 1024);
    auto document = must(codec::parse_json(ledger::as_text(bytes)));
    if (!document.is_object() ||
        document.value("network", json{}) != ledger::to_hex0x(network.genesis_id.view()))
        fail(Fault::usage, path + " is no proof of a validator's keys for this network");
    document.erase("network");
    const auto keys = must(codec::from_json<ValidatorKeys>(document));
    if (!ledger::schnorr_verify(keys.consensus_key,
                                market::possession_digest(network, keys.account), keys.proof))
        fail(Fault::unverified, "the proof in " + path + " does not hold");
    return keys;
}

ValidatorKeys validator_keys_of_home(const market::Network& network, const std::string& home,
                                     const ledger::Address& account)
{
    const auto folder = fs::path{home} / "keys";
    const auto votes = read_key_file(folder / "validator.key");
    const auto peer = read_key_file(folder / "peer.key");
    return {account, ledger::consensus_key(votes), ledger::public_key(peer),
            ledger::schnorr_sign(votes, market::possession_digest(network, account), {})};
}

}  // namespace wallet::cli
