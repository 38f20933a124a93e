#include "ledger/chain/genesis.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/store/pruning.hpp"
#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;

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
            {"oldestBlock", parts.store.base().value_or(Height{}).value},
            {"mempool", parts.ledger.mempool_size()},
            {"halted", parts.ledger.halted()},
            {"refusedChain", parts.ledger.progress().refused},
            {"node",
             {{"version", parts.identity.version},
              {"host", optional_address(parts.identity.host)},
              {"hostKey", optional_address(parts.identity.host_key)}}},
            {"params", to_json(genesis.params)}};
}

json block_json(const ApiParts& parts, Height height, bool raw)
{
    const auto block = must(parts.store.block(height));
    if (!has_body(block)) refuse(no_body_error(height));
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
    const auto base = parts.store.base().value_or(Height{}).value;
    for (std::uint64_t i = 0; i < limit && i <= height; ++i) {
        if (height - i < base) return {{"items", items}, {"next", nullptr}};
        const auto stored = parts.store.block({height - i});
        // Dropped since the base was read.
        if (!stored && height - i < parts.store.base().value_or(Height{}).value)
            return {{"items", items}, {"next", nullptr}};
        const auto block = must(stored);
        const auto header = must(decode_header(block.header));
        items.push_back({{"id", to_json(block.id)}, {"header", to_json(header)}});
    }
    const bool more = height + 1 > limit;
    return {{"items", items}, {"next", more ? json(height + 1 - limit) : json(nullptr)}};
}

}  // namespace

namespace api {

Height block_parameter(const ApiParts& parts, std::string_view which)
{
    if (which == "latest") return parts.ledger.head()->header.height;
    if (which.starts_with("0x")) {
        const auto id = id_from_hex<BlockId>(which);
        if (!id) refuse(400, "bad_id", "a block id is 0x and 64 hex digits");
        return must(parts.store.height_of(*id));
    }
    const auto number = codec::parse_decimal(which);
    if (!number) refuse(400, "bad_block", "a block is a height, an id or latest");
    return {*number};
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
    router.add(
        Method::get, "/v1/blocks", {"Newest blocks first: ?limit= and ?before=HEIGHT"},
        answering([parts](const Exchange& exchange) { return blocks_json(parts, exchange); }));
    router.add(Method::get, "/v1/blocks/{block}", {"A block by height, id or latest; ?raw=1"},
               answering([parts](const Exchange& exchange) {
                   return block_json(parts, block_parameter(parts, exchange.parameter("block")),
                                     exchange.head().target.parameter("raw") == "1");
               }));
}

}  // namespace node
