#include "node/core/finality_check.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/epoch_proof.hpp"
#include "ledger/snapshot/restore.hpp"
#include "node/core/snapshots.hpp"
#include "node/core/verify_checks.hpp"

namespace node {

using namespace ledger;

FinalityCheck::FinalityCheck(const market::Network& network, const BlockStore& store,
                             const consensus::Verifier& verifier)
    : store_{store}, verifier_{verifier}, epoch_{first_epoch(network)}
{
}

Result<void> FinalityCheck::skip_to(const Header& header)
{
    const auto seals = seals_before(store_, header.epoch);
    if (!seals) return corrupt_block(header.height, seals.error().detail);
    auto epoch = consensus::follow_seals(epoch_, *seals, verifier_);
    if (!epoch) return corrupt_block(header.height, epoch.error().detail);
    epoch_ = std::move(*epoch);
    return {};
}

Result<void> FinalityCheck::add_base(const Header& header)
{
    const auto bytes = store_.get_meta(base_finality_meta);
    if (!bytes) return bytes.error();
    const auto finality = *bytes ? codec::decode<SnapshotFinality>(**bytes)
                                 : Result<SnapshotFinality>{Error{ErrorKind::corrupt, "missing"}};
    if (!finality || finality->path.empty() || finality->path.front() != header)
        return corrupt_block(header.height, "what proves the snapshot's block final is of another");
    consensus::CertificateChecker checker{verifier_};
    if (const auto good =
            consensus::check_final_path(finality->path, finality->finalized, *epoch_, checker);
        !good)
        return corrupt_block(header.height, good.error().detail);
    return header.kind == BlockKind::sealing ? end_epoch(header) : Result<void>{};
}

Result<void> FinalityCheck::add(const Header& header, ByteView certificate)
{
    if (header.epoch != epoch_->number() || header.valset_hash != epoch_->set_hash())
        return corrupt_block(header.height, "is not of the epoch that stands behind its parent");
    path_.push_back(header);
    if (!certificate.empty()) {
        const auto decoded = decode_certificate(certificate);
        if (!decoded) return corrupt_block(header.height, decoded.error().detail);
        consensus::CertificateChecker checker{verifier_};
        if (const auto good = consensus::check_final_path(path_, *decoded, *epoch_, checker); !good)
            return corrupt_block(header.height, good.error().detail);
        path_.clear();
    }
    return header.kind == BlockKind::sealing ? end_epoch(header) : Result<void>{};
}

Result<void> FinalityCheck::end_epoch(const Header& seal)
{
    const auto bytes = store_.get_meta(epoch_proof_meta(seal.epoch));
    if (!bytes) return bytes.error();
    if (!*bytes) return corrupt_block(seal.height, "the proof of its epoch's end is missing");
    const auto proof = codec::decode<consensus::EpochProof>(**bytes);
    if (!proof || proof->path.empty() || proof->path.front() != seal)
        return corrupt_block(seal.height, "the proof of its epoch's end is of another block");
    auto next = consensus::follow_seals(epoch_, {&*proof, 1}, verifier_);
    if (!next) return corrupt_block(seal.height, next.error().detail);
    epoch_ = std::move(*next);
    path_.clear();
    return {};
}

std::optional<Height> FinalityCheck::unproven() const
{
    if (path_.empty()) return {};
    return path_.front().height;
}

}  // namespace node
