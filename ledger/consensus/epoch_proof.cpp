#include "ledger/consensus/epoch_proof.hpp"

namespace ledger::consensus {

Result<void> check_final_path(std::span<const Header> path, const Certificate& certificate,
                              const Epoch& epoch, CertificateChecker& checker)
{
    if (path.empty()) return invalid("no headers");
    if (certificate.kind != VoteKind::finalize)
        return invalid("the certificate is not of finality");
    if (certificate.view != path.back().view || certificate.id != block_id(path.back()))
        return invalid("the certificate is of another block");
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i].chain_id != epoch.chain_id() || path[i].epoch != epoch.number())
            return invalid("another chain or epoch");
        if (i == 0) continue;
        if (path[i].parent_id != block_id(path[i - 1]) || path[i].parent_view != path[i - 1].view ||
            path[i].view <= path[i - 1].view)
            return invalid("the headers are not linked");
    }
    return checker.check(certificate, epoch);
}

Result<void> check_epoch_proof(const EpochProof& proof, const Epoch& epoch,
                               CertificateChecker& checker)
{
    if (proof.path.empty() || proof.path.front().kind != BlockKind::sealing)
        return invalid("the proof does not begin with a seal");
    for (std::size_t i = 1; i < proof.path.size(); ++i)
        if (proof.path[i].kind != BlockKind::tail || proof.path[i].height != proof.path[0].height)
            return invalid("only tail blocks follow a seal");
    if (!is_valid_set(proof.next)) return invalid("no set that could go on");
    if (valset_hash(proof.next) != proof.path.front().next_valset_hash)
        return invalid("not the set that the seal names");
    return check_final_path(proof.path, proof.finalized, epoch, checker);
}

Result<std::shared_ptr<const Epoch>> follow_seals(std::shared_ptr<const Epoch> trusted,
                                                  std::span<const EpochProof> seals,
                                                  const Verifier& verifier)
{
    CertificateChecker checker{verifier};
    for (const auto& seal : seals) {
        if (const auto done = check_epoch_proof(seal, *trusted, checker); !done)
            return done.error();
        trusted = std::make_shared<const Epoch>(trusted->chain_id(), trusted->number() + 1,
                                                block_id(seal.path.front()), seal.next);
    }
    return trusted;
}

}  // namespace ledger::consensus
