#pragma once

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/sha256.hpp"
#include "tests/support/fake_node.hpp"
#include "wallet/rental/board.hpp"

#include <nlohmann/json.hpp>

namespace wallet::rental {

inline ledger::SecretKey board_key(std::string_view name)
{
    return *ledger::SecretKey::from_bytes(ledger::sha256(ledger::as_bytes(name)).view());
}

inline SharedNetwork board_network()
{
    ledger::Genesis genesis;
    genesis.chain_id = {7};
    return std::make_shared<const market::Network>(market::Network{std::move(genesis), {}});
}

/// A node whose board of any order believes everybody, and can forget.
class FakeBoard {
public:
    FakeBoard()
    {
        node.on(node::Method::post, "/v1/gpu/orders/{order}/notes",
                [this](const FakeRequest& request) {
                    auto note = nlohmann::json::parse(ledger::as_text(request.body));
                    note["number"] = notes.size() + 1;
                    notes.push_back(note);
                    return node::Response::json(
                        201, nlohmann::json{{"board", id}, {"number", notes.size()}}.dump());
                });
        node.on(
            node::Method::get, "/v1/gpu/orders/{order}/notes", [this](const FakeRequest& request) {
                if (answer) return node::Response::json(200, *answer);
                const auto after = std::stoul(request.after_query);
                auto items = nlohmann::json::array();
                for (std::size_t i = after; i < notes.size(); ++i) items.push_back(notes[i]);
                return node::Response::json(
                    200,
                    nlohmann::json{{"board", id}, {"items", items}, {"next", notes.size()}}.dump());
            });
        node.start();
    }
    /// A note that somebody said, without a call.
    void put(std::string_view name, const std::string& topic, const std::string& body)
    {
        const market::LeaseNote note{{}, topic, now_ms, body};
        const auto signature =
            ledger::sign(board_key(name), market::note_digest(*board_network(), note));
        notes.push_back({{"number", notes.size() + 1},
                         {"topic", topic},
                         {"sentMs", now_ms},
                         {"body", body},
                         {"signature", ledger::to_hex0x(signature.view())}});
    }
    void forget()
    {
        id += "f";
        notes.clear();
    }
    Board enter(std::string_view name)
    {
        return {*parse_url(node.url()),   {}, board_network(), {}, board_key(name),
                [this] { return now_ms; }};
    }

    FakeNode node;
    std::string id = "0x01";
    std::vector<nlohmann::json> notes;
    std::optional<std::string> answer;
    std::uint64_t now_ms = 1'000;
};

}  // namespace wallet::rental
