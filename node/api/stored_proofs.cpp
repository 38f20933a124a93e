#include "node/api/stored_proofs.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/merkle.hpp"

namespace node {

using namespace ledger;

Result<std::optional<consensus::EpochProof>> StoredProofs::epoch_proof(std::uint64_t epoch) const
{
    const auto bytes = store_.get_meta(epoch_proof_meta(epoch));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<consensus::EpochProof>{};
    auto proof = codec::decode<consensus::EpochProof>(**bytes);
    if (!proof || proof->path.empty())
        return Error{ErrorKind::corrupt, "the proof of epoch " + std::to_string(epoch)};
    return std::optional{std::move(*proof)};
}

void StoredProofs::prove_state(Bytes key, std::function<void(Result<StateAt>)> answer)
{
    ledger_.prove(std::move(key),
                  [answer = std::move(answer)](Result<LedgerService::Proved> proved) {
                      if (!proved) return answer(proved.error());
                      answer(StateAt{proved->head.header.height, std::move(proved->proof)});
                  });
}

Result<Hash> StoredProofs::node(std::uint8_t level, std::uint64_t index) const
{
    if (level == 0) {
        const auto block = store_.block({index});
        if (block) return merkle_leaf(block->id.view());
        if (block.error().kind != ErrorKind::not_found) return block.error();
    }
    const auto found = store_.history_node(level, index);
    if (!found) return found.error();
    if (*found) return **found;
    const auto base = store_.base();
    if (base && base->value != 0)
        return Error{ErrorKind::not_found, "the history of a block that was pruned"};
    return Error{ErrorKind::corrupt, "a node of the history tree is missing"};
}

}  // namespace node
