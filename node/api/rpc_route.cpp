#include "market/signing.hpp"
#include "node/api/answers.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;

constexpr std::size_t rpc_bytes = 64 * 1024;
constexpr std::size_t rpc_batch = 32;

/// JSON-RPC 2.0 error codes, as Ethereum clients use them.
enum class RpcCode : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
};

struct RpcError {
    RpcCode code;
    std::string message;
};

/// A quantity: 0x and hex without leading zeros.
std::string quantity(std::uint64_t value)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    do text.insert(text.begin(), digits[value & 15]);
    while ((value >>= 4) != 0);
    return "0x" + text;
}

std::string word(std::uint64_t value)
{
    Bytes bytes(32);
    for (unsigned i = 0; i < 8; ++i) bytes[31 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return to_hex(bytes);
}

Address address_of(const json& params, std::size_t index)
{
    const auto address = params.size() > index && params[index].is_string()
                             ? parse_address(params[index].get_ref<const std::string&>())
                             : std::nullopt;
    if (!address) throw RpcError{RpcCode::invalid_params, "an address is expected"};
    return *address;
}

Bytes selector(std::string_view signature)
{
    const auto hash = keccak256(as_bytes(signature));
    return {hash.bytes.begin(), hash.bytes.begin() + 4};
}

/// The two calls that stock x402 clients make: what a channel and what an account holds.
json eth_call(const market::View& view, const market::Network& network, const json& params)
{
    if (params.empty() || !params[0].is_object())
        throw RpcError{RpcCode::invalid_params, "a call object is expected"};
    const auto& call = params[0];
    const auto text = [&](const char* name) {
        const auto found = call.find(name);
        return found != call.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string{};
    };
    const auto to = parse_address(text("to"));
    const auto input = from_hex(call.contains("data") ? text("data") : text("input"));
    if (!to || !input || input->size() != 36)
        throw RpcError{RpcCode::invalid_params, "only channels(bytes32) and balanceOf(address)"};
    const ByteView argument = ByteView{*input}.subspan(4);
    const Bytes called(input->begin(), input->begin() + 4);

    if (*to == market::batch_settlement_contract && called == selector("channels(bytes32)")) {
        const auto channel = view.get<market::Channel>(market::ChannelId::of(argument));
        return "0x" + word(channel.balance.micros()) + word(channel.total_claimed.micros());
    }
    if (*to == network.genesis.asset.address && called == selector("balanceOf(address)")) {
        const auto account = view.get<market::Account>(Address::of(argument.subspan(12)));
        return "0x" + word(account.balance.micros());
    }
    throw RpcError{RpcCode::invalid_params, "only channels(bytes32) and balanceOf(address)"};
}

json result_of(const ApiParts& parts, const std::string& method, const json& params)
{
    if (method == "eth_chainId") return quantity(parts.network.genesis.chain_id.value);
    if (method == "net_version") return std::to_string(parts.network.genesis.chain_id.value);
    if (method == "eth_blockNumber") return quantity(parts.ledger.head()->header.height.value);
    const auto snapshot = must(parts.store.snapshot());
    const market::View view{*snapshot};
    if (method == "eth_getBalance")
        return quantity(view.get<market::Account>(address_of(params, 0)).balance.micros());
    if (method == "eth_call") return eth_call(view, parts.network, params);
    throw RpcError{RpcCode::method_not_found, "the method " + method + " is not served"};
}

json failure(const json& id, RpcCode code, const std::string& message)
{
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"error", {{"code", static_cast<int>(code)}, {"message", message}}}};
}

/// Nothing where the request is a notification: it has no id, so nobody waits for an answer.
std::optional<json> answer(const ApiParts& parts, const json& request)
{
    if (!request.is_object() || !request.contains("method") || !request["method"].is_string())
        return failure(nullptr, RpcCode::invalid_request, "not a JSON-RPC 2.0 request");
    if (!request.contains("id")) return {};
    const auto& id = request["id"];
    const auto params = request.contains("params") ? request["params"] : json::array();
    if (!params.is_array()) return failure(id, RpcCode::invalid_params, "params must be a list");
    try {
        return json{{"jsonrpc", "2.0"},
                    {"id", id},
                    {"result", result_of(parts, request["method"].get<std::string>(), params)}};
    } catch (const RpcError& error) {
        return failure(id, error.code, error.message);
    }
}

json answer_any(const ApiParts& parts, std::string_view body)
{
    const auto parsed = codec::parse_json(body, {.bytes = rpc_bytes, .depth = 16});
    if (!parsed) return failure(nullptr, RpcCode::parse_error, parsed.error().detail);
    if (!parsed->is_array()) return answer(parts, *parsed).value_or(nullptr);
    if (parsed->empty() || parsed->size() > rpc_batch)
        return failure(nullptr, RpcCode::invalid_request, "a batch holds 1 to 32 requests");
    auto answers = json::array();
    for (const auto& request : *parsed)
        if (auto made = answer(parts, request)) answers.push_back(std::move(*made));
    return answers.empty() ? json(nullptr) : answers;
}

asio::awaitable<json> serve(const ApiParts& parts, Exchange& exchange)
{
    auto body = co_await exchange.read_body(rpc_bytes);
    if (!body) throw Refusal{body.error()};
    auto answers = answer_any(parts, as_text(*body));
    if (answers.is_null()) {
        Response nothing{204};
        co_await exchange.respond(std::move(nothing));
    }
    co_return answers;
}

}  // namespace

void add_rpc_route(Router& router, const ApiParts& parts)
{
    router.add(Method::post, "/rpc",
               {"The JSON-RPC subset that Ethereum wallets and x402 clients use"},
               guarded([parts](Exchange& exchange) { return serve(parts, exchange); }));
}

}  // namespace node
