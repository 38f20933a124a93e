#include "ledger/light/light_client.hpp"

#include "ledger/crypto/merkle.hpp"
#include "ledger/state/state_proof.hpp"

#include <algorithm>

namespace ledger::light {
LightClient::LightClient(const TrustedCheckpoint& checkpoint, const consensus::Verifier& signatures)
    : checkpoint_{checkpoint},
      epoch_{std::make_shared<const consensus::Epoch>(checkpoint.chain_id, checkpoint.epoch,
                                                      block_id(checkpoint.anchor),
                                                      checkpoint.validators)},
      checker_{signatures},
      known_{epoch_->anchor()},
      newest_time_{checkpoint.anchor.time_ms}
{
}

Result<LightClient> LightClient::begin(const TrustedCheckpoint& checkpoint, ChainId chain_id,
                                       const BlockId& genesis_id,
                                       const consensus::Verifier& signatures)
{
    if (const auto done = light::check(checkpoint); !done) return done.error();
    if (checkpoint.chain_id != chain_id || checkpoint.genesis_id != genesis_id)
        return invalid("the checkpoint is of another network");
    return LightClient{checkpoint, signatures};
}

Result<void> LightClient::follow(const EpochProofs& proofs)
{
    if (proofs.seals.empty()) return {};
    auto reached = consensus::follow_seals(epoch_, proofs.seals, checker_.verifier());
    if (!reached) return reached.error();
    epoch_ = std::move(*reached);
    const auto& last = proofs.seals.back();
    checkpoint_.epoch = epoch_->number();
    checkpoint_.anchor = last.path.front();
    checkpoint_.validators = last.next;
    know(epoch_->anchor());
    newest_time_ = std::max(newest_time_, last.path.back().time_ms);
    return {};
}

void LightClient::know(const BlockId& id)
{
    if (known_.size() >= most_known) known_ = {epoch_->anchor()};
    known_.insert(id);
}

Result<FinalBlock> LightClient::check(const Finality& proof)
{
    const auto& header = proof.header;
    FinalBlock block{header, block_id(header), 0};
    if (knows(block.id)) return block;
    if (header.chain_id != checkpoint_.chain_id) return invalid("the block is of another chain");
    if (header.epoch > epoch())
        return invalid("the block is of a later epoch than the one trusted");
    if (header.epoch < epoch())
        return invalid("the block is of an earlier epoch than the one trusted");
    if (header.kind == BlockKind::tail)
        return invalid("what follows a seal is not part of the ledger");
    if (!proof.certificate) return invalid("there is no certificate");
    std::vector<Header> path{header};
    path.insert(path.end(), proof.descendants.begin(), proof.descendants.end());
    if (const auto done = consensus::check_final_path(path, *proof.certificate, *epoch_, checker_);
        !done)
        return done.error();
    newest_time_ = std::max(newest_time_, path.back().time_ms);
    block.signatures = proof.certificate->signatures.size();
    return block;
}

Result<FinalBlock> LightClient::check(const BlockProof& proof)
{
    const auto newer = check(proof.newer);
    if (!newer) return newer;
    FinalBlock block{proof.header, block_id(proof.header), newer->signatures};
    if (block.id == newer->id) {
        if (!proof.path.empty()) return invalid("a block needs no path to itself");
    } else {
        const auto count = newer->header.height.value;
        if (block.header.height.value >= count)
            return invalid("the block is not older than the one it is proven through");
        if (!merkle_verify(newer->header.history_root, merkle_leaf(block.id.view()),
                           block.header.height.value, count, proof.path))
            return invalid("the path does not lead to the history root");
    }
    know(block.id);
    return block;
}

Result<FinalBlock> LightClient::check(const StateProofAt& proof, ByteView key)
{
    if (!std::ranges::equal(proof.key, key)) return invalid("the proof is of another key");
    const auto siblings = decode_state_proof(proof.proof);
    if (!siblings) return siblings.error();
    auto block = check(proof.finality);
    if (!block) return block;
    std::optional<ByteView> value;
    if (proof.value) value = *proof.value;
    if (!verify(block->header.state_root, key, value, *siblings))
        return invalid("the proof does not lead to the state root");
    return block;
}

Result<FinalBlock> LightClient::check(const ReceiptProof& proof)
{
    auto block = check(proof.finality);
    if (!block) return block;
    if (proof.count != block->header.tx_count)
        return invalid("the block has another number of transactions");
    if (proof.index >= proof.count) return invalid("the block has no such transaction");
    if (!merkle_verify(block->header.receipts_root, merkle_leaf(proof.receipt), proof.index,
                       proof.count, proof.path))
        return invalid("the path does not lead to the receipts root");
    return block;
}

}  // namespace ledger::light
