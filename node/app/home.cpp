#include "node/app/home.hpp"

#include "ledger/base/hex.hpp"
#include "node/env/files.hpp"

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

constexpr std::size_t key_file_bytes = 65;
constexpr std::size_t genesis_bytes = std::size_t{16} << 20;

Genesis new_network(const InitOptions& options, const SecretKey& validator, const SecretKey& host,
                    Random& random, TimeMs now)
{
    Genesis genesis;
    genesis.format = "millrace/genesis/v1";
    genesis.name = options.new_network.empty() ? "dev" : options.new_network;
    // Beyond 2^31 and below 2^53: no public network has such an id, and JSON keeps it exact.
    genesis.chain_id = {(1ull << 31) + random.below((1ull << 53) - (1ull << 31))};
    genesis.time_ms = now;
    genesis.asset = {options.credit ? AssetKind::credit : AssetKind::coin,
                     options.credit ? "Mill credit" : "Mill",
                     options.credit ? "MILC" : "MILL",
                     "1",
                     6,
                     {}};
    genesis.asset.address = retag<Address>(FixedBytes<struct Unused, 20>{});
    random.fill(genesis.asset.address.bytes);
    const auto account = address_of(host);
    genesis.balances = options.balances;
    if (options.credit) {
        genesis.issuers = {1, options.issuers.empty() ? std::vector{account} : options.issuers};
        genesis.validators.admission = Admission::authority;
    } else if (genesis.balances.empty()) {
        genesis.balances = {{account, Amount::micros(1'000'000'000'000)}};
    }
    genesis.validators.set = {
        {consensus_key(validator), public_key(host), account, account, 1'000}};
    genesis.params = dev_parameters();
    if (options.credit) genesis.params.min_fee = {};
    return genesis;
}

Result<SecretKey> parse_key_file(const fs::path& path)
{
    auto bytes = read_file(path, key_file_bytes);
    if (!bytes) return Error{bytes.error().kind, "cannot read " + path.string()};
    auto text = as_text(*bytes);
    if (text.ends_with('\n')) text.remove_suffix(1);
    auto hex = text.size() == 64 ? from_hex(text) : std::nullopt;
    wipe(*bytes);
    if (!hex) return Error{ErrorKind::invalid, path.string() + " is no key file"};
    auto key = SecretKey::from_bytes(*hex);
    wipe(*hex);
    if (!key) return Error{ErrorKind::invalid, path.string() + " holds no valid key"};
    return key;
}

Result<SecretKey> taken_or_new(const fs::path& file, Random& random)
{
    if (file.empty()) return SecretKey::generate(random);
    return parse_key_file(file);
}

Result<Genesis> genesis_of_file(const fs::path& file, const SecretKey& validator)
{
    const auto bytes = read_file(file, genesis_bytes);
    if (!bytes) return Error{bytes.error().kind, "cannot read " + file.string()};
    auto genesis = parse_genesis(as_text(*bytes));
    if (!genesis) return genesis;
    const auto own = consensus_key(validator);
    for (const auto& member : genesis->validators.set)
        if (member.consensus_key == own) return genesis;
    return Error{ErrorKind::denied,
                 file.string() +
                     " names other validators than this node's key; with the key "
                     "of one of them, add --validator-key FILE"};
}

}  // namespace

Parameters dev_parameters()
{
    Parameters params;
    params.min_interval_ms = 1;
    params.max_drift_ms = 2'000;
    params.unbonding_s = 3'600;
    params.stake_unit = Amount::micros(1'000'000);
    params.min_fee = Amount::micros(1'000);
    params.byte_deposit = Amount::micros(10);
    params.delta_bps = {300};
    params.eps_bps = {50};
    params.min_bond = Amount::micros(100'000'000);
    params.min_slash = Amount::micros(1'000'000);
    params.min_deposit = Amount::micros(20'000);
    params.w_disp_s = 2;
    params.w_unbond_s = 60;
    params.t_rel_s = 10;
    params.t_disp_s = 5;
    params.price_notice_s = 3'600;
    return params;
}

Result<SecretKey> read_key(const fs::path& path)
{
    if (const auto good = check_private(path); !good) return good.error();
    return parse_key_file(path);
}

Result<void> write_key(const fs::path& path, const SecretKey& key)
{
    auto text = to_hex(key.view()) + "\n";
    const auto done = write_file(path, as_bytes(text), FileMode::private_file);
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return done;
}

Result<Genesis> read_genesis(const Home& home)
{
    const auto bytes = read_file(home.genesis(), genesis_bytes);
    if (!bytes)
        return Error{bytes.error().kind,
                     "cannot read " + home.genesis().string() + "; millraced init makes a home"};
    return parse_genesis(as_text(*bytes));
}

Result<void> init_home(const Home& home, const InitOptions& options, Random& random, TimeMs now)
{
    if (fs::exists(home.genesis()) || fs::exists(home.config()))
        return Error{ErrorKind::invalid, home.folder.string() + " is a home already"};
    const auto validator = taken_or_new(options.validator_key, random);
    if (!validator) return validator.error();
    const auto host = taken_or_new(options.host_key, random);
    if (!host) return host.error();
    Genesis genesis;
    if (options.network == "dev" || !options.new_network.empty()) {
        genesis = new_network(options, *validator, *host, random, now);
        if (const auto good = check(genesis); !good) return good;
    } else {
        auto parsed = genesis_of_file(options.network, *validator);
        if (!parsed) return parsed.error();
        genesis = std::move(*parsed);
    }
    for (const auto& folder : {home.folder, home.folder / "keys"})
        if (const auto done = make_private_directory(folder); !done) return done;
    if (const auto done = write_key(home.validator_key(), *validator); !done) return done;
    if (const auto done = write_key(home.host_key(), *host); !done) return done;
    if (const auto done =
            write_file(home.config(), as_bytes(config_json({})), FileMode::private_file);
        !done)
        return done;
    return write_file(home.genesis(), as_bytes(genesis_json(genesis)), FileMode::public_file);
}

}  // namespace node
