#include "node/api/proof_source.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/receipt.hpp"

namespace node {

using namespace ledger;
using namespace ledger::light;

namespace {

Error corrupt(Height height, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(height.value) + ": " + what};
}

struct Read {
    Header header;
    StoredBlock stored;
};

Result<Read> read(const ProofSource& source, Height height)
{
    if (height > source.head()) return Error{ErrorKind::not_found, "there is no such block yet"};
    auto stored = source.block(height);
    if (!stored) return stored.error();
    const auto header = decode_header(stored->header);
    if (!header) return corrupt(height, header.error().detail);
    return Read{*header, std::move(*stored)};
}

/// F of the block itself; empty when another one's made it final.
Result<std::optional<Certificate>> own_certificate(const Read& block)
{
    if (block.stored.certificate.empty()) return std::optional<Certificate>{};
    auto certificate = decode_certificate(block.stored.certificate);
    if (!certificate) return corrupt(block.header.height, certificate.error().detail);
    if (certificate->kind != VoteKind::finalize || certificate->id != block.stored.id)
        return std::optional<Certificate>{};
    return std::optional{std::move(*certificate)};
}

}  // namespace

Result<Finality> finality_of(const ProofSource& source, Height height)
{
    auto block = read(source, height);
    if (!block) return block.error();
    Finality made{block->header, {}, {}};
    if (height.value == 0) return made;
    while (true) {
        auto certificate = own_certificate(*block);
        if (!certificate) return certificate.error();
        if (*certificate) {
            made.certificate = std::move(*certificate);
            return made;
        }
        if (block->header.kind == BlockKind::sealing) {
            const auto proof = source.epoch_proof(block->header.epoch);
            if (!proof) return proof.error();
            if (!*proof) return corrupt(height, "nothing shows that its epoch's seal is final");
            made.descendants.insert(made.descendants.end(), (*proof)->path.begin() + 1,
                                    (*proof)->path.end());
            made.certificate = (*proof)->finalized;
            return made;
        }
        if (made.descendants.size() >= ProofLimits::headers)
            return corrupt(height, "no certificate within as many blocks as a proof may have");
        block = read(source, {block->header.height.value + 1});
        if (!block) return block.error();
        made.descendants.push_back(block->header);
    }
}

Result<BlockProof> block_proof(const ProofSource& source, Height height)
{
    const auto head = source.head();
    const auto block = read(source, height);
    if (!block) return block.error();
    auto newer = finality_of(source, head);
    if (!newer) return newer.error();
    BlockProof made{std::move(*newer), block->header, {}};
    if (height == head) return made;
    auto path = history_path(source, height.value, head.value);
    if (!path) return path.error();
    made.path = std::move(*path);
    return made;
}

Result<ReceiptProof> receipt_proof(const ProofSource& source, const TxId& id)
{
    const auto place = source.find_tx(id);
    if (!place) return place.error();
    const auto block = read(source, place->height);
    if (!block) return block.error();
    const auto receipts = codec::decode<std::vector<market::Receipt>>(block->stored.receipts);
    if (!receipts) return corrupt(place->height, receipts.error().detail);
    if (place->index >= receipts->size()) return corrupt(place->height, "a receipt is missing");
    std::vector<Hash> leaves;
    leaves.reserve(receipts->size());
    for (const auto& receipt : *receipts) leaves.push_back(merkle_leaf(codec::encode(receipt)));
    auto finality = finality_of(source, place->height);
    if (!finality) return finality.error();
    return ReceiptProof{
        std::move(*finality), place->index, static_cast<std::uint32_t>(receipts->size()),
        codec::encode((*receipts)[place->index]), merkle_path(leaves, place->index)};
}

Result<StateProofAt> state_proof(const ProofSource& source, Bytes key,
                                 const ProofSource::StateAt& found)
{
    auto value = source.state_at(key, found.height);
    if (!value) return value.error();
    auto finality = finality_of(source, found.height);
    if (!finality) return finality.error();
    return StateProofAt{std::move(*finality), std::move(key), std::move(*value),
                        encode(found.proof)};
}

Result<EpochProofs> epoch_proofs(const ProofSource& source, std::uint64_t from)
{
    EpochProofs made;
    std::size_t bytes = 4;
    for (auto epoch = from; made.seals.size() < ProofLimits::seals; ++epoch) {
        auto proof = source.epoch_proof(epoch);
        if (!proof) return proof.error();
        if (!*proof) break;
        bytes += codec::encode(**proof).size();
        if (bytes > ProofLimits::proof_bytes) break;
        made.seals.push_back(std::move(**proof));
    }
    if (!made.seals.empty()) return made;
    const auto head = read(source, source.head());
    if (!head) return head.error();
    if (from < head->header.epoch)
        return Error{ErrorKind::not_found, "how that epoch ended is not kept here"};
    return made;
}

Result<TrustedCheckpoint> checkpoint(const ProofSource& source, const Genesis& genesis,
                                     const BlockId& genesis_id, std::optional<Height> anchor)
{
    const auto block = read(source, anchor.value_or(source.head()));
    if (!block) return block.error();
    TrustedCheckpoint made{genesis.chain_id, genesis_id, block->header.epoch, {}, {}};
    const bool is_seal = block->header.kind == BlockKind::sealing;
    if (is_seal) {
        const auto proof = source.epoch_proof(made.epoch);
        if (!proof) return proof.error();
        if (*proof) ++made.epoch;
    }
    if (anchor && anchor->value != 0 && !is_seal)
        return Error{ErrorKind::invalid, "that block opened no epoch"};
    if (made.epoch == 0) {
        const auto first = read(source, {0});
        if (!first) return first.error();
        made.anchor = first->header;
        made.validators = genesis.validators.set;
        return made;
    }
    auto proof = source.epoch_proof(made.epoch - 1);
    if (!proof) return proof.error();
    if (!*proof || (*proof)->path.empty())
        return Error{ErrorKind::not_found, "how the epoch before began is not kept here"};
    made.anchor = (*proof)->path.front();
    made.validators = std::move((*proof)->next);
    return made;
}

}  // namespace node
