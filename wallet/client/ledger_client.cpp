#include "wallet/client/ledger_client.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"

namespace wallet {
namespace {

using nlohmann::json;
namespace codec = ledger::codec;

constexpr codec::JsonLimits json_limits{16 << 20, 32};

Failure nonsense(const std::string& what)
{
    return {Fault::failed, "the node's answer makes no sense: " + what};
}

template <class T>
Outcome<T> member(const json& from, const char* name)
{
    if (!from.is_object() || !from.contains(name))
        return nonsense(std::string{name} + " is missing");
    auto value = codec::from_json<T>(from[name]);
    if (!value) return nonsense(std::string{name} + " " + value.error().detail);
    return std::move(*value);
}

Outcome<json> json_of(const Outcome<HttpReply>& reply)
{
    if (!reply) return reply.error();
    if (reply->status < 200 || reply->status > 299) return failure_of(*reply);
    auto parsed = codec::parse_json(ledger::as_text(reply->body), json_limits);
    if (!parsed) return nonsense(parsed.error().detail);
    return {boost::system::in_place_value, std::move(*parsed)};
}

Outcome<SentTransaction> sent_of(const Outcome<json>& answer)
{
    if (!answer) return answer.error();
    const auto id = member<ledger::TxId>(*answer, "txId");
    const auto status = member<std::string>(*answer, "status");
    if (!id) return id.error();
    if (!status) return status.error();
    SentTransaction sent{*id, {}, 0, {}};
    if (*status != "final") return sent;
    const auto height = member<ledger::Height>(*answer, "height");
    const auto index = member<std::uint32_t>(*answer, "index");
    auto receipt = member<market::Receipt>(*answer, "receipt");
    if (!height) return height.error();
    if (!index) return index.error();
    if (!receipt) return receipt.error();
    sent.height = *height;
    sent.index = *index;
    sent.receipt = std::move(*receipt);
    return sent;
}

std::string waiting(unsigned wait_s)
{
    return wait_s == 0 ? "" : "?wait=final&timeout_s=" + std::to_string(std::min(wait_s, 60u));
}

}  // namespace

Failure failure_of(const HttpReply& reply)
{
    const auto parsed = codec::parse_json(ledger::as_text(reply.body), json_limits);
    std::string text;
    json detail{{"httpStatus", reply.status}};
    if (parsed && parsed->is_object() && parsed->contains("error")) {
        const auto& error = (*parsed)["error"];
        detail["error"] = error;
        if (error.is_string()) text = error.get<std::string>();
        for (const char* part : {"code", "message", "detail"})
            if (error.is_object() && error.contains(part) && error[part].is_string() &&
                !error[part].get_ref<const std::string&>().empty())
                text += (text.empty() ? "" : ": ") + error[part].get<std::string>();
    }
    if (text.empty()) text = "the node answered HTTP " + std::to_string(reply.status);
    switch (reply.status) {
        case 400:
        case 405:
        case 413:
        case 415:
            return {Fault::usage, text, detail};
        case 402:
            return {Fault::payment_refused, text, detail};
        case 404:
            return {Fault::not_found, text, detail};
        case 409:
        case 410:
        case 422:
            return {Fault::refused, text, detail};
        case 408:
        case 504:
            return {Fault::timeout, text, detail};
        case 429:
        case 502:
        case 503:
            return {Fault::unreachable, text, detail};
        default:
            return {Fault::failed, text, detail};
    }
}

std::string url_segment(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view{"-_.~:"}.find(c) != std::string_view::npos;
        const auto byte = static_cast<std::uint8_t>(c);
        if (plain)
            out += c;
        else
            out += "%" + ledger::to_hex(ledger::ByteView{&byte, 1});
    }
    return out;
}

Outcome<json> LedgerClient::get(const std::string& target) const
{
    return json_of(http_.call({"GET", target}));
}

Outcome<json> LedgerClient::post(const std::string& target, const json& body) const
{
    HttpRequest request{"POST", target};
    const auto text = body.dump();
    request.body.assign(text.begin(), text.end());
    return json_of(http_.call(request));
}

Outcome<SharedNetwork> LedgerClient::network() const
{
    const auto reply = http_.call({"GET", "/v1/genesis"});
    if (!reply) return reply.error();
    if (reply->status != 200) return failure_of(*reply);
    auto network = network_of(ledger::as_text(reply->body));
    if (!network) return nonsense(network.error().message);
    return network;
}

Outcome<AccountInfo> LedgerClient::account(const ledger::Address& address, ledger::Lane lane) const
{
    const auto answer =
        get("/v1/accounts/" + ledger::to_checksum(address) + "?lane=" + std::to_string(lane.value));
    if (!answer) return answer.error();
    const auto balance = member<ledger::Amount>(*answer, "balance");
    const auto locked = member<ledger::Amount>(*answer, "locked");
    const auto nonce = member<ledger::Nonce>(*answer, "nonce");
    const auto host = member<bool>(*answer, "host");
    if (!balance) return balance.error();
    if (!locked) return locked.error();
    if (!nonce) return nonce.error();
    return AccountInfo{address, *balance, *locked, *nonce, host && *host};
}

Outcome<Simulated> LedgerClient::simulate(const ledger::Address& sender,
                                          const market::Message& message) const
{
    const auto answer = post("/v1/simulate", {{"sender", ledger::to_checksum(sender)},
                                              {"message", market::message_json(message)}});
    if (!answer) return answer.error();
    const auto rejection = member<market::Rejection>(*answer, "rejection");
    auto events = member<std::vector<market::Event>>(*answer, "events");
    if (!rejection) return rejection.error();
    if (!events) return events.error();
    return Simulated{*rejection, std::move(*events)};
}

Outcome<SentTransaction> LedgerClient::submit(ledger::ByteView encoded, unsigned wait_s) const
{
    return sent_of(post("/v1/transactions" + waiting(wait_s), {{"tx", ledger::to_hex0x(encoded)}}));
}

Outcome<SentTransaction> LedgerClient::transaction(const ledger::TxId& id, unsigned wait_s) const
{
    auto answer = get("/v1/transactions/" + ledger::to_hex0x(id.view()) + waiting(wait_s));
    return sent_of(answer);
}

}  // namespace wallet
