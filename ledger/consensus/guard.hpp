#pragma once

#include "ledger/consensus/records.hpp"
#include "ledger/consensus/signing.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace ledger::consensus {

/// Why the guard does not sign.
enum class Refusal {
    no_validator,      ///< the key is not in the set of this epoch
    silenced,          ///< the key must not vote again
    settling,          ///< just started: others may know of votes that the log does not
    below_floor,       ///< the view is settled
    already_signed,    ///< a vote of this kind, or a proposal, exists for the view
    not_current,       ///< another view than the current, without a certificate that allows it
    not_notarized,     ///< to finalize, the block's N must be held
    not_our_vote,      ///< to finalize, this node must have notarized the same block
    nullified_before,  ///< NULLIFY excludes FINALIZE
    finalized_before,  ///< FINALIZE excludes NULLIFY
};
BOOST_DESCRIBE_ENUM(Refusal, no_validator, silenced, settling, below_floor, already_signed,
                    not_current, not_notarized, not_our_vote, nullified_before, finalized_before)

/// R1: the only place that signs. Whatever it signs it also records, and the record must be synced
/// before the signature leaves the node.
class VoteGuard {
public:
    /// `signer` may be null: an observer's. It must outlive the guard. With the durable state come
    /// the votes and proposals of the time before.
    VoteGuard(const Signer* signer, const Epoch& epoch, const Durable& durable);

    std::optional<Index> index() const { return index_; }
    /// May sign, as far as key, log and settling are concerned.
    bool is_ready() const { return index_ && silenced_.empty() && !settling_; }
    const std::string& silenced() const { return silenced_; }
    void silence(const std::string& why);
    void settle(bool waiting) { settling_ = waiting; }
    bool is_settling() const { return settling_; }

    /// What a vote's permission depends on besides the votes before.
    struct Facts {
        View current{};
        std::optional<BlockId> notarized;  ///< block of the N held for the vote's view
    };
    Result<Vote, Refusal> cast(VoteKind, View, const BlockId&, const Facts&,
                               std::vector<Record>& records);
    /// Signs the one proposal of a view, which must be current.
    Result<Propose, Refusal> propose(Header, Justification, std::vector<WireId>, BlockBody,
                                     View current, std::vector<Record>& records);

    const Vote* vote(View, VoteKind) const;
    const std::map<std::pair<View, VoteKind>, Vote>& votes() const { return votes_; }
    bool has_proposed(View view) const { return proposed_.contains(view); }

    /// Votes up to here are settled: they are forgotten, and the views refused for ever.
    void raise_floor(View floor);
    View floor() const { return floor_; }

private:
    std::optional<Refusal> refuses(VoteKind, View, const BlockId&, const Facts&) const;
    std::optional<Refusal> refuses_to_sign(View) const;

    const Signer* signer_;
    const Epoch* epoch_;
    std::optional<Index> index_;
    std::string silenced_;
    bool settling_ = false;
    View floor_;
    std::map<std::pair<View, VoteKind>, Vote> votes_;
    std::set<View> proposed_;
};

}  // namespace ledger::consensus
