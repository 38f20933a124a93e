#include "tests/support/fake_prover.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "market/execute.hpp"
#include "market/state/state.hpp"
#include "tests/support/test_network.hpp"

#include <chrono>

namespace wallet {

using namespace ledger;
using nlohmann::json;

Genesis proven_genesis(std::chrono::seconds age, std::chrono::seconds unbonding)
{
    auto genesis = node::test_genesis();
    genesis.validators.set.clear();
    for (std::uint8_t n = 1; n <= 4; ++n)
        genesis.validators.set.push_back(light::light_validator(n, 1'000));
    const auto now = std::chrono::system_clock::now().time_since_epoch() - age;
    genesis.time_ms = {static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count())};
    genesis.params.unbonding_s = static_cast<std::uint64_t>(unbonding.count());
    return genesis;
}

FakeProver::FakeProver(const Genesis& genesis) : world{genesis, market::genesis_state(genesis)} {}

Height FakeProver::add(const std::vector<market::Receipt>& receipts, StateDiff state)
{
    light::LightWorld::Draft draft;
    draft.state = std::move(state);
    for (const auto& receipt : receipts) draft.receipts.push_back(codec::encode(receipt));
    const auto height = world.add(std::move(draft));
    for (std::uint32_t i = 0; i < receipts.size(); ++i) places_[receipts[i].tx_id] = {height, i};
    receipts_[height] = receipts;
    return height;
}

Bytes FakeProver::account_key(std::uint8_t person)
{
    return market::state_key<market::Account>(node::test_account(person));
}

Height FakeProver::height_of(const std::string& which) const
{
    return which == "latest" ? world.tip() : Height{*codec::parse_decimal(which)};
}

json FakeProver::raw_block(Height height) const
{
    const auto found = receipts_.find(height);
    const auto receipts = found == receipts_.end() ? std::vector<market::Receipt>{} : found->second;
    const auto& header = world.header(height);
    return {{"id", codec::to_json(block_id(header))},
            {"header", codec::to_json(header)},
            {"txs", json::array()},
            {"receipts", codec::to_json(receipts)},
            {"certificate", nullptr},
            {"headerHex", to_hex0x(encode_header(header))},
            {"bodyHex", to_hex0x(encode_body({}))},
            {"receiptsHex", to_hex0x(codec::encode(receipts))},
            {"certificateHex", "0x"}};
}

void FakeProver::on(FakeNode& node, const std::string& route, const std::string& pattern, Make make)
{
    node.on(node::Method::get, pattern,
            [this, route, make = std::move(make)](const FakeRequest& request) {
                json answer;
                try {
                    answer = make(request);
                } catch (const std::exception&) {
                    return node::Response::json(404, R"({"error":{"code":"not_found"}})");
                }
                if (lie) lie(route, answer);
                return node::Response::json(200, answer.dump());
            });
}

void FakeProver::add_routes(FakeNode& node)
{
    on(node, "genesis", "/v1/genesis",
       [this](const FakeRequest&) { return json::parse(genesis_json(world.genesis())); });
    on(node, "state", "/v1/proof/state/{key}", [this](const FakeRequest& request) {
        return proof_json(world.state(*from_hex(request.parameters.at("key"))));
    });
    on(node, "receipt", "/v1/proof/receipt/{txId}", [this](const FakeRequest& request) {
        const auto [height, index] = places_.at(*id_from_hex<TxId>(request.parameters.at("txId")));
        return proof_json(world.receipt(height, index));
    });
    on(node, "block", "/v1/proof/block/{block}", [this](const FakeRequest& request) {
        return proof_json(world.block(height_of(request.parameters.at("block"))));
    });
    on(node, "epoch", "/v1/proof/epoch/{from}", [this](const FakeRequest& request) {
        return proof_json(world.epochs(*codec::parse_decimal(request.parameters.at("from"))));
    });
    on(node, "checkpoint", "/v1/checkpoint", [this](const FakeRequest& request) {
        for (std::uint64_t epoch = 0; epoch <= world.epoch(); ++epoch) {
            const auto made = world.checkpoint(epoch);
            if (to_hex0x(block_id(made.anchor).view()) == request.block_query)
                return codec::to_json(made);
        }
        return codec::to_json(world.checkpoint(world.epoch()));
    });
    on(node, "blocks", "/v1/blocks/{block}", [this](const FakeRequest& request) {
        return raw_block(height_of(request.parameters.at("block")));
    });
}

}  // namespace wallet
