#include "wallet/client/proofs.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/consensus/signing.hpp"
#include "ledger/state/state_proof.hpp"

namespace wallet {

using namespace ledger::light;
using nlohmann::json;

namespace {

Failure wrong(const std::string& what)
{
    return {Fault::unverified, what};
}

const ledger::consensus::Verifier& schnorr()
{
    static const ledger::consensus::SchnorrVerifier verifier;
    return verifier;
}

std::optional<ledger::Bytes> hex_member(const json& from, const char* name)
{
    if (!from.is_object() || !from.contains(name) || !from[name].is_string()) return {};
    return ledger::from_hex(from[name].get_ref<const std::string&>());
}

std::string number(std::uint64_t value)
{
    return std::to_string(value);
}

}  // namespace

Outcome<ProofClient> ProofClient::begin(const LedgerClient& client, const market::Network& network,
                                        const TrustedCheckpoint& trusted)
{
    auto light =
        LightClient::begin(trusted, network.genesis.chain_id, network.genesis_id, schnorr());
    if (!light) return wrong(light.error().detail);
    return ProofClient{client, std::move(*light)};
}

template <class Proof>
Outcome<Proof> ProofClient::ask(const std::string& target) const
{
    const auto answer = client_->get(target);
    if (!answer) return answer.error();
    auto proof = proof_from_json<Proof>(*answer);
    if (!proof) return wrong("the node's proof cannot be read: " + proof.error().detail);
    return std::move(*proof);
}

/// Each round takes at least one seal that was signed, so a node cannot keep us here.
Outcome<void> ProofClient::follow_to(std::uint64_t epoch)
{
    while (epoch > light_.epoch()) {
        const auto proofs = ask<EpochProofs>("/v1/proof/epoch/" + number(light_.epoch()));
        if (!proofs) return proofs.error();
        if (proofs->seals.empty())
            return wrong("the node shows a block of epoch " + number(epoch) +
                         ", but not how epoch " + number(light_.epoch()) + " ended");
        if (const auto done = light_.follow(*proofs); !done)
            return wrong("the end of an epoch is not proven: " + done.error().detail);
    }
    return {};
}

Outcome<FinalBlock> ProofClient::final_block(const std::string& which)
{
    const auto proof = ask<BlockProof>("/v1/proof/block/" + which);
    if (!proof) return proof.error();
    const auto& newest = proof->newer.header;
    if (const auto done = follow_to(newest.epoch); !done) return done.error();
    if (newest.epoch < light_.epoch() && !light_.knows(ledger::block_id(newest)))
        return wrong("the node is behind: its newest block is of epoch " + number(newest.epoch) +
                     ", the checkpoint of epoch " + number(light_.epoch()));
    auto block = light_.check(*proof);
    if (!block) return wrong("the block is not proven to be final: " + block.error().detail);
    return std::move(*block);
}

/// Makes the block checkable: it is of the present epoch then, or known from a newer one.
Outcome<void> ProofClient::reach(const Finality& finality)
{
    const auto& header = finality.header;
    if (const auto done = follow_to(header.epoch); !done) return done;
    const auto id = ledger::block_id(header);
    if (header.epoch == light_.epoch() || light_.knows(id)) return {};
    const auto block = final_block(number(header.height.value));
    if (!block) return block.error();
    if (block->id != id)
        return wrong("the node shows two blocks at height " + number(header.height.value));
    return {};
}

Outcome<ProvenValue> ProofClient::state(ledger::ByteView state_key)
{
    auto proof = ask<StateProofAt>("/v1/proof/state/" + ledger::to_hex0x(state_key));
    if (!proof) return proof.error();
    if (const auto done = reach(proof->finality); !done) return done.error();
    auto block = light_.check(*proof, state_key);
    if (!block) return wrong("the state is not proven: " + block.error().detail);
    const auto siblings = ledger::decode_state_proof(proof->proof)->siblings.size();
    return ProvenValue{std::move(*block), std::move(proof->value), siblings};
}

Outcome<ProvenReceipt> ProofClient::receipt(const ledger::TxId& id)
{
    const auto proof = ask<ReceiptProof>("/v1/proof/receipt/" + ledger::to_hex0x(id.view()));
    if (!proof) return proof.error();
    if (const auto done = reach(proof->finality); !done) return done.error();
    auto block = light_.check(*proof);
    if (!block) return wrong("the receipt is not proven: " + block.error().detail);
    auto receipt = ledger::codec::decode<market::Receipt>(proof->receipt);
    if (!receipt) return wrong("the receipt cannot be read: " + receipt.error().detail);
    if (receipt->tx_id != id) return wrong("the receipt is of another transaction");
    return ProvenReceipt{std::move(*block), proof->index, std::move(*receipt)};
}

Outcome<ProvenBlock> ProofClient::block(const json& raw)
{
    const auto encoded = hex_member(raw, "headerHex");
    const auto body = hex_member(raw, "bodyHex");
    const auto receipts = hex_member(raw, "receiptsHex");
    if (!encoded || !body || !receipts) return wrong("the node left out what the check needs");
    const auto header = ledger::decode_header(*encoded);
    if (!header) return wrong("the header cannot be read: " + header.error().detail);
    auto block = final_block(number(header->height.value));
    if (!block) return block.error();
    if (block->header != *header)
        return wrong("the node shows another header than the one it proves");
    auto transactions = ledger::decode_body(*body);
    if (!transactions) return wrong("the body cannot be read: " + transactions.error().detail);
    if (ledger::root_of(*transactions) != header->tx_root ||
        transactions->size() != header->tx_count)
        return wrong("the transactions are not those of the header");
    auto decoded = ledger::codec::decode<std::vector<market::Receipt>>(*receipts);
    if (!decoded) return wrong("the receipts cannot be read: " + decoded.error().detail);
    std::vector<ledger::Bytes> leaves;
    for (const auto& receipt : *decoded) leaves.push_back(ledger::codec::encode(receipt));
    if (ledger::root_of(leaves) != header->receipts_root)
        return wrong("the receipts are not those of the header");
    return ProvenBlock{std::move(*block), std::move(*transactions), std::move(*decoded)};
}

Outcome<FinalBlock> ProofClient::catch_up()
{
    while (true) {
        const auto proofs = ask<EpochProofs>("/v1/proof/epoch/" + number(light_.epoch()));
        if (!proofs) return proofs.error();
        if (proofs->seals.empty()) break;
        if (const auto done = light_.follow(*proofs); !done)
            return wrong("the end of an epoch is not proven: " + done.error().detail);
    }
    return final_block("latest");
}

}  // namespace wallet
