#include "wallet/rental/board.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "wallet/client/ledger_client.hpp"

#include <algorithm>

namespace wallet::rental {
namespace {

namespace codec = ledger::codec;
using nlohmann::json;

constexpr std::size_t answer_bytes = 2 << 20;
constexpr std::size_t most_lasting = 4'096;  ///< notes of one topic

HttpBounds bounds()
{
    HttpBounds bounds;
    bounds.body_bytes = answer_bytes;
    return bounds;
}

/// A note as the board shows it; empty where it is none, or is not signed by who is said to have
/// sent it.
std::optional<Heard> heard(const market::Network& network, const market::GpuOrderId& order,
                           const json& item)
{
    if (!item.is_object()) return {};
    const auto text = [&](const char* name) { return item.value(name, std::string{}); };
    try {
        market::LeaseNote note;
        note.order = order;
        note.topic = text("topic");
        note.body = text("body");
        const auto& sent = item.at("sentMs");
        const auto sent_ms =
            codec::parse_decimal(sent.is_string() ? sent.get<std::string>() : sent.dump());
        const auto signature = ledger::id_from_hex<ledger::Signature>(text("signature"));
        if (!sent_ms || !signature || note.topic.size() > market::LeaseNoteLimits::topic ||
            note.body.size() > market::LeaseNoteLimits::body)
            return {};
        note.sent_ms = *sent_ms;
        const auto from = market::sender_of(network, note, *signature);
        if (!from) return {};
        return Heard{*from, std::move(note.topic), std::move(note.body)};
    } catch (const json::exception&) {
        return {};
    }
}

}  // namespace

Board::Board(NodeUrl url, HttpTrust trust, SharedNetwork network, const market::GpuOrderId& order,
             ledger::SecretKey key, Clock clock)
    : http_{std::move(url), bounds(), std::move(trust)},
      network_{std::move(network)},
      order_{order},
      key_{std::move(key)},
      clock_{std::move(clock)}
{
}

Outcome<void> Board::put_up(const std::string& topic, const std::string& body)
{
    auto& last = sent_ms_[topic];
    last = std::max(last + 1, clock_());
    const market::LeaseNote note{order_, topic, last, body};
    const auto signature = ledger::sign(key_, market::note_digest(*network_, note));
    const json said{{"topic", topic},
                    {"sentMs", last},
                    {"body", body},
                    {"signature", ledger::to_hex0x(signature.view())}};
    const auto answer = LedgerClient{http_}.post(
        "/v1/gpu/orders/" + ledger::to_hex0x(order_.view()) + "/notes", said);
    if (!answer) return answer.error();
    return {};
}

Outcome<void> Board::say(const std::string& topic, const std::string& body, Lasts lasts)
{
    if (lasts != Lasts::no) {
        auto& kept = lasting_[topic];
        if (lasts == Lasts::newest) kept.clear();
        if (std::ranges::find(kept, body) == kept.end()) kept.push_back(body);
        if (kept.size() > most_lasting) kept.erase(kept.begin());
    }
    return put_up(topic, body);
}

Outcome<void> Board::say_again()
{
    for (const auto& [topic, bodies] : lasting_)
        for (const auto& body : bodies)
            if (auto done = put_up(topic, body); !done) return done;
    return {};
}

Outcome<std::vector<Heard>> Board::hear(unsigned wait_s)
{
    const auto answer = LedgerClient{http_}.get(
        "/v1/gpu/orders/" + ledger::to_hex0x(order_.view()) +
        "/notes?after=" + std::to_string(after_) + "&wait=" + std::to_string(wait_s));
    if (!answer) return answer.error();
    const Failure unreadable{Fault::failed, "the board's answer cannot be read"};
    if (!answer->is_object() || !answer->contains("items") || !(*answer)["items"].is_array() ||
        !answer->contains("next") || !answer->contains("board") || !(*answer)["board"].is_string())
        return unreadable;
    const auto& next = (*answer)["next"];
    const auto number =
        codec::parse_decimal(next.is_string() ? next.get<std::string>() : next.dump());
    if (!number) return unreadable;
    const auto id = (*answer)["board"].get<std::string>();
    if (board_ != id) {
        const bool is_first = board_.empty();
        board_ = id;
        after_ = 0;
        if (!is_first) {
            // It has lost everything; where it counts is not where it did.
            if (auto done = say_again(); !done) {
                board_ = "told in part";
                return done.error();
            }
            return std::vector<Heard>{};  // from the beginning, the next time
        }
    }
    std::vector<Heard> all;
    for (const auto& item : (*answer)["items"])
        if (auto one = heard(*network_, order_, item)) all.push_back(std::move(*one));
    after_ = *number;
    return all;
}

}  // namespace wallet::rental
