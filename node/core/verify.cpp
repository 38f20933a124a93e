#include "node/core/verify.hpp"

#include "ledger/codec/binary.hpp"
#include "market/invariants.hpp"
#include "node/core/chain.hpp"

namespace node {
namespace {

using namespace ledger;

Error corrupt(Height height, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(height.value) + ": " + what};
}

Result<void> check_index(const BlockStore& store, const Candidate& block)
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

}  // namespace

Result<VerifyReport> verify_chain(const market::Network& network, const BlockStore& store,
                                  const std::function<void(Height)>& progress)
{
    const auto tip = store.tip();
    if (!tip) return Error{ErrorKind::not_found, "the store is empty"};
    const auto memory = make_memory_store({.keep_versions = 1});
    const auto chain = Chain::open(network, *memory);
    if (!chain) return chain.error();

    VerifyReport report;
    for (Height height{0}; height <= *tip; ++height.value) {
        const auto stored = store.block(height);
        if (!stored) return corrupt(height, stored.error().detail);
        if (height.value == 0) {
            const auto own = memory->block(height);
            if (!own || *own != *stored) return corrupt(height, "is not the network's genesis");
            continue;
        }
        auto block = (*chain)->execute({stored->header, stored->body, stored->certificate});
        if (!block) return block.error();
        if (block->id != stored->id) return corrupt(height, "is stored under another id");
        if (codec::encode(block->receipts) != stored->receipts)
            return corrupt(height, "receipts differ");
        const auto by_id = store.height_of(stored->id);
        if (!by_id || *by_id != height) return corrupt(height, "the index of ids is wrong");
        if (const auto good = check_index(store, *block); !good) return good.error();
        report.transactions += block->tx_ids.size();
        if (const auto done = (*chain)->commit(std::move(*block), height.value); !done)
            return done.error();
        if (progress && height.value % 256 == 0) progress(height);
    }
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
