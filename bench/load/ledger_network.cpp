#include "bench/load/ledger_network.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/execute.hpp"
#include "node/core/genesis_block.hpp"

#include <thread>

namespace ledger {
namespace {

Hash numbered(std::uint64_t number)
{
    Bytes bytes;
    for (unsigned shift = 0; shift < 64; shift += 8)
        bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    return sha256(bytes);
}

SecretKey key_of(std::uint8_t kind, std::uint32_t index)
{
    return *SecretKey::from_bytes(
        sha256(Bytes{kind, static_cast<std::uint8_t>(index >> 8), static_cast<std::uint8_t>(index)})
            .view());
}

Genesis small_genesis(std::uint32_t validators)
{
    Genesis genesis;
    genesis.format = "millrace/genesis/v1";
    genesis.name = "bench";
    genesis.chain_id = {402'078};
    genesis.time_ms = {1'767'225'500'000};
    genesis.asset = {AssetKind::coin, "Mill", "MILL", "1", 6, {}};
    genesis.asset.address.bytes.fill(0xf1);
    for (std::uint32_t i = 0; i < validators; ++i) {
        const auto key = validator_key(i);
        const auto account = address_of(key);
        genesis.validators.set.push_back(
            {consensus_key(key), public_key(peer_key(i)), account, account, 1'000});
    }
    genesis.params.min_interval_ms = 1;
    genesis.params.max_drift_ms = 2'000;
    genesis.params.stake_unit = Amount::micros(1);
    genesis.params.min_fee = Amount::micros(10);
    return genesis;
}

}  // namespace

SecretKey validator_key(std::uint32_t index)
{
    return key_of('v', index);
}

SecretKey peer_key(std::uint32_t index)
{
    return key_of('p', index);
}

People::People(std::size_t accounts, std::size_t senders) : nonces_(senders)
{
    if (accounts < senders) throw std::runtime_error{"fewer accounts than senders"};
    accounts_.reserve(accounts);
    for (std::size_t i = 0; i < senders; ++i) {
        keys_.push_back(*SecretKey::from_bytes(numbered(i).view()));
        accounts_.push_back(address_of(keys_.back()));
    }
    for (auto i = senders; i < accounts; ++i)
        accounts_.push_back(Address::of(numbered(i).view().first(Address::size)));
}

std::vector<Bytes> People::sign_transfers(const market::Network& network, std::size_t count,
                                          unsigned threads)
{
    struct Order {
        std::size_t sender;
        std::uint64_t nonce;
        Address to;
    };
    std::vector<Order> orders;
    for (std::size_t i = 0; i < count; ++i) {
        const auto draw = numbered(~draws_++).bytes;
        const std::uint64_t drawn =
            std::uint64_t{draw[0]} << 24 | draw[1] << 16 | draw[2] << 8 | std::uint64_t{draw[3]};
        orders.push_back(
            {next_sender_, nonces_[next_sender_]++, accounts_[drawn % accounts_.size()]});
        next_sender_ = (next_sender_ + 1) % keys_.size();
    }
    std::vector<Bytes> made(count);
    std::vector<std::thread> workers;
    for (unsigned thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&, thread] {
            for (auto i = std::size_t{thread}; i < count; i += threads) {
                const auto& [sender, nonce, to] = orders[i];
                const market::Message message = market::Transfer{to, Amount::micros(1)};
                auto envelope = market::make_transaction(accounts_[sender], {}, {nonce},
                                                         Amount::micros(10), 0, message);
                const auto id = market::transaction_id(network.transactions, envelope, message);
                envelope.signature = sign(keys_[sender], retag<Hash>(id));
                made[i] = encode_transaction(envelope);
            }
        });
    }
    for (auto& worker : workers) worker.join();
    return made;
}

void People::skip(std::size_t count)
{
    draws_ += count;
    for (std::size_t i = 0; i < count; ++i) {
        ++nonces_[next_sender_];
        next_sender_ = (next_sender_ + 1) % keys_.size();
    }
}

std::unique_ptr<market::Network> fill_store(BlockStore& store, const People& people,
                                            std::uint32_t validators)
{
    auto genesis = small_genesis(validators);
    auto listed = genesis;
    listed.balances.reserve(people.accounts().size());
    for (const auto& account : people.accounts())
        listed.balances.push_back({account, Amount::micros(1'000'000'000)});
    auto state = market::genesis_state(listed);

    const MemoryTreeNodes nothing;
    StateTree tree{nothing};
    const auto root = must(tree.apply({0}, state));
    const auto header = node::genesis_header(genesis, root);
    const auto id = block_id(header);
    const Bytes nobody = codec::encode(std::vector<market::Receipt>{});
    BlockCommit commit{
        {{0}, id, encode_header(header), encode_body({}), nobody, {}}, {}, std::move(state), 0};
    must(store.append(commit));
    must(store.checkpoint(must(tree.take_changes()), 0));
    return std::make_unique<market::Network>(std::move(genesis), id);
}

std::unique_ptr<market::Network> network_of(const BlockStore& store, std::uint32_t validators)
{
    return std::make_unique<market::Network>(small_genesis(validators), must(store.block({0})).id);
}

}  // namespace ledger
