#pragma once

#include "ledger/chain/block.hpp"
#include "market/receipt.hpp"
#include "market/state/records.hpp"
#include "wallet/client/ledger_client.hpp"

#include <optional>

/// Checks what a node says against the network's genesis, so that the node need not be trusted:
/// header to certificate to the validators of genesis; state and receipts to the header's roots.
/// All failures are `unverified`, and say what does not hold.
namespace wallet {

/// A header that a quorum of the validators signed, or that is the genesis block's.
struct ProvenHeader {
    ledger::Header header;
    ledger::BlockId id;
    std::size_t signatures = 0;
};

Outcome<ProvenHeader> check_header(const market::Network&, ledger::ByteView header,
                                   ledger::ByteView certificate);

/// A block as GET /v1/blocks/...?raw=1 gives it: header, transactions, receipts.
struct ProvenBlock {
    ProvenHeader proven;
    ledger::BlockBody body;
    std::vector<market::Receipt> receipts;
};
Outcome<ProvenBlock> check_block(const market::Network&, const nlohmann::json& raw_block);

/// What stands under a state key at a proven header; nullopt: proven to be absent.
struct ProvenValue {
    ProvenHeader proven;
    std::optional<ledger::Bytes> value;
    std::size_t siblings = 0;  ///< hashes in the proof
};
Outcome<ProvenValue> check_proof(const market::Network&, ledger::ByteView state_key,
                                 const nlohmann::json& answer);

/// Asks the node for a key with its proof and checks it.
Outcome<ProvenValue> prove(const LedgerClient&, const market::Network&, ledger::ByteView state_key);

}  // namespace wallet
