#include "wallet/client/proofs.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/state/state_proof.hpp"

namespace wallet {
namespace {

using nlohmann::json;

Failure wrong(const std::string& what)
{
    return {Fault::unverified, what};
}

std::optional<ledger::Bytes> hex_member(const json& from, const char* name)
{
    if (!from.is_object() || !from.contains(name) || !from[name].is_string()) return {};
    return ledger::from_hex(from[name].get_ref<const std::string&>());
}

}  // namespace

Outcome<ProvenHeader> check_header(const market::Network& network, ledger::ByteView header,
                                   ledger::ByteView certificate)
{
    const auto decoded = ledger::decode_header(header);
    if (!decoded) return wrong("the header cannot be read: " + decoded.error().detail);
    ProvenHeader proven{*decoded, ledger::block_id(*decoded), 0};
    if (decoded->height.value == 0) {
        if (proven.id != network.genesis_id)
            return wrong("block 0 is not the genesis block of this network");
        return proven;
    }
    if (decoded->chain_id != network.genesis.chain_id)
        return wrong("the header is of another chain");
    if (decoded->epoch != 0 ||
        decoded->valset_hash != ledger::valset_hash(network.genesis.validators.set))
        return wrong("the header names validators that are not those of the genesis document");
    const auto signed_by = ledger::decode_certificate(certificate);
    if (!signed_by) return wrong("the certificate cannot be read: " + signed_by.error().detail);
    if (signed_by->id != proven.id || signed_by->kind != ledger::VoteKind::finalize)
        return wrong("the certificate is for another block");
    const auto good = ledger::verify(*signed_by, network.genesis.chain_id, network.genesis_id,
                                     network.genesis.validators.set);
    if (!good) return wrong("the certificate does not hold: " + good.error().detail);
    proven.signatures = signed_by->signatures.size();
    return proven;
}

Outcome<ProvenBlock> check_block(const market::Network& network, const json& raw)
{
    const auto header = hex_member(raw, "headerHex");
    const auto body = hex_member(raw, "bodyHex");
    const auto receipts = hex_member(raw, "receiptsHex");
    const auto certificate = hex_member(raw, "certificateHex");
    if (!header || !body || !receipts || !certificate)
        return wrong("the node left out what the check needs");
    auto proven = check_header(network, *header, *certificate);
    if (!proven) return proven.error();
    ProvenBlock block{*proven, {}, {}};
    auto transactions = ledger::decode_body(*body);
    if (!transactions) return wrong("the body cannot be read: " + transactions.error().detail);
    block.body = std::move(*transactions);
    if (ledger::root_of(block.body) != proven->header.tx_root ||
        block.body.size() != proven->header.tx_count)
        return wrong("the transactions are not those of the header");
    auto decoded = ledger::codec::decode<std::vector<market::Receipt>>(*receipts);
    if (!decoded) return wrong("the receipts cannot be read: " + decoded.error().detail);
    block.receipts = std::move(*decoded);
    std::vector<ledger::Bytes> leaves;
    for (const auto& receipt : block.receipts) leaves.push_back(ledger::codec::encode(receipt));
    if (ledger::root_of(leaves) != proven->header.receipts_root)
        return wrong("the receipts are not those of the header");
    return block;
}

Outcome<ProvenValue> check_proof(const market::Network& network, ledger::ByteView state_key,
                                 const json& answer)
{
    const auto header = hex_member(answer, "header");
    const auto certificate = hex_member(answer, "certificate");
    const auto proof_bytes = hex_member(answer, "proof");
    if (!header || !certificate || !proof_bytes || !answer.contains("value"))
        return wrong("the node left out what the check needs");
    auto proven = check_header(network, *header, *certificate);
    if (!proven) return proven.error();
    const auto proof = ledger::decode_state_proof(*proof_bytes);
    if (!proof) return wrong("the proof cannot be read: " + proof.error().detail);
    ProvenValue found{*proven, {}, proof->siblings.size()};
    std::optional<ledger::ByteView> value;
    if (!answer["value"].is_null()) {
        found.value = hex_member(answer, "value");
        if (!found.value) return wrong("the value cannot be read");
        value = *found.value;
    }
    if (!ledger::verify(proven->header.state_root, state_key, value, *proof))
        return wrong("the proof does not lead to the state root of block " +
                     std::to_string(proven->header.height.value));
    return found;
}

Outcome<ProvenValue> prove(const LedgerClient& client, const market::Network& network,
                           ledger::ByteView state_key)
{
    const auto answer = client.get("/v1/proof?key=" + ledger::to_hex0x(state_key));
    if (!answer) return answer.error();
    return check_proof(network, state_key, *answer);
}

}  // namespace wallet
