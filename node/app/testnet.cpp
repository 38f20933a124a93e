#include "node/app/testnet.hpp"

#include "ledger/codec/json.hpp"
#include "node/app/peer_settings.hpp"
#include "node/env/files.hpp"

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;

constexpr auto node_balance = Amount::micros(1'000'000'000'000);
constexpr std::uint32_t port_step = 10;

Result<void> check_options(const TestnetOptions& options)
{
    const auto wrong = [](std::string what) { return Error{ErrorKind::invalid, std::move(what)}; };
    if (options.validators < 1 || options.validators > TestnetOptions::most_validators)
        return wrong("--validators is 1 to 128");
    if (options.followers > TestnetOptions::most_followers) return wrong("--followers is 0 to 128");
    const auto nodes = options.validators + options.followers;
    if (options.base_port == 0 || options.base_port + port_step * (nodes - 1) + 1 > 65'535)
        return wrong("--base-port leaves no ports for " + std::to_string(nodes) + " nodes");
    std::error_code bad;
    if (fs::exists(options.out, bad) && !fs::is_empty(options.out, bad))
        return wrong(options.out.string() + " is there and not empty");
    return {};
}

NetAddress peer_address(const TestnetOptions& options, std::size_t i)
{
    const auto port = options.base_port + port_step * i + 1;
    return *address_from_text("127.0.0.1:" + std::to_string(port));
}

Config config_of(const TestnetOptions& options, const std::vector<NodeKeys>& keys, std::size_t own)
{
    Config config;
    config.http.port = static_cast<std::uint16_t>(options.base_port + port_step * own);
    const auto address = peer_address(options, own);
    config.peers.port = address.port;
    config.peers.advertised = {to_text(address)};
    config.peers.private_addresses = true;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (i != own)
            config.peers.fixed.push_back(
                to_text(FixedPeer{public_key(keys[i].peer), peer_address(options, i)}));
    return config;
}

TestnetNode node_of(const TestnetOptions& options, const NodeKeys& keys, std::size_t i)
{
    const auto name = "node" + std::to_string(i);
    return {name,
            name,
            i < options.validators,
            "http://127.0.0.1:" + std::to_string(options.base_port + port_step * i),
            to_text(peer_address(options, i)),
            public_key(keys.peer),
            consensus_key(keys.validator),
            address_of(keys.host)};
}

}  // namespace

Result<Testnet> make_testnet(const TestnetOptions& options, Random& random, TimeMs now)
{
    if (const auto good = check_options(options); !good) return good.error();
    std::vector<NodeKeys> keys;
    for (std::uint32_t i = 0; i < options.validators + options.followers; ++i)
        keys.push_back({SecretKey::generate(random), SecretKey::generate(random),
                        SecretKey::generate(random)});
    auto network = options.network;
    if (options.account_per_node)
        for (const auto& node : keys)
            network.balances.push_back({address_of(node.host), node_balance});
    const auto genesis =
        make_genesis(network, std::span{keys}.first(options.validators), random, now);
    if (!genesis) return genesis.error();

    if (const auto done = make_private_directory(options.out); !done) return done.error();
    Testnet net{genesis->name,      genesis->chain_id, "node0/genesis.json",
                options.validators, options.followers, {}};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        net.nodes.push_back(node_of(options, keys[i], i));
        const Home home{options.out / net.nodes.back().home};
        const auto done = write_home(home, keys[i], *genesis, config_of(options, keys, i));
        if (!done) return done.error();
    }
    const auto text = codec::to_json(net).dump(2) + "\n";
    const auto done = write_file(options.out / "network.json", as_bytes(text));
    if (!done) return done.error();
    return net;
}

}  // namespace node
