#include "node/core/chain.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/store/store_nodes.hpp"

namespace node {
namespace {

using namespace ledger;

constexpr const char* history_meta = "history";

/// The keys a block changed, remembered until the next checkpoint writes the tree.
struct Touched {
    Height height;
    std::vector<Bytes> keys;
};
MILLRACE_DESCRIBE(Touched, (height, keys))

std::string touched_meta(Height height)
{
    return "touched/" + std::to_string(height.value % Chain::checkpoint_blocks);
}

Error corrupt(const Header& header, const std::string& what)
{
    return {ErrorKind::corrupt, "block " + std::to_string(header.height.value) + ": " + what};
}

Bytes encode_receipts(const std::vector<market::Receipt>& receipts)
{
    return codec::encode(receipts);
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
    const auto saved = store.get_meta(history_meta);
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
    BlockCommit commit{{{0}, id, encode_header(header), encode_body({}), encode_receipts({}), {}},
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
        const auto bytes = store.get_meta(touched_meta({height}));
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

BlockRecord Candidate::record() const
{
    return {encode_header(header), encode_body(body), encode_certificate(certificate)};
}

Address payout_of(const market::Network& network, const Header& header)
{
    const auto& set = network.genesis.validators.set;
    return header.proposer < set.size() ? set[header.proposer].payout : Address{};
}

Chain::Chain(const market::Network& network, BlockStore& store, std::unique_ptr<TreeNodes> nodes,
             StateTree tree, HistoryTree history, Head head)
    : network_{network},
      store_{store},
      nodes_{std::move(nodes)},
      tree_{std::move(tree)},
      history_{std::move(history)},
      head_{std::move(head)}
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

Result<Candidate> Chain::finish(Header header, BlockBody body, std::vector<TxId> tx_ids,
                                market::BlockExecution& execution)
{
    auto outcome = execution.finish();
    std::vector<Bytes> receipts;
    receipts.reserve(outcome.receipts.size());
    for (const auto& receipt : outcome.receipts) receipts.push_back(codec::encode(receipt));

    auto tree = tree_.ahead(tree_.head(), header.height, outcome.diff);
    if (!tree) return tree.error();
    header.tx_root = root_of(body);
    header.tx_count = static_cast<std::uint32_t>(body.size());
    header.body_bytes = encode_body(body).size();
    header.state_root = tree->root();
    header.receipts_root = root_of(receipts);
    header.history_root = history_.root();
    header.kind = outcome.next_set ? BlockKind::sealing : BlockKind::normal;
    header.next_valset_hash = outcome.next_set ? valset_hash(*outcome.next_set) : Hash{};
    const auto id = block_id(header);
    return Candidate{std::move(header),
                     id,
                     std::move(body),
                     {},
                     std::move(outcome.receipts),
                     std::move(tx_ids),
                     std::move(outcome.diff),
                     std::move(*tree)};
}

Result<Candidate> Chain::build(std::span<const market::CheckedTransaction> transactions, TimeMs now,
                               std::vector<Omitted>& omitted)
{
    const auto earliest =
        head_.header.time_ms.value + std::max<std::uint64_t>(1, network_.params().min_interval_ms);
    Header header;
    header.chain_id = network_.genesis.chain_id;
    header.view = head_.header.view + 1;
    header.height = {head_.header.height.value + 1};
    header.parent_id = head_.id;
    header.parent_view = head_.header.view;
    header.time_ms = {std::max(now.value, earliest)};
    header.valset_hash = head_.header.valset_hash;

    try {
        market::BlockExecution execution{
            store_.state(),
            network_,
            {header.height, header.time_ms, payout_of(network_, header), header.parent_id}};
        BlockBody body;
        std::vector<TxId> ids;
        std::size_t bytes = 0;
        for (const auto& transaction : transactions) {
            if (body.size() == BlockLimits::transactions ||
                bytes + transaction.encoded.size() > BlockLimits::body_bytes)
                break;
            if (const auto done = execution.add(transaction); !done) {
                omitted.push_back({transaction.id, done.error()});
                continue;
            }
            bytes += transaction.encoded.size();
            body.push_back(transaction.encoded);
            ids.push_back(transaction.id);
        }
        return finish(header, std::move(body), std::move(ids), execution);
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

Result<Candidate> Chain::execute(const BlockRecord& record)
{
    auto header = decode_header(record.header);
    if (!header) return header.error();
    auto body = decode_body(record.body);
    if (!body) return body.error();
    auto certificate = decode_certificate(record.certificate);
    if (!certificate) return certificate.error();

    const auto id = block_id(*header);
    if (header->chain_id != network_.genesis.chain_id) return corrupt(*header, "another chain");
    if (header->parent_id != head_.id || header->height.value != head_.header.height.value + 1)
        return corrupt(*header, "does not follow the head");
    if (header->time_ms <= head_.header.time_ms) return corrupt(*header, "time does not advance");
    if (certificate->kind != VoteKind::finalize || certificate->id != id ||
        certificate->view != header->view)
        return corrupt(*header, "the certificate is of another block");
    if (const auto good =
            verify(*certificate, header->chain_id, anchor(), network_.genesis.validators.set);
        !good)
        return corrupt(*header, good.error().detail);

    try {
        market::BlockExecution execution{
            store_.state(),
            network_,
            {header->height, header->time_ms, payout_of(network_, *header), header->parent_id}};
        std::vector<TxId> ids;
        for (const auto& encoded : *body) {
            const auto transaction = market::check_transaction(network_, encoded);
            if (!transaction) return corrupt(*header, transaction.error().detail);
            if (const auto done = execution.add(*transaction); !done)
                return corrupt(*header, "holds a transaction with a bad envelope");
            ids.push_back(transaction->id);
        }
        auto candidate = finish(*header, std::move(*body), std::move(ids), execution);
        if (!candidate) return candidate.error();
        if (candidate->header.state_root != header->state_root)
            return corrupt(*header, "state root differs");
        if (candidate->header.receipts_root != header->receipts_root)
            return corrupt(*header, "receipts root differs");
        if (candidate->header != *header) return corrupt(*header, "header differs");
        candidate->certificate = std::move(*certificate);
        return candidate;
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

Result<void> Chain::commit(Candidate candidate, std::uint64_t seq)
{
    const auto height = candidate.header.height;
    Touched touched{height, {}};
    for (const auto& [key, value] : candidate.diff) touched.keys.push_back(key);
    if (const auto done = store_.put_meta(touched_meta(height), codec::encode(touched)); !done)
        return done;

    auto history = history_;
    BlockCommit commit{
        {height, candidate.id, encode_header(candidate.header), encode_body(candidate.body),
         encode_receipts(candidate.receipts), encode_certificate(candidate.certificate)},
        std::move(candidate.tx_ids),
        std::move(candidate.diff),
        seq,
        history.append(candidate.id)};
    if (const auto done = store_.append(commit); !done) return done;
    tree_.adopt(std::move(candidate.tree));
    history_ = std::move(history);
    head_ = {candidate.header, candidate.id};

    const auto saved = store_.last_checkpoint();
    if (!saved || height.value - saved->height.value >= checkpoint_blocks) return checkpoint();
    return {};
}

Result<void> Chain::checkpoint()
{
    if (const auto done = store_.put_meta(history_meta, history_.encode()); !done) return done;
    const auto changes = tree_.take_changes();
    if (!changes) return changes.error();
    return store_.checkpoint(*changes, store_.applied_seq());
}

}  // namespace node
