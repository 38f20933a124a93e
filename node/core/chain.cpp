#include "node/core/chain.hpp"

#include "ledger/codec/binary.hpp"
#include "market/validators.hpp"
#include "node/core/chain_meta.hpp"

#include <set>
#include <utility>

namespace node {

using namespace ledger;
using market::CheckedTransaction;

/// What a block is executed on: the state after its parent, and where tree and history stand.
struct Chain::Ground {
    std::unique_ptr<StateAfter> state;
    TreeHead tree;
    HistoryTree history;
    ValidatorSet validators;
};

struct Chain::Ordered {
    std::vector<TxId> tx_ids;
    std::vector<WireId> wire_ids;
    std::vector<ReplayKey> used;

    void add(const CheckedTransaction& transaction)
    {
        const auto& envelope = transaction.envelope;
        tx_ids.push_back(transaction.id);
        wire_ids.push_back(transaction.wire_id);
        used.push_back({envelope.sender, envelope.lane, envelope.nonce});
    }
};

namespace {

/// So many blocks above the head are read one after the other; more are put together first.
constexpr std::size_t layers_read = 4;

Error invalid(const Header& header, const std::string& what)
{
    return {ErrorKind::invalid, "block " + std::to_string(header.height.value) + ": " + what};
}

std::size_t encoded_size(const BlockBody& body)
{
    std::size_t bytes = 4;
    for (const auto& transaction : body) bytes += 4 + transaction.size();
    return bytes;
}

/// What of a header follows from its parent and its body.
struct Filled {
    const BlockKind& kind;
    const Hash& state_root;
    const Hash& receipts_root;
    const Hash& history_root;
    const Hash& next_valset_hash;
    explicit Filled(const Header& header)
        : kind{header.kind},
          state_root{header.state_root},
          receipts_root{header.receipts_root},
          history_root{header.history_root},
          next_valset_hash{header.next_valset_hash}
    {
    }
};

const char* difference(const Filled& a, const Filled& b)
{
    if (a.state_root != b.state_root) return "state root differs";
    if (a.receipts_root != b.receipts_root) return "receipts root differs";
    if (a.history_root != b.history_root) return "history root differs";
    if (a.kind != b.kind) return "kind differs";
    if (a.next_valset_hash != b.next_valset_hash) return "the next validators differ";
    return nullptr;
}

}  // namespace

Address payout_of(const ValidatorSet& set, const Header& header)
{
    return header.proposer < set.size() ? set[header.proposer].payout : Address{};
}

std::string epoch_proof_meta(std::uint64_t epoch)
{
    return "epoch_proof/" + std::to_string(epoch);
}

Result<consensus::Base> Chain::base() const
{
    try {
        const market::View view{state()};
        const auto epochs = view.get<market::EpochState>({});
        consensus::Base base;
        base.epoch = epochs.epoch;
        base.set = market::validators(view);
        base.tip = head_.header;
        // The next block tells the state which block has opened its epoch.
        const bool on_anchor = epochs.anchor == BlockId{};
        if (on_anchor) {
            base.anchor = head_.header;
            return base;
        }
        auto anchor = anchor_header(epochs.epoch, epochs.anchor);
        if (!anchor) return anchor.error();
        base.anchor = std::move(*anchor);
        const auto newest = store_.block(head_.header.height);
        if (!newest) return newest.error();
        if (!newest->certificate.empty()) {
            auto certificate = decode_certificate(newest->certificate);
            if (!certificate) return certificate.error();
            base.finalized = std::move(*certificate);
        }
        return base;
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

/// The block that opened an epoch: the seal of the one before, which may be pruned as a block.
Result<Header> Chain::anchor_header(std::uint64_t epoch, const BlockId& id) const
{
    if (epoch != 0) {
        const auto proof = epoch_proof(epoch - 1);
        if (!proof) return proof.error();
        if (*proof && !(*proof)->path.empty()) return (*proof)->path.front();
    }
    const auto height = store_.height_of(id);
    if (!height) return height.error();
    const auto anchor = store_.block(*height);
    if (!anchor) return anchor.error();
    return decode_header(anchor->header);
}

Result<Chain::Ground> Chain::ground(const BlockId& parent)
{
    const auto path = tree_.path(parent);
    if (!path) return Error{ErrorKind::not_found, "the parent has not been executed"};
    auto state = std::make_unique<StateAfter>(store_.state());
    if (path->size() <= layers_read) {
        merged_.clear();
        for (const auto* block : *path) state->add(block->diff);
    } else {
        state->add(merged_.of(*path));
    }
    auto validators = market::validators(market::View{*state});
    const auto* last = path->empty() ? nullptr : path->back();
    return Ground{std::move(state), last ? last->tree : state_tree_.head(),
                  last ? last->history : history_, std::move(validators)};
}

Result<ExecutedBlock> Chain::finish(Header header, const Ground& ground, Ordered ordered,
                                    market::BlockExecution& execution)
{
    auto outcome = execution.finish();
    std::vector<Bytes> receipts;
    receipts.reserve(outcome.receipts.size());
    for (const auto& receipt : outcome.receipts) receipts.push_back(codec::encode(receipt));

    auto tree = state_tree_.ahead(ground.tree, header.height, outcome.diff);
    if (!tree) return tree.error();
    header.state_root = tree->root();
    header.receipts_root = root_of(receipts);
    header.history_root = ground.history.root();
    header.kind = outcome.next_set ? BlockKind::sealing : BlockKind::normal;
    header.next_valset_hash = outcome.next_set ? valset_hash(*outcome.next_set) : Hash{};
    const auto id = block_id(header);
    auto history = ground.history;
    auto completed = history.append(id);
    return ExecutedBlock{std::move(header),           id,
                         std::move(ordered.tx_ids),   std::move(ordered.wire_ids),
                         std::move(outcome.receipts), std::move(ordered.used),
                         std::move(outcome.diff),     std::move(*tree),
                         std::move(history),          std::move(completed),
                         std::move(outcome.next_set)};
}

Result<BuiltBlock> Chain::build(const Header& start,
                                std::span<const CheckedTransaction> transactions)
{
    try {
        const auto on = ground(start.parent_id);
        if (!on) return on.error();
        market::BlockExecution execution{
            *on->state,
            network_,
            {start.height, start.time_ms, payout_of(on->validators, start), start.parent_id}};
        BuiltBlock built;
        Ordered ordered;
        std::size_t bytes = 0;
        // Lanes whose next transaction has to wait for a block with hashing left.
        std::set<std::pair<Address, Lane>> waiting;
        for (const auto& transaction : transactions) {
            if (built.body.size() == BlockLimits::transactions ||
                bytes + transaction.encoded.size() > BlockLimits::body_bytes)
                break;
            const std::pair lane{transaction.envelope.sender, transaction.envelope.lane};
            if (waiting.contains(lane)) continue;
            if (const auto done = execution.add(transaction); !done) {
                if (done.error() == market::EnvelopeFault::hashing_used_up) {
                    waiting.insert(lane);
                    continue;
                }
                built.omitted.push_back({transaction.id, done.error()});
                continue;
            }
            bytes += transaction.encoded.size();
            built.body.push_back(transaction.encoded);
            ordered.add(transaction);
        }
        auto header = start;
        header.tx_root = root_of(built.body);
        header.tx_count = static_cast<std::uint32_t>(built.body.size());
        header.body_bytes = encoded_size(built.body);
        auto block = finish(header, *on, std::move(ordered), execution);
        if (!block) return block.error();
        built.wire_ids = block->wire_ids;
        built.block = &tree_.add(std::move(*block));
        return built;
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

Result<const ExecutedBlock*> Chain::execute(const Header& header,
                                            std::span<const CheckedTransaction* const> transactions)
{
    try {
        const auto on = ground(header.parent_id);
        if (!on) return on.error();
        market::BlockExecution execution{
            *on->state,
            network_,
            {header.height, header.time_ms, payout_of(on->validators, header), header.parent_id}};
        Ordered ordered;
        for (const auto* transaction : transactions) {
            if (const auto done = execution.add(*transaction); !done)
                return invalid(header, "holds a transaction with a bad envelope");
            ordered.add(*transaction);
        }
        auto block = finish(header, *on, std::move(ordered), execution);
        if (!block) return block.error();
        if (const auto* what = difference(Filled{block->header}, Filled{header}))
            return invalid(header, what);
        return &tree_.add(std::move(*block));
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
}

Result<ExecutedBlock> Chain::commit(BlockId id, const BlockBody& body,
                                    const std::optional<Certificate>& certificate,
                                    std::uint64_t seq)
{
    const auto* block = tree_.find(id);
    if (block == nullptr || block->header.parent_id != head_.id)
        return Error{ErrorKind::invalid, "only an executed child of the head can follow it"};
    const auto height = block->header.height;
    Touched touched{height, {}};
    for (const auto& [key, value] : block->diff) touched.keys.push_back(key);
    if (const auto done =
            store_.put_meta(touched_meta(height, checkpoint_blocks), codec::encode(touched));
        !done)
        return done.error();

    auto taken = tree_.advance(id);
    const BlockCommit commit{
        {height, id, encode_header(taken.header), encode_body(body), codec::encode(taken.receipts),
         certificate ? encode_certificate(*certificate) : Bytes{}},
        taken.tx_ids,
        std::move(taken.diff),
        seq,
        taken.completed};
    if (const auto done = store_.append(commit); !done) return done.error();
    state_tree_.adopt(taken.tree);
    history_ = taken.history;
    head_ = {taken.header, id};

    const bool freezes = freeze_every_ != 0 && height.value % freeze_every_ == 0;
    const auto saved = store_.last_checkpoint();
    if (freezes || !saved || height.value - saved->height.value >= checkpoint_blocks)
        if (const auto done = checkpoint(); !done) return done.error();
    if (freezes) {
        auto state = store_.snapshot();
        if (!state) return state.error();
        frozen_ = Frozen{height, std::move(*state)};
    }
    return taken;
}

Result<void> Chain::checkpoint()
{
    if (const auto done = store_.put_meta(frontier_meta, history_.encode()); !done) return done;
    const auto changes = state_tree_.take_changes();
    if (!changes) return changes.error();
    return store_.checkpoint(*changes, store_.applied_seq());
}

Result<void> Chain::keep(const consensus::EpochProof& proof)
{
    return store_.put_meta(epoch_proof_meta(proof.finalized.epoch), codec::encode(proof));
}

Result<std::optional<consensus::EpochProof>> Chain::epoch_proof(std::uint64_t epoch) const
{
    const auto bytes = store_.get_meta(epoch_proof_meta(epoch));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<consensus::EpochProof>{};
    auto proof = codec::decode<consensus::EpochProof>(**bytes);
    if (!proof) return Error{ErrorKind::corrupt, "the proof of an epoch's end"};
    return std::optional{std::move(*proof)};
}

}  // namespace node
