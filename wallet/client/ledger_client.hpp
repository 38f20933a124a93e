#pragma once

#include "ledger/base/ids.hpp"
#include "market/message.hpp"
#include "market/receipt.hpp"
#include "wallet/client/http_client.hpp"
#include "wallet/client/known_network.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wallet {

struct AccountInfo {
    ledger::Address address;
    ledger::Amount balance;
    ledger::Amount locked;
    ledger::Nonce nonce;  ///< next one, with what waits at the node counted in
    bool host = false;
};

/// What a rule would say now.
struct Simulated {
    market::Rejection rejection{};
    std::vector<market::Event> events;
};

/// What became of a transaction; without a height it was accepted and is not final yet.
struct SentTransaction {
    ledger::TxId id;
    std::optional<ledger::Height> height;
    std::uint32_t index = 0;
    std::optional<market::Receipt> receipt;
};

/// Calls a node's /v1 routes. Every answer is a stranger's: what can be checked is checked by
/// `proofs.hpp`, the rest is what the node says. Throws nothing; one thread at a time.
/// Failures beside those of HttpClient: `not_found`, `refused`, `usage` as the node says.
class LedgerClient {
public:
    explicit LedgerClient(HttpClient http) : http_{std::move(http)} {}

    Outcome<nlohmann::json> get(const std::string& target) const;
    Outcome<nlohmann::json> post(const std::string& target, const nlohmann::json& body) const;

    Outcome<nlohmann::json> status() const { return get("/v1/status"); }
    /// Asks for the genesis document and computes its id.
    Outcome<SharedNetwork> network() const;

    Outcome<AccountInfo> account(const ledger::Address&, ledger::Lane = {}) const;
    Outcome<Simulated> simulate(const ledger::Address& sender, const market::Message&) const;

    /// Sends a signed transaction; waits until it is final when `wait_s` is not 0.
    Outcome<SentTransaction> submit(ledger::ByteView encoded, unsigned wait_s) const;
    Outcome<SentTransaction> transaction(const ledger::TxId&, unsigned wait_s) const;

    const HttpClient& http() const { return http_; }

private:
    HttpClient http_;
};

/// The failure that a status other than 2xx means, in the node's own words.
Failure failure_of(const HttpReply&);

/// Percent-encodes one segment of a path or one value of a query.
std::string url_segment(std::string_view text);

}  // namespace wallet
