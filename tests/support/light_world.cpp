#include "tests/support/light_world.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/state/state_proof.hpp"

namespace ledger::light {
namespace {

Header empty_header(const Genesis& genesis)
{
    Header header;
    header.chain_id = genesis.chain_id;
    header.time_ms = genesis.time_ms;
    header.tx_root = root_of({});
    header.body_bytes = encode_body({}).size();
    header.receipts_root = root_of({});
    header.history_root = HistoryTree{}.root();
    header.valset_hash = valset_hash(genesis.validators.set);
    header.just_hash = document_hash(genesis);
    return header;
}

}  // namespace

SecretKey light_key(std::uint8_t n)
{
    return *SecretKey::from_bytes(Bytes(32, n));
}

Validator light_validator(std::uint8_t n, std::uint64_t power)
{
    const auto key = light_key(n);
    return {consensus_key(key), public_key(key), address_of(key), address_of(key), power};
}

Genesis light_genesis(ValidatorSet set)
{
    Genesis genesis;
    genesis.format = "millrace/genesis/v1";
    genesis.name = "light";
    genesis.chain_id = {402'077};
    genesis.time_ms = {1'767'225'500'000};
    genesis.validators = {Admission::stake, std::move(set)};
    return genesis;
}

LightWorld::LightWorld(const Genesis& genesis, const StateDiff& genesis_state) : genesis_{genesis}
{
    auto header = empty_header(genesis);
    header.state_root = *tree_.apply({0}, genesis_state);
    for (const auto& [key, value] : genesis_state) state_[key] = *value;
    const auto id = block_id(header);
    history_.append(id);
    blocks_.push_back({header, {}, {}});
    epochs_.push_back({id, {0}, genesis.validators.set, {}});
}

Header LightWorld::next_block(const Draft& draft)
{
    const auto& parent = blocks_.back().header;
    const bool is_first = parent.epoch != epoch() || parent.height.value == 0;
    auto header = empty_header(genesis_);
    header.just_hash = {};
    header.epoch = epoch();
    header.parent_id = block_id(parent);
    header.parent_view = is_first ? 0 : parent.view;
    header.view = header.parent_view + 1 + draft.skipped_views;
    header.height = {blocks_.size()};
    header.time_ms = {parent.time_ms.value + draft.seconds * 1'000};
    header.valset_hash = valset_hash(epochs_.back().set);
    header.tx_count = static_cast<std::uint32_t>(draft.receipts.size());
    header.receipts_root = root_of(draft.receipts);
    header.history_root = history_.root();
    for (const auto& [key, value] : draft.state) {
        if (value)
            state_[key] = *value;
        else
            state_.erase(key);
    }
    header.state_root = *tree_.apply(header.height, draft.state);
    return header;
}

Height LightWorld::add(Draft draft)
{
    const auto header = next_block(draft);
    history_.append(block_id(header));
    blocks_.push_back({header, {}, std::move(draft.receipts)});
    if (draft.has_certificate) blocks_.back().certificate = certificate(header);
    return header.height;
}

Height LightWorld::seal(ValidatorSet next, std::size_t tails, Draft draft)
{
    auto header = next_block(draft);
    header.kind = BlockKind::sealing;
    header.next_valset_hash = valset_hash(next);
    history_.append(block_id(header));
    consensus::EpochProof proof{{header}, {}, next};
    for (std::size_t i = 0; i < tails; ++i) {
        auto tail = proof.path.back();
        tail.kind = BlockKind::tail;
        tail.next_valset_hash = {};
        tail.parent_id = block_id(proof.path.back());
        tail.parent_view = tail.view++;
        tail.time_ms.value += 1;
        tail.tx_count = 0;
        tail.receipts_root = root_of({});
        proof.path.push_back(tail);
    }
    proof.finalized = certificate(proof.path.back());
    blocks_.push_back({header, {}, std::move(draft.receipts)});
    if (tails == 0) blocks_.back().certificate = proof.finalized;
    epochs_.back().proof = proof;
    epochs_.push_back({block_id(header), header.height, std::move(next), {}});
    return header.height;
}

Certificate LightWorld::certificate(const Header& header, VoteKind kind,
                                    const std::vector<std::size_t>& voters) const
{
    const auto& in = epochs_[header.epoch];
    const auto id = block_id(header);
    Certificate made{kind, header.epoch, header.view, id, Bytes((in.set.size() + 7) / 8), {}};
    const auto digest =
        vote_digest({header.chain_id, header.epoch, in.anchor, kind, header.view, id});
    for (const auto voter : voters) {
        made.bitmap[voter / 8] |= static_cast<std::uint8_t>(0x80 >> voter % 8);
        for (std::uint8_t n = 1; n != 0; ++n) {
            const auto key = light_key(n);
            if (consensus_key(key) != in.set[voter].consensus_key) continue;
            made.signatures.push_back(schnorr_sign(key, digest, {}));
            break;
        }
    }
    ensure(made.signatures.size() == voters.size(), "every member has a key of ours");
    return made;
}

Certificate LightWorld::certificate(const Header& header, VoteKind kind) const
{
    std::vector<std::size_t> all(epochs_[header.epoch].set.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return certificate(header, kind, all);
}

TrustedCheckpoint LightWorld::checkpoint(std::uint64_t epoch) const
{
    const auto& in = epochs_[epoch];
    return {genesis_.chain_id, epochs_.front().anchor, epoch, header(in.anchor_height), in.set};
}

Finality LightWorld::finality(Height height) const
{
    Finality made{header(height), {}, {}};
    const auto epoch = made.header.epoch;
    for (auto at = height.value; at < blocks_.size() && header({at}).epoch == epoch; ++at) {
        if (at != height.value) made.descendants.push_back(header({at}));
        made.certificate = blocks_[at].certificate;
        if (made.certificate) return made;
        if (header({at}).kind != BlockKind::sealing) continue;
        const auto& proof = *epochs_[epoch].proof;
        made.descendants.insert(made.descendants.end(), proof.path.begin() + 1, proof.path.end());
        made.certificate = proof.finalized;
        return made;
    }
    return made;
}

StateProofAt LightWorld::state(const Bytes& key) const
{
    StateProofAt made{finality(tip()), key, {}, encode(*tree_.prove(key))};
    if (const auto found = state_.find(key); found != state_.end()) made.value = found->second;
    return made;
}

ReceiptProof LightWorld::receipt(Height height, std::uint32_t index) const
{
    const auto& receipts = blocks_[height.value].receipts;
    std::vector<Hash> leaves;
    for (const auto& receipt : receipts) leaves.push_back(merkle_leaf(receipt));
    return {finality(height), index, static_cast<std::uint32_t>(receipts.size()), receipts[index],
            merkle_path(leaves, index)};
}

BlockProof LightWorld::block(Height height, Height newer) const
{
    BlockProof made{finality(newer), header(height), {}};
    if (height == newer) return made;
    const HistoryFromIds ids{[this](std::uint64_t at) -> Result<BlockId> { return id({at}); }};
    made.path = *history_path(ids, height.value, newer.value);
    return made;
}

EpochProofs LightWorld::epochs(std::uint64_t from, std::uint64_t to) const
{
    EpochProofs made;
    for (auto at = from; at < to; ++at) made.seals.push_back(*epochs_[at].proof);
    return made;
}

}  // namespace ledger::light
