// Taking up a store where it stands.
#include "node/core/chain.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/store/store_nodes.hpp"
#include "node/core/chain_meta.hpp"
#include "node/core/genesis_block.hpp"

namespace node {
namespace {

using namespace ledger;

Error corrupt(const Header& header, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(header.height.value) + ": " + what};
}

Result<Head> read_head(const BlockStore& store, Height height)
{
    const auto block = store.block(height);
    if (!block) return block.error();
    const auto header = decode_header(block->header);
    if (!header) return header.error();
    if (block_id(*header) != block->id || header->height != height)
        return corrupt(*header, "the stored header is not the one of this height");
    return Head{*header, block->id};
}

/// The frontier of a checkpoint, and the ids of the blocks since then.
Result<HistoryTree> read_history(const BlockStore& store, Height tip)
{
    HistoryTree history;
    const auto saved = store.get_meta(frontier_meta);
    if (!saved) return saved.error();
    if (*saved) {
        auto decoded = HistoryTree::decode(**saved);
        if (!decoded) return decoded.error();
        if (decoded->size() <= tip.value + 1) history = std::move(*decoded);
    }
    while (history.size() <= tip.value) {
        const auto block = store.block({history.size()});
        if (!block) return block.error();
        history.append(block->id);
    }
    return history;
}

Result<void> write_genesis(const market::Network& network, BlockStore& store, StateTree& tree)
{
    auto diff = market::genesis_state(network.genesis);
    const auto root = tree.apply({0}, diff);
    if (!root) return root.error();
    const auto header = genesis_header(network.genesis, *root);
    const auto id = block_id(header);
    if (id != network.genesis_id) return Error{ErrorKind::invalid, "genesis id does not match"};
    HistoryTree history;
    BlockCommit commit{{{0},
                        id,
                        encode_header(header),
                        encode_body({}),
                        codec::encode(std::vector<market::Receipt>{}),
                        {}},
                       {},
                       std::move(diff),
                       0,
                       history.append(id)};
    if (const auto done = store.append(commit); !done) return done;
    const auto changes = tree.take_changes();
    if (!changes) return changes.error();
    return store.checkpoint(*changes, 0);
}

Result<StateTree> open_tree(const TreeNodes& nodes, const BlockStore& store,
                            const TreeOptions& options)
{
    const auto checkpoint = store.last_checkpoint();
    if (!checkpoint) return StateTree{nodes, options};
    return StateTree::open(nodes, checkpoint->height, checkpoint->root, options);
}

/// What the flat table holds now of the keys that blocks after `since` changed.
Result<StateDiff> changed_since(const BlockStore& store, Height since, Height tip)
{
    StateDiff diff;
    for (auto height = since.value + 1; height <= tip.value; ++height) {
        const auto bytes = store.get_meta(touched_meta({height}, Chain::checkpoint_blocks));
        if (!bytes) return bytes.error();
        const auto touched = *bytes ? codec::decode<Touched>(**bytes)
                                    : Result<Touched>{Error{ErrorKind::corrupt, "missing"}};
        if (!touched || touched->height.value != height)
            return Error{ErrorKind::corrupt,
                         "the keys that block " + std::to_string(height) + " changed are lost"};
        for (const auto& key : touched->keys) diff[key] = store.state().get(key);
    }
    return diff;
}

}  // namespace

Chain::Chain(const market::Network& network, BlockStore& store, std::unique_ptr<TreeNodes> nodes,
             StateTree tree, HistoryTree history, Head head)
    : network_{network},
      store_{store},
      nodes_{std::move(nodes)},
      state_tree_{std::move(tree)},
      history_{std::move(history)},
      head_{std::move(head)},
      tree_{head_.id}
{
}

Result<std::unique_ptr<Chain>> Chain::open(const market::Network& network, BlockStore& store,
                                           TreeOptions options)
{
    auto nodes = std::make_unique<StoreNodes>(store);
    auto tree = open_tree(*nodes, store, options);
    if (!tree) return tree.error();
    if (!store.tip()) {
        if (const auto done = write_genesis(network, store, *tree); !done) return done.error();
    }
    const auto first = read_head(store, {0});
    if (!first) return first.error();
    if (first->id != network.genesis_id)
        return Error{ErrorKind::invalid,
                     "the data directory holds another network than genesis.json names"};

    const auto tip = *store.tip();
    const auto head = read_head(store, tip);
    if (!head) return head.error();
    auto history = read_history(store, tip);
    if (!history) return history.error();

    // Blocks that the store has and its last checkpoint has not.
    if (tree->head().version() < tip) {
        const auto changed = changed_since(store, tree->head().version(), tip);
        if (!changed) return changed.error();
        const auto root = tree->apply(tip, *changed);
        if (!root) return root.error();
    }
    if (tree->head().root() != head->header.state_root)
        return corrupt(head->header, "the state does not have the root that the header names");
    return std::unique_ptr<Chain>{
        new Chain{network, store, std::move(nodes), std::move(*tree), std::move(*history), *head}};
}

}  // namespace node
