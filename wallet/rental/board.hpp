#pragma once

#include "ledger/codec/json.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"
#include "market/lease_note.hpp"
#include "wallet/client/http_client.hpp"
#include "wallet/client/known_network.hpp"

#include <functional>
#include <map>
#include <set>
#include <vector>

namespace wallet::rental {

/// What somebody said about an order.
struct Heard {
    ledger::Address from;  ///< by the note's signature, whatever the board says
    std::string topic;
    std::string body;

    /// The body as what its topic holds; empty where it is something else.
    template <class Note>
    std::optional<Note> as() const
    {
        if (topic != Note::topic) return {};
        const auto said = ledger::codec::parse_json(body);
        if (!said) return {};
        auto note = ledger::codec::from_json<Note>(*said);
        if (!note) return {};
        return std::move(*note);
    }
};

/// The board of one order, at the node that the order names. What it shows is a stranger's word
/// until its signature was checked here; what it forgets is said again. One thread.
/// Failures are those of HttpClient and of the node, in its own words.
class Board {
public:
    /// Whether a board that begins anew is told this note again: only the last of its topic, all of
    /// them, or none.
    enum class Lasts { newest, always, no };
    using Clock = std::function<std::uint64_t()>;  ///< milliseconds since 1970

    Board(NodeUrl url, HttpTrust trust, SharedNetwork network, const market::GpuOrderId& order,
          ledger::SecretKey key, Clock clock);

    template <class Note>
    Outcome<void> say(const Note& note, Lasts lasts)
    {
        return say(std::string{Note::topic}, ledger::codec::to_json(note).dump(), lasts);
    }
    Outcome<void> say(const std::string& topic, const std::string& body, Lasts lasts);

    /// What has come since the last time, waiting up to so many seconds for something.
    Outcome<std::vector<Heard>> hear(unsigned wait_s);

    const NodeUrl& url() const { return http_.url(); }

private:
    Outcome<void> put_up(const std::string& topic, const std::string& body);
    Outcome<void> say_again();

    HttpClient http_;
    SharedNetwork network_;
    market::GpuOrderId order_;
    ledger::SecretKey key_;
    Clock clock_;
    std::string board_;  ///< its id; empty before the first answer
    std::uint64_t after_ = 0;
    std::map<std::string, std::uint64_t> sent_ms_;
    std::map<std::string, std::vector<std::string>> lasting_;
};

}  // namespace wallet::rental
