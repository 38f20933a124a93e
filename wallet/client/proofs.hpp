#pragma once

#include "ledger/light/light_client.hpp"
#include "market/receipt.hpp"
#include "market/state/records.hpp"
#include "wallet/client/ledger_client.hpp"

#include <optional>

/// Checks what a node says against a trusted checkpoint, so that the node need not be trusted:
/// ledger/light decides, this asks the node for what it needs. All failures are `unverified` and
/// say what does not hold, but for those of the connection and for what is not there.
namespace wallet {

/// What stands under a state key after a final block; nullopt: nothing does.
struct ProvenValue {
    ledger::light::FinalBlock block;
    std::optional<ledger::Bytes> value;
    std::size_t siblings = 0;  ///< hashes in the proof
};

/// What became of a transaction.
struct ProvenReceipt {
    ledger::light::FinalBlock block;
    std::uint32_t index = 0;
    market::Receipt receipt;
};

/// A block as GET /v1/blocks/...?raw=1 gives it: header, transactions, receipts.
struct ProvenBlock {
    ledger::light::FinalBlock block;
    ledger::BlockBody body;
    std::vector<market::Receipt> receipts;
};

/// Goes on from the checkpoint as the node shows seals, and never back. Keeps a reference to the
/// client. One thread.
class ProofClient {
public:
    /// `unverified` when the checkpoint is not one of this network.
    static Outcome<ProofClient> begin(const LedgerClient&, const market::Network&,
                                      const ledger::light::TrustedCheckpoint&);

    /// At the newest block that the node has, whose time says how new that is.
    Outcome<ProvenValue> state(ledger::ByteView state_key);
    Outcome<ProvenReceipt> receipt(const ledger::TxId&);
    /// A block in JSON as the node gave it, with the raw encodings.
    Outcome<ProvenBlock> block(const nlohmann::json& raw_block);
    /// Over all seals that the node shows to the newest block that it has.
    Outcome<ledger::light::FinalBlock> catch_up();

    const ledger::light::LightClient& light() const { return light_; }

private:
    ProofClient(const LedgerClient& client, ledger::light::LightClient light)
        : client_{&client}, light_{std::move(light)}
    {
    }
    template <class Proof>
    Outcome<Proof> ask(const std::string& target) const;
    Outcome<void> follow_to(std::uint64_t epoch);
    Outcome<ledger::light::FinalBlock> final_block(const std::string& which);
    Outcome<void> reach(const ledger::light::Finality&);

    const LedgerClient* client_;
    ledger::light::LightClient light_;
};

}  // namespace wallet
