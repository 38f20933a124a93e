#include "node/app/home.hpp"

#include "ledger/base/hex.hpp"
#include "node/app/new_network.hpp"
#include "node/env/files.hpp"

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

constexpr std::size_t key_file_bytes = 65;
constexpr std::size_t genesis_bytes = std::size_t{16} << 20;

bool same(const SecretKey& a, const SecretKey& b)
{
    return public_key(a) == public_key(b);
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

Result<NodeKeys> taken_or_new_keys(const InitOptions& options, Random& random)
{
    auto validator = taken_or_new(options.validator_key, random);
    if (!validator) return validator.error();
    auto peer = taken_or_new(options.peer_key, random);
    if (!peer) return peer.error();
    auto host = taken_or_new(options.host_key, random);
    if (!host) return host.error();
    return NodeKeys{std::move(*validator), std::move(*peer), std::move(*host)};
}

/// Whether the document names the keys as one of its validators.
Result<void> check_membership(const Genesis& genesis, const NodeKeys& keys, const std::string& file)
{
    const auto own = consensus_key(keys.validator);
    for (const auto& member : genesis.validators.set) {
        if (member.consensus_key != own) continue;
        if (member.peer_key == public_key(keys.peer)) return {};
        return Error{ErrorKind::denied, file +
                                            " names another peer key for this validator; with "
                                            "that key, add --peer-key FILE"};
    }
    return Error{ErrorKind::denied,
                 file +
                     " names other validators than this node's key; with the key of one of them, "
                     "add --validator-key FILE, to follow the network without, --follower"};
}

Result<Genesis> genesis_of_file(const InitOptions& options, const NodeKeys& keys)
{
    const fs::path file = options.network;
    const auto bytes = read_file(file, genesis_bytes);
    if (!bytes) return Error{bytes.error().kind, "cannot read " + file.string()};
    auto genesis = parse_genesis(as_text(*bytes));
    if (!genesis || options.follower) return genesis;
    if (const auto good = check_membership(*genesis, keys, file.string()); !good)
        return good.error();
    return genesis;
}

Result<Genesis> genesis_for(const InitOptions& options, const NodeKeys& keys, Random& random,
                            TimeMs now)
{
    if (options.network != "dev" && options.new_network.empty())
        return genesis_of_file(options, keys);
    if (options.follower)
        return Error{ErrorKind::invalid,
                     "a follower needs the genesis document of a network: add --network FILE"};
    if (same(keys.validator, keys.peer) || same(keys.peer, keys.host) ||
        same(keys.host, keys.validator))
        return Error{ErrorKind::invalid, "the keys of validator, peer and host must differ"};
    const NewNetwork network{options.new_network.empty() ? "dev" : options.new_network,
                             options.credit, options.balances, options.issuers};
    return make_genesis(network, {&keys, 1}, random, now);
}

}  // namespace

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

Result<std::optional<SecretKey>> read_validator_key(const Home& home)
{
    if (!fs::exists(home.validator_key())) return std::optional<SecretKey>{};
    auto key = read_key(home.validator_key());
    if (!key) return key.error();
    return std::optional{std::move(*key)};
}

Result<SecretKey> read_or_make_peer_key(const Home& home, Random& random)
{
    if (fs::exists(home.peer_key())) return read_key(home.peer_key());
    auto key = SecretKey::generate(random);
    if (const auto done = write_key(home.peer_key(), key); !done) return done.error();
    return key;
}

Result<Genesis> read_genesis(const Home& home)
{
    const auto bytes = read_file(home.genesis(), genesis_bytes);
    if (!bytes)
        return Error{bytes.error().kind,
                     "cannot read " + home.genesis().string() + "; millraced init makes a home"};
    return parse_genesis(as_text(*bytes));
}

Result<void> write_home(const Home& home, const NodeKeys& keys, const Genesis& genesis,
                        const Config& config)
{
    for (const auto& folder : {home.folder, home.folder / "keys"})
        if (const auto done = make_private_directory(folder); !done) return done;
    if (const auto done = write_key(home.validator_key(), keys.validator); !done) return done;
    if (const auto done = write_key(home.peer_key(), keys.peer); !done) return done;
    if (const auto done = write_key(home.host_key(), keys.host); !done) return done;
    if (const auto done =
            write_file(home.config(), as_bytes(config_json(config)), FileMode::private_file);
        !done)
        return done;
    return write_file(home.genesis(), as_bytes(genesis_json(genesis)), FileMode::public_file);
}

Result<void> init_home(const Home& home, const InitOptions& options, Random& random, TimeMs now)
{
    if (fs::exists(home.genesis()) || fs::exists(home.config()))
        return Error{ErrorKind::invalid, home.folder.string() + " is a home already"};
    const auto keys = taken_or_new_keys(options, random);
    if (!keys) return keys.error();
    const auto genesis = genesis_for(options, *keys, random, now);
    if (!genesis) return genesis.error();
    return write_home(home, *keys, *genesis, Config{});
}

}  // namespace node
