#include "tests/support/sim_application.hpp"

#include "ledger/chain/transaction.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace sim {
namespace {

SchnorrSignature hash_signature(const ConsensusKey& key, const Hash& digest)
{
    Sha256 hasher;
    hasher.update(key.view());
    hasher.update(digest.view());
    const auto half = hasher.finish();
    SchnorrSignature made;
    std::copy(half.bytes.begin(), half.bytes.end(), made.bytes.begin());
    std::copy(half.bytes.rbegin(), half.bytes.rend(), made.bytes.begin() + 32);
    return made;
}

Bytes numbered(std::uint8_t type, std::uint64_t number, std::size_t bytes)
{
    codec::Writer writer;
    writer.integer(type, 1);
    writer.integer(number, 8);
    auto made = writer.take();
    made.resize(std::max(bytes, made.size()), 0);
    return made;
}

struct PowerChange {
    std::uint8_t type{};
    std::uint64_t number{};
    std::uint32_t who{};
    std::uint64_t power{};
};
MILLRACE_DESCRIBE(PowerChange, (type, number, who, power))

Hash fold(const Hash& state, const BlockBody& body)
{
    Sha256 hasher;
    hasher.update(state.view());
    for (const auto& transaction : body) hasher.update(sha256(transaction).view());
    return hasher.finish();
}

ValidatorSet changed(ValidatorSet set, const PowerChange& change)
{
    const auto key = sim_consensus_key(change.who);
    const auto at = std::find_if(set.begin(), set.end(), [&](const Validator& validator) {
        return validator.consensus_key == key;
    });
    if (at != set.end() && change.power == 0 && set.size() > 1)
        set.erase(at);
    else if (at != set.end() && change.power != 0)
        at->power = change.power;
    else if (at == set.end() && change.power != 0)
        set.push_back(sim_validator(change.who, change.power));
    return set;
}

}  // namespace

ConsensusKey sim_consensus_key(std::uint32_t who)
{
    return retag<ConsensusKey>(sha256(numbered('K', who, 16)));
}

HashSigner::HashSigner(std::uint32_t who) : key_{sim_consensus_key(who)} {}

SchnorrSignature HashSigner::sign(const Hash& digest) const
{
    return hash_signature(key_, digest);
}

bool HashVerifier::verify(const ConsensusKey& key, const Hash& digest,
                          const SchnorrSignature& signature) const
{
    return hash_signature(key, digest) == signature;
}

PublicKey sim_peer_key(std::uint32_t who)
{
    PublicKey key;
    for (std::size_t i = 0; i < 4; ++i)
        key.bytes[i] = static_cast<std::uint8_t>((who + 1) >> (24 - 8 * i));
    return key;
}

Validator sim_validator(std::uint32_t who, std::uint64_t power)
{
    Validator made;
    made.consensus_key = sim_consensus_key(who);
    made.peer_key = sim_peer_key(who);
    made.power = power;
    return made;
}

ValidatorSet sim_set(const std::vector<std::uint64_t>& powers)
{
    ValidatorSet set;
    for (std::uint32_t who = 0; who < powers.size(); ++who)
        set.push_back(sim_validator(who, powers[who]));
    return set;
}

Header sim_genesis(const ValidatorSet& set)
{
    Header header;
    header.chain_id = {7};
    header.time_ms = {1'000'000};
    header.tx_root = root_of({});
    header.receipts_root = root_of({});
    header.valset_hash = valset_hash(set);
    return header;
}

Bytes sim_transaction(std::uint64_t number, std::size_t bytes)
{
    return numbered('T', number, bytes);
}

Bytes sim_power_change(std::uint64_t number, std::uint32_t who, std::uint64_t power)
{
    return codec::encode(PowerChange{'V', number, who, power});
}

SimApplication::SimApplication(const Header& genesis, ValidatorSet set)
    : tip_{block_id(genesis)}, genesis_{tip_}
{
    tree_[tip_] = {genesis, {}, std::move(set)};
    finals_.push_back({tip_, {genesis, {}, {}}, {}});
    final_index_[tip_] = 0;
}

const SimApplication::Node* SimApplication::find(const BlockId& id) const
{
    const auto found = tree_.find(id);
    return found == tree_.end() ? nullptr : &found->second;
}

bool SimApplication::contains(const BlockId& at, const WireId& id) const
{
    if (final_transactions_.contains(id)) return true;
    for (auto walk = at; walk != tip_;) {
        const auto* node = find(walk);
        if (!node) return false;
        if (node->transactions.contains(id)) return true;
        walk = node->header.parent_id;
    }
    return false;
}

bool SimApplication::run(Header& header, const BlockBody& body, Node& node) const
{
    const auto* parent = find(header.parent_id);
    if (!parent) return false;
    node.set = parent->set;
    bool seals = false;
    for (const auto& transaction : body) {
        const auto id = wire_id(transaction);
        if (seals || contains(header.parent_id, id) || !node.transactions.insert(id).second)
            return false;
        if (const auto change = codec::decode<PowerChange>(transaction);
            change && change->type == 'V') {
            auto set = changed(node.set, *change);
            seals = set != node.set;
            node.set = std::move(set);
        }
    }
    header.kind = seals ? BlockKind::sealing : BlockKind::normal;
    header.next_valset_hash = seals ? valset_hash(node.set) : Hash{};
    header.tx_root = root_of(body);
    header.tx_count = static_cast<std::uint32_t>(body.size());
    header.body_bytes = encode_body(body).size();
    header.state_root = fold(parent->header.state_root, body);
    if (executes_wrongly) header.state_root.bytes[0] ^= 1;
    header.receipts_root = root_of(body);
    header.history_root = sha256(header.parent_id.view());
    node.header = header;
    return true;
}

Result<Application::Built> SimApplication::build(const Header& start)
{
    Built built{start, {}, {}};
    for (const auto& [id, transaction] : pool_) {
        if (built.body.size() == transactions_per_block) break;
        if (contains(start.parent_id, id)) continue;
        built.body.push_back(transaction);
        built.wire_ids.push_back(id);
        if (transaction.front() == 'V') break;  // a seal is the last of its block
    }
    Node node;
    if (!run(built.header, built.body, node)) return Error{ErrorKind::not_found, "no such parent"};
    tree_[block_id(built.header)] = std::move(node);
    return built;
}

bool SimApplication::execute(const Header& header, const BlockBody& body)
{
    auto mine = header;
    Node node;
    if (!run(mine, body, node) || mine != header) return false;
    tree_[block_id(header)] = std::move(node);
    for (const auto& transaction : body) submit(transaction);
    return true;
}

std::optional<Bytes> SimApplication::transaction(const WireId& id)
{
    const auto found = pool_.find(id);
    if (found == pool_.end()) return {};
    return found->second;
}

bool SimApplication::has_work(const BlockId& parent)
{
    for (const auto& [id, transaction] : pool_)
        if (!contains(parent, id)) return true;
    return false;
}

ValidatorSet SimApplication::validators_after(const BlockId& seal)
{
    const auto* node = find(seal);
    return node ? node->set : ValidatorSet{};
}

std::optional<Commit> SimApplication::final_block(Height height)
{
    if (withholds_bodies || height.value >= finals_.size()) return {};
    return finals_[height.value];
}

std::optional<Commit> SimApplication::final_block(const BlockId& id)
{
    const auto found = final_index_.find(id);
    if (withholds_bodies || found == final_index_.end()) return {};
    return finals_[found->second];
}

std::optional<EpochProof> SimApplication::epoch_proof(std::uint64_t epoch)
{
    const auto found = proofs_.find(epoch);
    if (found == proofs_.end()) return {};
    return found->second;
}

void SimApplication::submit(const Bytes& transaction)
{
    const auto id = wire_id(transaction);
    if (!final_transactions_.contains(id)) pool_.try_emplace(id, transaction);
}

std::vector<Bytes> SimApplication::oldest(std::size_t most) const
{
    std::vector<Bytes> found;
    for (const auto& [id, transaction] : pool_) {
        if (found.size() == most) break;
        found.push_back(transaction);
    }
    return found;
}

void SimApplication::commit(const Commit& commit)
{
    auto header = commit.block.header;
    Node node;
    if (!find(commit.id) && run(header, commit.block.body, node))
        tree_[commit.id] = std::move(node);
    for (const auto& transaction : commit.block.body) {
        const auto id = wire_id(transaction);
        final_transactions_.insert(id);
        pool_.erase(id);
    }
    final_index_[commit.id] = finals_.size();
    finals_.push_back(commit);
    tip_ = commit.id;
    const auto height = commit.block.header.height;
    std::erase_if(tree_, [&](const auto& item) {
        return item.first != tip_ && item.second.header.height <= height;
    });
}

void SimApplication::keep(const EpochProof& proof)
{
    proofs_[proof.path.front().epoch] = proof;
}

}  // namespace sim
