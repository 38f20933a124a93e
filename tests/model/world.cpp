// What the messages of the honest allow the faulty one to send, and what they must never show.
#include "tests/model/world.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/chain/transaction.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/consensus/justification.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace model {

EmptyBlocks::EmptyBlocks(const Header& genesis, View views) : views_{views}
{
    headers_[block_id(genesis)] = genesis;
}

void EmptyBlocks::fill(Header& header) const
{
    const auto& parent = headers_.at(header.parent_id);
    header.tx_root = root_of({});
    header.body_bytes = encode_body({}).size();
    header.receipts_root = root_of({});
    header.state_root = sha256(parent.state_root.view());
    header.history_root = sha256(header.parent_id.view());
}

bool EmptyBlocks::is_ancestor(const BlockId& of, const BlockId& id) const
{
    for (auto at = headers_.find(id); at != headers_.end();
         at = headers_.find(at->second.parent_id))
        if (at->first == of) return true;
    return false;
}

Result<Application::Built> EmptyBlocks::build(const Header& start)
{
    if (start.view > views_) return Error{ErrorKind::denied, "beyond the last view of the model"};
    Built built{start, {}, {}};
    fill(built.header);
    headers_[block_id(built.header)] = built.header;
    return built;
}

bool EmptyBlocks::execute(const Header& header, const BlockBody& body)
{
    if (!headers_.contains(header.parent_id) || !body.empty()) return false;
    auto mine = header;
    fill(mine);
    if (mine != header) return false;
    headers_[block_id(header)] = header;
    return true;
}

World::World(const Scope& scope)
    : scope_{scope},
      set_{sim::sim_set(std::vector<std::uint64_t>(validators, 1'000))},
      genesis_{sim::sim_genesis(set_)},
      base_{0, genesis_, set_, genesis_, {}},
      epoch_{genesis_.chain_id, 0, block_id(genesis_), set_},
      blocks_{genesis_, scope.views}
{
    ensure(scope.views <= validators, "each leads once at most");
    names_[block_id(genesis_)] = "the anchor";
}

std::string World::name(const BlockId& id) const
{
    const auto found = names_.find(id);
    return found == names_.end() ? "a block that is not there" : found->second;
}

std::string World::name(const Vote& vote) const
{
    static constexpr std::array<const char*, 3> kinds{"NOTARIZE", "NULLIFY", "FINALIZE"};
    std::string text = kinds[static_cast<std::size_t>(vote.kind)];
    text += '(' + std::to_string(vote.view);
    return text + (vote.id.is_zero() ? ")" : ", " + name(vote.id) + ')');
}

Vote World::vote(Index voter, const Subject& on) const
{
    Vote made{on.kind, 0, on.view, on.id, voter, {}};
    made.signature =
        sim::HashSigner{voter}.sign(vote_digest(epoch_.subject(on.kind, on.view, on.id)));
    return made;
}

Certificate World::certificate(const Subject& on, const std::set<Index>& signers) const
{
    Certificate made{on.kind, 0, on.view, on.id, {0}, {}};
    for (const auto signer : signers) {
        made.bitmap[0] |= static_cast<std::uint8_t>(0x80 >> signer);
        made.signatures.push_back(vote(signer, on).signature);
    }
    return made;
}

/// The faulty one and the first honest two who have voted; fewer where there is no quorum.
std::set<Index> World::quorum(const Voters& voters, const Subject& on) const
{
    std::set<Index> signers{scope_.faulty};
    if (const auto found = voters.find(on); found != voters.end())
        for (const auto voter : found->second)
            if (signers.size() <= honest_quorum) signers.insert(voter);
    return signers;
}

std::vector<World::Subject> World::subjects(const std::set<BlockId>& known) const
{
    std::vector<Subject> all;
    for (View view = 1; view <= scope_.views; ++view) all.push_back({VoteKind::nullify, view, {}});
    for (const auto& id : known) {
        const auto view = proposals_.at(id).header.view;
        all.push_back({VoteKind::notarize, view, id});
        all.push_back({VoteKind::finalize, view, id});
    }
    return all;
}

void World::proposed(const Propose& propose)
{
    const auto id = block_id(propose.header);
    proposals_.emplace(id, propose);
    const auto& header = propose.header;
    names_.try_emplace(id, "block " + std::to_string(names_.size()) + " of view " +
                               std::to_string(header.view) + " on " + name(header.parent_id));
}

/// A block that is in order on every parent that can be justified, a second one where the scope
/// says so, and on every other parent one that nothing but the faulty one's own signature
/// justifies.
void World::propose_everything(const Voters& voters, std::set<BlockId>& known)
{
    for (View view = 1; view <= scope_.views; ++view) {
        if (epoch_.leader(view) != scope_.faulty) continue;
        const auto parents = known;
        propose(view, block_id(genesis_), voters, known);
        for (const auto& parent : parents)
            if (proposals_.at(parent).header.view < view) propose(view, parent, voters, known);
    }
}

void World::propose(View view, const BlockId& parent, const Voters& voters,
                    std::set<BlockId>& known)
{
    const auto& on = parent == block_id(genesis_) ? genesis_ : proposals_.at(parent).header;
    Justification justification;
    Justification without;  // what nobody else has signed
    bool is_forged = false;
    const auto need = [&](const Subject& subject) {
        const auto signers = quorum(voters, subject);
        const bool is_good = signers.size() > honest_quorum;
        is_forged = is_forged || !is_good;
        return std::pair{certificate(subject, is_good ? signers : std::set{scope_.faulty}),
                         is_good};
    };
    if (on.view != 0) {
        const auto [made, is_good] = need({VoteKind::notarize, on.view, parent});
        justification.parent = made;
        if (is_good) without.parent = made;
    }
    for (auto skip = on.view + 1; skip < view; ++skip) {
        const auto [made, is_good] = need({VoteKind::nullify, skip, {}});
        justification.skipped.push_back(made);
        if (is_good) without.skipped.push_back(made);
    }
    for (const bool is_second : {false, true}) {
        if (is_second && !is_forged && view > 1 && !scope_.wide) break;
        // Which of the votes justify a block makes it another block: one that has been voted for
        // stands for all of these.
        const auto stands = std::any_of(known.begin(), known.end(), [&](const auto& id) {
            const auto found = sorts_.find(id);
            return found != sorts_.end() &&
                   found->second == Sort{view, parent, is_second, is_forged};
        });
        if (stands) continue;
        const auto& shown = is_forged && is_second ? without : justification;
        const auto hash = justification_hash(shown);
        const auto [at, fresh] = made_.try_emplace({view, parent, is_second, hash}, BlockId{});
        if (fresh) {
            Header header;
            header.chain_id = genesis_.chain_id;
            header.view = view;
            header.height = {on.height.value + 1};
            header.parent_id = parent;
            header.parent_view = on.view;
            header.time_ms = {std::max(wall_ms, on.time_ms.value + 1) + (is_second ? 1 : 0)};
            header.proposer = scope_.faulty;
            header.valset_hash = epoch_.set_hash();
            header.just_hash = hash;
            blocks_.fill(header);
            (void)blocks_.execute(header, {});  // known, so that others can stand on it
            at->second = block_id(header);
            sorts_[at->second] = {view, parent, is_second, is_forged};
            names_[at->second] = (is_forged ? "unjustified" : is_second ? "second" : "faulty");
            names_[at->second] += " block " + std::to_string(names_.size()) + " of view " +
                                  std::to_string(view) + " on " + name(parent);
            proposals_[at->second] = {
                header,
                shown,
                {},
                sim::HashSigner{scope_.faulty}.sign(epoch_.proposal_digest(view, at->second))};
        }
        known.insert(at->second);
    }
}

LetterId World::intern(Letter letter)
{
    codec::Writer writer;
    for (const auto& message : letter.messages) writer.raw(encode_message(message));
    const auto next = static_cast<LetterId>(letters_.size());
    const auto [at, fresh] = letter_ids_.try_emplace({letter.kind, sha256(writer.take())}, next);
    if (fresh) letters_.push_back(std::move(letter));
    return at->second;
}

Knowledge World::know(const std::array<const Said*, honest_count>& said)
{
    Knowledge made;
    Voters voters;
    std::set<BlockId> known;
    for (const auto* one : said) {
        for (const auto& vote : one->votes) {
            voters[{vote.kind, vote.view, vote.id}].insert(vote.voter);
            if (proposals_.contains(vote.id)) known.insert(vote.id);
        }
        known.insert(one->proposals.begin(), one->proposals.end());
    }
    made.failure = wrong(said, voters);
    propose_everything(voters, known);

    std::vector<LetterId> all{intern({Letter::Kind::timeout, {}, "the timer fires"})};
    if (scope_.restarts) all.push_back(intern({Letter::Kind::restart, {}, "crash and restart"}));
    for (const auto& id : known) {
        const auto& propose = proposals_.at(id);
        all.push_back(intern({Letter::Kind::message, {propose}, "proposal of " + name(id)}));
        const Body body{{propose.header, propose.justification, {}}};
        all.push_back(intern({Letter::Kind::message, {body}, name(id) + ", when asked for"}));
    }
    for (const auto& on : subjects(known)) {
        const auto signers = quorum(voters, on);
        const bool is_good = signers.size() > honest_quorum;
        if (is_good && on.kind == VoteKind::finalize) made.final_blocks.insert(on.id);
        const auto shown = name(vote(scope_.faulty, on));
        const auto good = certificate(on, is_good ? signers : std::set<Index>{scope_.faulty});
        all.push_back(
            intern({Letter::Kind::message,
                    {good},
                    (is_good ? "certificate of " : "certificate without quorum of ") + shown}));
        Letter forged{Letter::Kind::message, {}, "votes that nobody signed: " + shown};
        for (const auto& each : votes_in(certificate(on, {0, 1, 2, 3}), epoch_)) {
            auto unsigned_vote = each;
            unsigned_vote.signature = {};
            forged.messages.emplace_back(unsigned_vote);
        }
        all.push_back(intern(std::move(forged)));
        if (!scope_.votes || !is_good) continue;
        Letter counted{Letter::Kind::message, {}, "votes: " + shown};
        for (const auto voter : signers) counted.messages.emplace_back(vote(voter, on));
        all.push_back(intern(std::move(counted)));
    }
    made.letters.fill(all);
    return made;
}

}  // namespace model
