#include "ledger/chain/genesis.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_proof.hpp"
#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;

constexpr std::chrono::seconds core_patience{10};

json status_json(const ApiParts& parts)
{
    const auto head = parts.ledger.head();
    const auto& genesis = parts.network.genesis;
    const auto optional_address = [](const std::optional<Address>& address) {
        return address ? to_json(*address) : json(nullptr);
    };
    return {{"network", genesis.name},
            {"chainId", genesis.chain_id.value},
            {"genesisId", to_json(parts.network.genesis_id)},
            {"asset", to_json(genesis.asset)},
            {"height", head->header.height.value},
            {"blockId", to_json(head->id)},
            {"timeMs", head->header.time_ms.value},
            {"stateRoot", to_json(head->header.state_root)},
            {"mempool", parts.ledger.mempool_size()},
            {"halted", parts.ledger.halted()},
            {"node",
             {{"version", parts.identity.version},
              {"host", optional_address(parts.identity.host)},
              {"hostKey", optional_address(parts.identity.host_key)}}},
            {"params", to_json(genesis.params)}};
}

Height height_of(const ApiParts& parts, std::string_view which)
{
    if (which == "latest") return parts.ledger.head()->header.height;
    if (which.starts_with("0x")) {
        const auto id = id_from_hex<BlockId>(which);
        if (!id) api::refuse(400, "bad_id", "a block id is 0x and 64 hex digits");
        return must(parts.store.height_of(*id));
    }
    const auto number = codec::parse_decimal(which);
    if (!number) api::refuse(400, "bad_block", "a block is a height, an id or latest");
    return {*number};
}

json block_json(const ApiParts& parts, Height height, bool raw)
{
    const auto block = must(parts.store.block(height));
    const auto header = must(decode_header(block.header));
    const auto receipts = must(codec::decode<std::vector<market::Receipt>>(block.receipts));
    json ids = json::array();
    for (const auto& receipt : receipts) ids.push_back(to_json(receipt.tx_id));
    json made{{"id", to_json(block.id)},
              {"header", to_json(header)},
              {"txs", ids},
              {"receipts", to_json(receipts)},
              {"certificate", nullptr}};
    if (!block.certificate.empty())
        made["certificate"] = to_json(must(decode_certificate(block.certificate)));
    if (raw) {
        made["headerHex"] = to_hex0x(block.header);
        made["bodyHex"] = to_hex0x(block.body);
        made["receiptsHex"] = to_hex0x(block.receipts);
        made["certificateHex"] = to_hex0x(block.certificate);
    }
    return made;
}

asio::awaitable<json> account_json(const ApiParts& parts, const Exchange& exchange)
{
    const auto address = address_parameter(exchange, "address");
    const auto lane = number_query(exchange, "lane").value_or(0);
    if (lane > 255) api::refuse(400, "bad_lane", "lanes are 0 to 255");
    const auto snapshot = must(parts.store.snapshot());
    const market::View view{*snapshot};
    const auto account = view.get<market::Account>(address);
    auto asked = co_await await_callback<Result<Nonce>>(
        [&](auto done) {
            parts.ledger.next_nonce(address, {static_cast<std::uint32_t>(lane)}, done);
        },
        core_patience);
    if (!asked) api::refuse(503, "unavailable", "the ledger does not answer");
    const auto nonce = must(std::move(*asked));
    co_return json{{"address", to_json(address)},
                   {"balance", to_json(account.balance)},
                   {"locked", to_json(account.locked)},
                   {"lane", lane},
                   {"nonce", nonce.value},
                   {"host", view.has<market::Host>(address)}};
}

/// Nodes of the history tree as the store keeps them; level 0 follows from the block's id.
class StoredHistory final : public HistoryNodes {
public:
    explicit StoredHistory(const BlockStore& store) : store_{store} {}
    Result<Hash> node(std::uint8_t level, std::uint64_t index) const override
    {
        if (level == 0) {
            const auto block = store_.block({index});
            if (!block) return block.error();
            return merkle_leaf(block->id.view());
        }
        const auto found = store_.history_node(level, index);
        if (!found) return found.error();
        if (!*found) return Error{ErrorKind::corrupt, "a node of the history tree is missing"};
        return **found;
    }

private:
    const BlockStore& store_;
};

/// Proof that the newest header knows an older block (RFC 6962 over the ids of all blocks).
json block_proof_json(const ApiParts& parts, Height height)
{
    const auto head = parts.ledger.head();
    const auto count = head->header.height.value;
    if (height.value >= count)
        api::refuse(404, "not_in_history", "a block is in the history of those after it");
    const auto path = must(history_path(StoredHistory{parts.store}, height.value, count));
    const auto old = must(parts.store.block(height));
    const auto newest = must(parts.store.block(head->header.height));
    return {{"height", height.value},
            {"blockId", to_json(old.id)},
            {"path", to_json(path)},
            {"count", count},
            {"historyRoot", to_json(head->header.history_root)},
            {"headId", to_json(newest.id)},
            {"header", to_hex0x(newest.header)},
            {"certificate", to_hex0x(newest.certificate)}};
}

Bytes key_query(const Exchange& exchange)
{
    const auto text = exchange.head().target.parameter("key");
    const auto key = text ? from_hex(*text) : std::nullopt;
    if (!key || key->empty() || key->size() > 1024)
        api::refuse(400, "bad_key", "key is 1 to 1024 bytes of hex");
    return *key;
}

json blocks_json(const ApiParts& parts, const Exchange& exchange)
{
    const auto limit = number_query(exchange, "limit").value_or(20);
    if (limit < 1 || limit > 100) api::refuse(400, "bad_limit", "limit is 1 to 100");
    auto height = parts.ledger.head()->header.height.value;
    if (const auto before = number_query(exchange, "before")) {
        if (*before == 0) return {{"items", json::array()}, {"next", nullptr}};
        height = std::min(height, *before - 1);
    }
    auto items = json::array();
    for (std::uint64_t i = 0; i < limit && i <= height; ++i) {
        const auto block = must(parts.store.block({height - i}));
        const auto header = must(decode_header(block.header));
        items.push_back({{"id", to_json(block.id)}, {"header", to_json(header)}});
    }
    const bool more = height + 1 > limit;
    return {{"items", items}, {"next", more ? json(height + 1 - limit) : json(nullptr)}};
}

}  // namespace

namespace api {

asio::awaitable<json> proof_json(const ApiParts& parts, Bytes key)
{
    auto proved = co_await await_callback<Result<LedgerService::Proved>>(
        [&](auto done) { parts.ledger.prove(key, done); }, core_patience);
    if (!proved) api::refuse(503, "unavailable", "the ledger does not answer");
    const auto found = must(std::move(*proved));
    const auto height = found.head.header.height;
    const auto value = must(parts.store.state_at(key, height));
    const auto block = must(parts.store.block(height));
    co_return json{{"key", to_hex0x(key)},
                   {"value", value ? json(to_hex0x(*value)) : json(nullptr)},
                   {"proof", to_hex0x(encode(found.proof))},
                   {"height", height.value},
                   {"blockId", to_json(found.head.id)},
                   {"header", to_hex0x(block.header)},
                   {"certificate", to_hex0x(block.certificate)}};
}

}  // namespace api

void add_ledger_routes(Router& router, const ApiParts& parts)
{
    router.add(Method::get, "/v1/status", {"The network, this node, and where the ledger stands"},
               answering([parts](const Exchange&) { return status_json(parts); }));
    router.add(Method::get, "/v1/genesis", {"The genesis document"},
               answering([parts](const Exchange&) { return to_json(parts.network.genesis); }));
    router.add(Method::get, "/v1/supply", {"What was there, made, issued and burned"},
               answering([parts](const Exchange&) {
                   const auto snapshot = must(parts.store.snapshot());
                   return to_json(market::View{*snapshot}.get<market::Supply>({}));
               }));
    router.add(Method::get, "/v1/accounts/{address}", {"Balance and next nonce of an account"},
               guarded([parts](Exchange& exchange) { return account_json(parts, exchange); }));
    router.add(Method::get, "/v1/accounts/{address}/proof",
               {"An account with the proof that the newest state holds it"},
               guarded([parts](Exchange& exchange) {
                   return proof_json(parts, market::state_key<market::Account>(
                                                address_parameter(exchange, "address")));
               }));
    router.add(
        Method::get, "/v1/proof", {"Any state key with its proof: ?key=0x..."},
        guarded([parts](Exchange& exchange) { return proof_json(parts, key_query(exchange)); }));
    router.add(
        Method::get, "/v1/blocks", {"Newest blocks first: ?limit= and ?before=HEIGHT"},
        answering([parts](const Exchange& exchange) { return blocks_json(parts, exchange); }));
    router.add(Method::get, "/v1/blocks/{block}", {"A block by height, id or latest; ?raw=1"},
               answering([parts](const Exchange& exchange) {
                   return block_json(parts, height_of(parts, exchange.parameter("block")),
                                     exchange.head().target.parameter("raw") == "1");
               }));
    router.add(Method::get, "/v1/blocks/{block}/proof",
               {"The path of an older block under the newest header's history root", {}, {}, {404}},
               answering([parts](const Exchange& exchange) {
                   return block_proof_json(parts, height_of(parts, exchange.parameter("block")));
               }));
}

}  // namespace node
