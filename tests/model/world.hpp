#pragma once

#include "ledger/consensus/core.hpp"
#include "tests/support/sim_application.hpp"

#include <array>
#include <memory>
#include <unordered_map>

/// An exhaustive model of four validators, one of them faulty, over the real core (README.md).
namespace model {

using namespace ledger;
using namespace ledger::consensus;

constexpr Index validators = 4;
constexpr Index honest_count = 3;
/// With the faulty one always willing, so many honest voters are a quorum.
constexpr std::size_t honest_quorum = 2;
constexpr std::uint64_t wall_ms = 2'000'000;  ///< everybody's clock: it stands still

struct Scope {
    View views = 2;         ///< nobody proposes or times out in a later one
    Index faulty = 0;       ///< which validator
    bool restarts = false;  ///< the honest may crash between any two steps
    bool wide = false;      ///< the faulty one has two blocks for each parent in every view
    bool votes = false;     ///< votes arrive too, not only certificates of them
};

/// What empty blocks mean: the same to everybody, so that all cores share one.
class EmptyBlocks final : public Application {
public:
    EmptyBlocks(const Header& genesis, View views);

    /// Fills in what follows from the parent.
    void fill(Header&) const;
    const Header& header(const BlockId& id) const { return headers_.at(id); }
    bool is_ancestor(const BlockId& of, const BlockId& id) const;

    Result<Built> build(const Header& start) override;
    bool execute(const Header&, const BlockBody&) override;
    std::optional<Bytes> transaction(const WireId&) override { return {}; }
    bool has_work(const BlockId&) override { return true; }
    ValidatorSet validators_after(const BlockId&) override { return {}; }
    std::optional<Commit> final_block(Height) override { return {}; }
    std::optional<Commit> final_block(const BlockId&) override { return {}; }
    std::optional<EpochProof> epoch_proof(std::uint64_t) override { return {}; }

private:
    std::map<BlockId, Header> headers_;
    View views_;
};

/// What one honest validator has ever signed. It never takes anything back.
struct Said {
    std::set<Vote> votes;
    std::set<BlockId> proposals;
    friend auto operator<=>(const Said&, const Said&) = default;
};

/// Something that can happen to a validator.
struct Letter {
    enum class Kind { message, timeout, restart } kind = Kind::message;
    std::vector<Message> messages;
    std::string text;
};
using LetterId = std::uint32_t;

/// What three honest validators have said taken together, and so what may reach each of them.
struct Knowledge {
    std::string failure;  ///< the rule that this breaks; empty when none
    std::array<std::vector<LetterId>, honest_count> letters;
    std::set<BlockId> final_blocks;  ///< for which an F can be made
};

/// Blocks, certificates and everything the faulty one can make out of what the others have said.
class World {
public:
    explicit World(const Scope&);

    const Scope& scope() const { return scope_; }
    const Epoch& epoch() const { return epoch_; }
    const Base& base() const { return base_; }
    const ValidatorSet& set() const { return set_; }
    EmptyBlocks& blocks() { return blocks_; }
    const sim::HashVerifier& verifier() const { return verifier_; }
    Index honest(std::size_t i) const { return static_cast<Index>(i < scope_.faulty ? i : i + 1); }
    const Letter& letter(LetterId id) const { return letters_[id]; }

    /// A block that an honest validator has proposed.
    void proposed(const Propose&);
    Knowledge know(const std::array<const Said*, honest_count>&);
    std::string name(const BlockId&) const;
    std::string name(const Vote&) const;

private:
    struct Subject {
        VoteKind kind{};
        View view{};
        BlockId id;
        friend auto operator<=>(const Subject&, const Subject&) = default;
    };
    /// What tells two blocks of the faulty one apart, but for the signers in their justifications.
    struct Sort {
        View view{};
        BlockId parent;
        bool is_second{};
        bool is_forged{};
        friend bool operator==(const Sort&, const Sort&) = default;
    };
    using Voters = std::map<Subject, std::set<Index>>;

    Vote vote(Index voter, const Subject&) const;
    Certificate certificate(const Subject&, const std::set<Index>& signers) const;
    std::set<Index> quorum(const Voters&, const Subject&) const;
    std::vector<Subject> subjects(const std::set<BlockId>& known) const;
    void propose_everything(const Voters&, std::set<BlockId>& known);
    void propose(View, const BlockId& parent, const Voters&, std::set<BlockId>& known);
    std::string wrong(const std::array<const Said*, honest_count>&, const Voters&) const;
    std::string wrong_in(Index who, const Said&, const Voters&) const;
    std::string wrong_together(const Voters&) const;
    LetterId intern(Letter);

    Scope scope_;
    ValidatorSet set_;
    Header genesis_;
    Base base_;
    Epoch epoch_;
    EmptyBlocks blocks_;
    sim::HashVerifier verifier_;
    std::map<BlockId, Propose> proposals_;
    std::map<BlockId, std::string> names_;
    std::map<std::tuple<View, BlockId, bool, Hash>, BlockId> made_;  ///< by the faulty one
    std::map<BlockId, Sort> sorts_;
    std::vector<Letter> letters_;
    std::map<std::pair<Letter::Kind, Hash>, LetterId> letter_ids_;
};

}  // namespace model
