#pragma once

#include "market/receipt.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/light_world.hpp"

#include <nlohmann/json.hpp>

namespace wallet {

/// Four validators, each with the key of a light_validator, over the people of test_network. It
/// began `age` ago.
ledger::Genesis proven_genesis(std::chrono::seconds age, std::chrono::seconds unbonding);

/// The proof routes of a node over a network that nobody runs, and blocks in their raw form. One
/// `lie` changes the answers of a route, by its last fixed word: state, receipt, block, epoch,
/// checkpoint, blocks.
class FakeProver {
public:
    explicit FakeProver(const ledger::Genesis&);
    void add_routes(FakeNode&);

    /// A final block with these receipts and changes.
    ledger::Height add(const std::vector<market::Receipt>& receipts = {},
                       ledger::StateDiff state = {});
    static ledger::Bytes account_key(std::uint8_t person);

    std::function<void(const std::string& route, nlohmann::json& answer)> lie;
    ledger::light::LightWorld world;

private:
    using Make = std::function<nlohmann::json(const FakeRequest&)>;
    void on(FakeNode&, const std::string& route, const std::string& pattern, Make);
    nlohmann::json raw_block(ledger::Height) const;
    ledger::Height height_of(const std::string& which) const;

    std::map<ledger::TxId, std::pair<ledger::Height, std::uint32_t>> places_;
    std::map<ledger::Height, std::vector<market::Receipt>> receipts_;
};

}  // namespace wallet
