#include "node/core/snapshots.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/epoch_proof.hpp"
#include "market/validators.hpp"
#include "node/core/chain.hpp"
#include "node/core/consensus_log.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using consensus::EpochProof;

namespace {

Result<std::optional<EpochProof>> read_proof(const BlockStore& store, std::uint64_t epoch)
{
    const auto bytes = store.get_meta(epoch_proof_meta(epoch));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<EpochProof>{};
    auto proof = codec::decode<EpochProof>(**bytes);
    if (!proof) return Error{ErrorKind::corrupt, "the proof of an epoch's end"};
    return std::optional{std::move(*proof)};
}

/// Headers up to the first with an F of its own, or what proves the end of the epoch.
Result<SnapshotFinality> finality_of(const BlockStore& store, const Height of)
{
    SnapshotFinality finality;
    for (auto height = of; finality.path.size() < SnapshotLimits::path_headers; ++height.value) {
        const auto block = store.block(height);
        if (!block && block.error().kind == ErrorKind::not_found) break;
        if (!block) return block.error();
        auto header = decode_header(block->header);
        if (!header) return header.error();
        finality.path.push_back(std::move(*header));
        if (!block->certificate.empty()) {
            auto certificate = decode_certificate(block->certificate);
            if (!certificate) return certificate.error();
            finality.finalized = std::move(*certificate);
            return finality;
        }
        if (finality.path.back().kind != BlockKind::sealing) continue;
        auto proof = read_proof(store, finality.path.back().epoch);
        if (!proof) return proof.error();
        if (!*proof || (*proof)->path.empty() || (*proof)->path.front() != finality.path.back())
            break;
        finality.path.insert(finality.path.end(), (*proof)->path.begin() + 1, (*proof)->path.end());
        finality.finalized = std::move((*proof)->finalized);
        return finality;
    }
    return Error{ErrorKind::not_found,
                 "what proves block " + std::to_string(of.value) + " final is not kept here"};
}

}  // namespace

std::shared_ptr<const consensus::Epoch> first_epoch(const market::Network& network)
{
    const auto& genesis = network.genesis;
    return std::make_shared<consensus::Epoch>(genesis.chain_id, 0, network.genesis_id,
                                              genesis.validators.set);
}

Result<std::vector<EpochProof>> seals_before(const BlockStore& store, std::uint64_t epoch)
{
    std::vector<EpochProof> seals;
    for (std::uint64_t number = 0; number < epoch; ++number) {
        auto proof = read_proof(store, number);
        if (!proof) return proof.error();
        if (!*proof)
            return Error{ErrorKind::not_found,
                         "how epoch " + std::to_string(number) + " ended is not kept here"};
        seals.push_back(std::move(**proof));
    }
    return seals;
}

Result<SnapshotFacts> snapshot_facts(const BlockStore& store, Height height)
{
    if (height.value == 0)
        return Error{ErrorKind::not_found, "there is no block yet that a snapshot could be of"};
    auto finality = finality_of(store, height);
    if (!finality) return finality.error();
    auto history = history_before(store, height);
    if (!history) return history.error();
    auto seals = seals_before(store, finality->path.front().epoch);
    if (!seals) return seals.error();
    return SnapshotFacts{std::move(*finality), std::move(*history), std::move(*seals)};
}

Result<void> check_snapshot(const market::Network& network, const SnapshotManifest& manifest,
                            const std::vector<EpochProof>& seals,
                            const consensus::Verifier& verifier)
{
    if (manifest.content.chain_id != network.genesis.chain_id)
        return Error{ErrorKind::invalid, "the snapshot is of another network"};
    const auto epoch = consensus::follow_seals(first_epoch(network), seals, verifier);
    if (!epoch) return epoch.error();
    consensus::CertificateChecker checker{verifier};
    return check_manifest(manifest, **epoch, checker);
}

Result<StoredBlock> genesis_block(const market::Network& network)
{
    const auto memory = make_memory_store({.keep_versions = 1});
    if (const auto chain = Chain::open(network, *memory); !chain) return chain.error();
    return memory->block({0});
}

Result<std::string> complete_restored(const market::Network& network, BlockStore& store,
                                      const SnapshotManifest& manifest,
                                      const std::vector<EpochProof>& seals,
                                      const std::optional<ConsensusKey>& key)
{
    const auto chain = Chain::open(network, store);
    if (!chain) return chain.error();
    for (const auto& seal : seals)
        if (const auto done = (*chain)->keep(seal); !done) return done.error();
    // The last of them has the header of the block that opened the epoch.
    const auto base = (*chain)->base();
    if (!base) return base.error();
    const auto& [path, finalized] = manifest.finality;
    if (path.front().kind == BlockKind::sealing) {
        const auto next = market::validators(market::View{(*chain)->state()});
        if (const auto done = (*chain)->keep(EpochProof{path, finalized, next}); !done)
            return done.error();
    }
    std::string why;
    if (key && std::ranges::find(base->set, *key, &Validator::consensus_key) != base->set.end()) {
        why =
            "this home began from a snapshot in which its key votes already: what it has signed "
            "before is not known here";
        if (const auto done = silence(store, *key, why); !done) return done.error();
    }
    if (const auto done = (*chain)->checkpoint(); !done) return done.error();
    return why;
}

}  // namespace node
