#include "node/core/verify_checks.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/snapshot/writer.hpp"
#include "ledger/state/tree_builder.hpp"
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "node/core/finality_check.hpp"

#include <algorithm>

/// Stores that do not begin at genesis: pruned, or begun from a snapshot.
namespace node {

using namespace ledger;

namespace {

struct Part {
    StoredBlock stored;
    Header header;
};

Result<Part> read_block(const BlockStore& store, Height height)
{
    auto stored = store.block(height);
    if (!stored) return corrupt_block(height, stored.error().detail);
    auto header = decode_header(stored->header);
    if (!header) return corrupt_block(height, header.error().detail);
    if (block_id(*header) != stored->id || header->height != height)
        return corrupt_block(height, "is stored under another id");
    const auto by_id = store.height_of(stored->id);
    if (!by_id || *by_id != height) return corrupt_block(height, "the index of ids is wrong");
    return Part{std::move(*stored), std::move(*header)};
}

/// Body, receipts and index; how many transactions.
Result<std::uint64_t> check_content(const market::Network& network, const BlockStore& store,
                                    const Part& block, const Head* parent)
{
    const auto height = block.header.height;
    const auto body = decode_body(block.stored.body);
    if (!body) return corrupt_block(height, body.error().detail);
    // Of the oldest block of a pruned store the parent is gone; its header was trusted by its F.
    const Head itself{block.header, block.header.parent_id};
    auto before = itself;
    before.header.height.value -= 1;
    before.header.time_ms.value -= 1;
    if (const auto wrong = wrong_by_itself(network, block.header, *body, parent ? *parent : before))
        return corrupt_block(height, wrong);
    const auto receipts = codec::decode<std::vector<market::Receipt>>(block.stored.receipts);
    if (!receipts) return corrupt_block(height, receipts.error().detail);
    std::vector<Bytes> encoded;
    std::vector<TxId> ids;
    for (const auto& receipt : *receipts) {
        encoded.push_back(codec::encode(receipt));
        ids.push_back(receipt.tx_id);
    }
    if (root_of(encoded) != block.header.receipts_root || ids.size() != body->size())
        return corrupt_block(height, "receipts differ");
    for (std::size_t i = 0; i < body->size(); ++i) {
        const auto decoded = market::check_transaction(network, (*body)[i]);
        if (!decoded || decoded->id != ids[i])
            return corrupt_block(height, "a receipt is of another transaction");
    }
    if (const auto good = check_index(store, height, ids); !good) return good.error();
    return ids.size();
}

/// The root of the tree over every entry of the flat state, and how many there are.
Result<std::pair<Hash, std::uint64_t>> root_of_state(const StateView& state, Height height)
{
    std::vector<std::pair<Hash, Hash>> leaves;
    state.scan({}, [&](ByteView key, ByteView value) {
        leaves.emplace_back(sha256(key), sha256(value));
        return true;
    });
    std::ranges::sort(leaves);
    TreeBuilder tree{height, [](Bytes, Bytes) {}};
    for (const auto& [key, value] : leaves)
        if (const auto done = tree.add(key, value); !done) return done.error();
    return std::pair{tree.finish(), std::uint64_t{leaves.size()}};
}

Result<void> check_state(const market::Network& network, const BlockStore& store, const Header& tip,
                         VerifyReport& report)
{
    try {
        const auto state = store.snapshot();
        if (!state) return state.error();
        const auto root = root_of_state(**state, tip.height);
        if (!root) return root.error();
        if (root->first != tip.state_root)
            return Error{ErrorKind::corrupt,
                         "the stored state is not what the state root of block " +
                             std::to_string(tip.height.value) + " says"};
        report.state_entries = root->second;
        const auto wrong = market::broken_invariants(market::View{**state}, network);
        if (!wrong.empty()) return Error{ErrorKind::corrupt, wrong.front()};
        return {};
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

}  // namespace

Result<VerifyReport> verify_from_base(const market::Network& network, const BlockStore& store,
                                      const std::function<void(Height)>& progress,
                                      const consensus::Verifier& verifier)
{
    const auto tip = *store.tip();
    const auto from = *store.base();
    const auto genesis = read_block(store, {0});
    if (!genesis) return genesis.error();
    if (genesis->stored.id != network.genesis_id)
        return corrupt_block({0}, "is not the network's genesis");

    VerifyReport report;
    report.from = from;
    FinalityCheck finality{network, store, verifier};
    std::optional<Head> parent;
    std::optional<HistoryTree> history;
    for (auto height = from; height <= tip; ++height.value) {
        const auto block = read_block(store, height);
        if (!block) return block.error();
        const auto& header = block->header;
        const bool is_base = height == from && !has_body(block->stored);
        if (height == from) {
            if (const auto done = finality.skip_to(header); !done) return done.error();
        }
        if (is_base) {
            if (const auto good = finality.add_base(header); !good) return good.error();
        } else {
            const auto count = check_content(network, store, *block, parent ? &*parent : nullptr);
            if (!count) return count.error();
            report.transactions += *count;
            if (const auto good = finality.add(header, block->stored.certificate); !good)
                return good.error();
        }
        if (history && history->root() != header.history_root)
            return corrupt_block(height, "history root differs");
        if (!history) {
            auto kept = history_before(store, {height.value + 1});
            if (!kept) return corrupt_block(height, kept.error().detail);
            history = std::move(*kept);
        } else {
            history->append(block->stored.id);
        }
        parent = Head{header, block->stored.id};
        if (progress && height.value % 256 == 0) progress(height);
    }
    if (const auto open = finality.unproven())
        return corrupt_block(*open, "no certificate proves that it is final");
    if (const auto good = check_state(network, store, parent->header, report); !good)
        return good.error();
    if (const auto good = store.verify_files(); !good) return good.error();
    report.blocks = tip.value - from.value + 1;
    report.tip = parent->id;
    report.state_root = parent->header.state_root;
    const auto first = std::to_string(from.value);
    if (from.value > 1)
        report.not_checked.push_back("blocks 1 to " + std::to_string(from.value - 1) +
                                     ", which are not here any more");
    report.not_checked.push_back("the execution of blocks from " + first +
                                 " on: the state before them is not here; the state at the tip is "
                                 "what its final header says");
    return report;
}

}  // namespace node
