#include "node/core/verify.hpp"

#include "ledger/codec/binary.hpp"
#include "market/invariants.hpp"
#include "node/core/chain.hpp"
#include "node/core/finality_check.hpp"
#include "node/core/ledger_application.hpp"
#include "node/core/verify_checks.hpp"

namespace node {
namespace {

using namespace ledger;

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

}  // namespace

Result<VerifyReport> verify_chain(const market::Network& network, const BlockStore& store,
                                  const std::function<void(Height)>& progress,
                                  const consensus::Verifier& verifier)
{
    const auto tip = store.tip();
    if (!tip) return Error{ErrorKind::not_found, "the store is empty"};
    if (store.base()->value != 0) return verify_from_base(network, store, progress, verifier);
    const auto memory = make_memory_store({.keep_versions = 1});
    const auto chain = Chain::open(network, *memory);
    if (!chain) return chain.error();
    Mempool nothing{network, {}};
    LedgerApplication application{network, **chain, nothing};
    FinalityCheck finality{network, store, verifier};

    VerifyReport report;
    for (Height height{0}; height <= *tip; ++height.value) {
        const auto stored = store.block(height);
        if (!stored) return corrupt_block(height, stored.error().detail);
        if (height.value == 0) {
            const auto own = memory->block(height);
            if (!own || *own != *stored)
                return corrupt_block(height, "is not the network's genesis");
            continue;
        }
        const auto header = decode_header(stored->header);
        if (!header) return corrupt_block(height, header.error().detail);
        const auto body = decode_body(stored->body);
        if (!body) return corrupt_block(height, body.error().detail);
        if (const auto wrong = wrong_by_itself(network, *header, *body, (*chain)->head()))
            return corrupt_block(height, wrong);
        if (block_id(*header) != stored->id)
            return corrupt_block(height, "is stored under another id");
        if (const auto good = application.execute_checked(*header, *body); !good)
            return Error{ErrorKind::corrupt, good.error().detail};
        const auto block = (*chain)->commit(stored->id, *body, {}, height.value);
        if (!block) return block.error();
        if (codec::encode(block->receipts) != stored->receipts)
            return corrupt_block(height, "receipts differ");
        const auto by_id = store.height_of(stored->id);
        if (!by_id || *by_id != height) return corrupt_block(height, "the index of ids is wrong");
        if (const auto good = check_index(store, height, block->tx_ids); !good) return good.error();
        if (const auto good = finality.add(*header, stored->certificate); !good)
            return good.error();
        report.transactions += block->tx_ids.size();
        if (progress && height.value % 256 == 0) progress(height);
    }
    if (const auto from = finality.unproven())
        return corrupt_block(*from, "no certificate proves that it is final");
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
