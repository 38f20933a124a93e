#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "node/app/command_support.hpp"
#include "node/core/genesis_block.hpp"
#include "node/env/clock.hpp"

#include <iostream>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

/// What there is to know of a home without its node.
struct HomeFacts {
    market::Network network;
    std::optional<SecretKey> validator;
    SecretKey peer;
    SecretKey host;
};

Result<HomeFacts> read_home(const Home& home)
{
    auto genesis = read_genesis(home);
    if (!genesis) return genesis.error();
    const auto id = genesis_id(*genesis);
    if (!id) return id.error();
    auto validator = read_validator_key(home);
    if (!validator) return validator.error();
    SystemRandom random;
    auto peer = read_or_make_peer_key(home, random);
    if (!peer) return peer.error();
    auto host = read_key(home.host_key());
    if (!host) return host.error();
    return HomeFacts{
        {std::move(*genesis), *id}, std::move(*validator), std::move(*peer), std::move(*host)};
}

void print(const json& document)
{
    std::cout << document.dump(2) << "\n";
}

}  // namespace

int testnet_command(CommandOptions& options)
{
    auto& testnet = options.testnet;
    testnet.out = options.out;
    auto balances = read_balances(options.balances);
    if (!balances) return fail(balances.error());
    testnet.network.balances = std::move(*balances);
    auto issuers = read_addresses(options.issuers);
    if (!issuers) return fail(issuers.error());
    testnet.network.issuers = std::move(*issuers);
    SystemRandom random;
    const auto net = make_testnet(testnet, random, SystemClock{}.wall());
    if (!net) return fail(net.error());
    print(codec::to_json(*net));
    return 0;
}

int validator_show_command(const CommandOptions& options)
{
    const auto facts = read_home(Home{options.home});
    if (!facts) return fail(facts.error());
    json document{{"network", to_hex0x(facts->network.genesis_id.view())},
                  {"account", to_checksum(address_of(facts->host))},
                  {"peerKey", to_hex0x(public_key(facts->peer).view())},
                  {"consensusKey", nullptr},
                  {"inGenesis", false}};
    if (facts->validator) {
        const auto own = consensus_key(*facts->validator);
        document["consensusKey"] = to_hex0x(own.view());
        for (const auto& member : facts->network.genesis.validators.set)
            if (member.consensus_key == own) document["inGenesis"] = true;
    }
    print(document);
    return 0;
}

int validator_pop_command(const CommandOptions& options)
{
    const auto facts = read_home(Home{options.home});
    if (!facts) return fail(facts.error());
    if (!facts->validator)
        return fail({ErrorKind::not_found, options.home + " has no keys/validator.key"});
    auto account = address_of(facts->host);
    if (!options.account.empty()) {
        const auto named = parse_address(options.account);
        if (!named) return fail({ErrorKind::invalid, "--account is not an address"});
        account = *named;
    }
    const auto proof =
        schnorr_sign(*facts->validator, market::possession_digest(facts->network, account), {});
    print({{"network", to_hex0x(facts->network.genesis_id.view())},
           {"account", to_checksum(account)},
           {"consensusKey", to_hex0x(consensus_key(*facts->validator).view())},
           {"peerKey", to_hex0x(public_key(facts->peer).view())},
           {"proof", to_hex0x(proof.view())}});
    return 0;
}

}  // namespace node
