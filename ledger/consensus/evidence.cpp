#include "ledger/consensus/evidence.hpp"

#include "ledger/consensus/justification.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace ledger::consensus {
namespace {

/// Which fault two votes show; both are by one voter for one view.
std::optional<Fault> fault_of(const Vote& a, const Vote& b)
{
    using enum VoteKind;
    if (a.kind == b.kind) {
        if (a.id == b.id) return {};
        if (a.kind == notarize) return Fault::two_notarizations;
        if (a.kind == finalize) return Fault::two_finalizations;
        return {};
    }
    const auto& low = a.kind < b.kind ? a : b;
    const auto& high = a.kind < b.kind ? b : a;
    if (high.kind != finalize) return {};
    if (low.kind == nullify) return Fault::nullify_and_finalize;
    if (low.id != high.id) return Fault::finalize_and_notarize;
    return {};
}

Result<Index> judge_votes(const Evidence& evidence, const Epoch& epoch, const Verifier& verifier)
{
    if (evidence.votes.size() != 2 || !evidence.proposals.empty() || evidence.block ||
        evidence.justification)
        return invalid("two votes are needed, and nothing else");
    const auto& [a, b] = std::pair{evidence.votes[0], evidence.votes[1]};
    if (!(a < b)) return invalid("the votes are out of order");
    if (a.voter != b.voter || a.view != b.view)
        return invalid("votes of others or for other views");
    if (fault_of(a, b) != evidence.fault) return invalid("the votes do not show this fault");
    for (const auto& vote : evidence.votes)
        if (const auto done = check_vote(vote, epoch, verifier); !done) return done.error();
    return a.voter;
}

Result<Index> judge_proposals(const Evidence& evidence, const Epoch& epoch,
                              const Verifier& verifier)
{
    if (evidence.proposals.size() != 2 || !evidence.votes.empty() || evidence.block ||
        evidence.justification)
        return invalid("two proposals are needed, and nothing else");
    const auto& a = evidence.proposals[0];
    const auto& b = evidence.proposals[1];
    if (a.header.view != b.header.view) return invalid("proposals for different views");
    if (!(block_id(a.header) < block_id(b.header)))
        return invalid("the proposals are out of order");
    for (const auto& proposal : evidence.proposals)
        if (const auto done = check_signature(proposal, epoch, verifier); !done)
            return done.error();
    return a.header.proposer;
}

Result<Index> judge_vote_for_invalid(const Evidence& evidence, const Epoch& epoch,
                                     const Verifier& verifier)
{
    if (evidence.votes.size() != 1 || !evidence.proposals.empty() || !evidence.block ||
        !evidence.justification)
        return invalid("a vote, its header and the justification are needed");
    if (encode_justification(*evidence.justification).size() >
        MessageLimits::evidence_justification_bytes)
        return invalid("the justification is too long for evidence");
    const auto& vote = evidence.votes.front();
    const auto& header = *evidence.block;
    if (vote.kind == VoteKind::nullify) return invalid("a vote to nullify names no block");
    if (block_id(header) != vote.id) return invalid("the vote is for another block");
    if (justification_hash(*evidence.justification) != header.just_hash)
        return invalid("not the justification that the header names");
    if (const auto done = check_vote(vote, epoch, verifier); !done) return done.error();
    CertificateChecker checker{verifier};
    if (header.view == vote.view &&
        check_structure(header, *evidence.justification, epoch, checker))
        return invalid("header and justification are in order");
    return vote.voter;
}

}  // namespace

std::optional<Evidence> contradiction(const Vote& a, const Vote& b)
{
    if (a.voter != b.voter || a.view != b.view || a.epoch != b.epoch) return {};
    const auto fault = fault_of(a, b);
    if (!fault) return {};
    Evidence evidence;
    evidence.fault = *fault;
    evidence.votes = {std::min(a, b), std::max(a, b)};
    return evidence;
}

Evidence two_proposals(const SignedHeader& a, const SignedHeader& b)
{
    Evidence evidence;
    evidence.fault = Fault::two_proposals;
    evidence.proposals = {a, b};
    if (block_id(b.header) < block_id(a.header))
        std::swap(evidence.proposals[0], evidence.proposals[1]);
    return evidence;
}

Result<Index> judge(const Evidence& evidence, const Epoch& epoch, const Verifier& verifier)
{
    switch (evidence.fault) {
        case Fault::two_proposals:
            return judge_proposals(evidence, epoch, verifier);
        case Fault::vote_for_invalid:
            return judge_vote_for_invalid(evidence, epoch, verifier);
        default:
            return judge_votes(evidence, epoch, verifier);
    }
}

std::vector<Evidence> convict(std::span<const Certificate> certificates, const Epoch& epoch)
{
    std::map<std::pair<View, Index>, std::set<Vote>> votes;
    for (const auto& certificate : certificates)
        for (const auto& vote : votes_in(certificate, epoch))
            votes[{vote.view, vote.voter}].insert(vote);
    std::vector<Evidence> found;
    std::set<std::pair<Index, Fault>> known;
    for (const auto& [key, cast] : votes)
        for (auto a = cast.begin(); a != cast.end(); ++a)
            for (auto b = std::next(a); b != cast.end(); ++b)
                if (auto evidence = contradiction(*a, *b))
                    if (known.emplace(a->voter, evidence->fault).second)
                        found.push_back(std::move(*evidence));
    return found;
}

}  // namespace ledger::consensus
