#include "node/core/verify.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/consensus/epoch_proof.hpp"
#include "market/invariants.hpp"
#include "node/core/chain.hpp"
#include "node/core/ledger_application.hpp"

namespace node {
namespace {

using namespace ledger;

Error corrupt(Height height, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(height.value) + ": " + what};
}

Result<void> check_index(const BlockStore& store, const ExecutedBlock& block)
{
    for (std::uint32_t i = 0; i < block.tx_ids.size(); ++i) {
        const auto found = store.find_tx(block.tx_ids[i]);
        if (!found) return corrupt(block.header.height, "a transaction is not in the index");
        if (*found != TxLocation{block.header.height, i})
            return corrupt(block.header.height, "the index places a transaction elsewhere");
    }
    return {};
}

/// Every entry of the stored state against the state that execution led to, both ways.
Result<std::uint64_t> compare_states(const StateView& stored, const StateView& executed)
{
    std::uint64_t entries = 0;
    std::string wrong;
    stored.scan({}, [&](ByteView key, ByteView value) {
        ++entries;
        const auto other = executed.get(key);
        if (!other || !std::equal(other->begin(), other->end(), value.begin(), value.end()))
            wrong = "state entry of table '" + std::string{static_cast<char>(key[0])} + "' differs";
        return wrong.empty();
    });
    std::uint64_t there = 0;
    executed.scan({}, [&](ByteView, ByteView) { return ++there, true; });
    if (wrong.empty() && there != entries) wrong = "state entries are missing";
    if (!wrong.empty()) return Error{ErrorKind::corrupt, wrong};
    return entries;
}

/// What execution does not look at.
const char* wrong_by_itself(const market::Network& network, const Header& header,
                            const BlockBody& body, const Head& parent)
{
    if (header.chain_id != network.genesis.chain_id) return "another chain";
    if (header.parent_id != parent.id || header.height.value != parent.header.height.value + 1)
        return "does not follow the block before";
    if (header.time_ms <= parent.header.time_ms) return "time does not advance";
    if (header.tx_root != root_of(body) || header.tx_count != body.size() ||
        header.body_bytes != encode_body(body).size())
        return "the body is not the header's";
    return nullptr;
}

/// That blocks are final: each by an F of its own, or as an ancestor of one that has it, or by the
/// proof of its epoch's end.
class Finality {
public:
    Finality(const BlockStore& store, const Chain& chain, const consensus::Verifier& verifier)
        : store_{store}, chain_{chain}, verifier_{verifier}
    {
    }

    Result<void> begin()
    {
        const auto base = chain_.base();
        if (!base) return base.error();
        epoch_ = std::make_unique<consensus::Epoch>(base->anchor.chain_id, base->epoch,
                                                    block_id(base->anchor), base->set);
        return {};
    }

    /// A block that the chain has just executed and made its head.
    Result<void> add(const Header& header, ByteView certificate)
    {
        if (header.epoch != epoch_->number() || header.valset_hash != epoch_->set_hash())
            return corrupt(header.height, "is not of the epoch that stands behind its parent");
        path_.push_back(header);
        if (!certificate.empty()) {
            const auto decoded = decode_certificate(certificate);
            if (!decoded) return corrupt(header.height, decoded.error().detail);
            if (const auto good = check(*decoded); !good)
                return corrupt(header.height, good.error().detail);
        }
        if (header.kind != BlockKind::sealing) return {};
        const auto bytes = store_.get_meta(epoch_proof_meta(header.epoch));
        if (!bytes) return bytes.error();
        if (!*bytes) return corrupt(header.height, "the proof of its epoch's end is missing");
        const auto proof = codec::decode<consensus::EpochProof>(**bytes);
        if (!proof || proof->path.empty() || proof->path.front() != header)
            return corrupt(header.height, "the proof of its epoch's end is of another block");
        consensus::CertificateChecker checker{verifier_};
        if (const auto good = consensus::check_epoch_proof(*proof, *epoch_, checker); !good)
            return corrupt(header.height, good.error().detail);
        path_.clear();
        return begin();
    }
    /// The first block that nothing has proven final.
    std::optional<Height> unproven() const
    {
        if (path_.empty()) return {};
        return path_.front().height;
    }

private:
    Result<void> check(const Certificate& certificate)
    {
        consensus::CertificateChecker checker{verifier_};
        auto good = consensus::check_final_path(path_, certificate, *epoch_, checker);
        if (good) path_.clear();
        return good;
    }

    const BlockStore& store_;
    const Chain& chain_;
    const consensus::Verifier& verifier_;
    std::unique_ptr<consensus::Epoch> epoch_;
    std::vector<Header> path_;
};

}  // namespace

Result<VerifyReport> verify_chain(const market::Network& network, const BlockStore& store,
                                  const std::function<void(Height)>& progress,
                                  const consensus::Verifier& verifier)
{
    const auto tip = store.tip();
    if (!tip) return Error{ErrorKind::not_found, "the store is empty"};
    const auto memory = make_memory_store({.keep_versions = 1});
    const auto chain = Chain::open(network, *memory);
    if (!chain) return chain.error();
    Mempool nothing{network, {}};
    LedgerApplication application{network, **chain, nothing};
    Finality finality{store, **chain, verifier};
    if (const auto done = finality.begin(); !done) return done.error();

    VerifyReport report;
    for (Height height{0}; height <= *tip; ++height.value) {
        const auto stored = store.block(height);
        if (!stored) return corrupt(height, stored.error().detail);
        if (height.value == 0) {
            const auto own = memory->block(height);
            if (!own || *own != *stored) return corrupt(height, "is not the network's genesis");
            continue;
        }
        const auto header = decode_header(stored->header);
        if (!header) return corrupt(height, header.error().detail);
        const auto body = decode_body(stored->body);
        if (!body) return corrupt(height, body.error().detail);
        if (const auto wrong = wrong_by_itself(network, *header, *body, (*chain)->head()))
            return corrupt(height, wrong);
        if (block_id(*header) != stored->id) return corrupt(height, "is stored under another id");
        if (const auto good = application.execute_checked(*header, *body); !good)
            return Error{ErrorKind::corrupt, good.error().detail};
        const auto block = (*chain)->commit(stored->id, *body, {}, height.value);
        if (!block) return block.error();
        if (codec::encode(block->receipts) != stored->receipts)
            return corrupt(height, "receipts differ");
        const auto by_id = store.height_of(stored->id);
        if (!by_id || *by_id != height) return corrupt(height, "the index of ids is wrong");
        if (const auto good = check_index(store, *block); !good) return good.error();
        if (const auto good = finality.add(*header, stored->certificate); !good)
            return good.error();
        report.transactions += block->tx_ids.size();
        if (progress && height.value % 256 == 0) progress(height);
    }
    if (const auto from = finality.unproven())
        return corrupt(*from, "no certificate proves that it is final");
    try {
        const auto snapshot = store.snapshot();
        if (!snapshot) return snapshot.error();
        const auto entries = compare_states(**snapshot, memory->state());
        if (!entries) return entries.error();
        report.state_entries = *entries;
        const auto wrong = market::broken_invariants(market::View{memory->state()}, network);
        if (!wrong.empty()) return Error{ErrorKind::corrupt, wrong.front()};
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
    if (const auto good = store.verify_files(); !good) return good.error();
    report.blocks = tip->value + 1;
    report.tip = (*chain)->head().id;
    report.state_root = (*chain)->head().header.state_root;
    return report;
}

}  // namespace node
