#pragma once

#include "ledger/consensus/messages.hpp"
#include "ledger/consensus/signing.hpp"

#include <deque>
#include <set>

/// What objects show by themselves, without the chain they belong to. Every function fails with
/// `invalid` and the first thing that is wrong; none trusts anything in its arguments.
namespace ledger::consensus {

/// A set that an Epoch can be made of: 1...128 members with power and different keys.
bool is_valid_set(const ValidatorSet&);

/// Chain, epoch, leader, parent below, and the members that the kind fixes.
Result<void> check_header(const Header&, const Epoch&);

Result<void> check_vote(const Vote&, const Epoch&, const Verifier&);
Result<void> check_signature(const SignedHeader&, const Epoch&, const Verifier&);
Result<void> check_certificate(const Certificate&, const Epoch&, const Verifier&);

/// The votes that a certificate is made of; empty when its shape is wrong.
std::vector<Vote> votes_in(const Certificate&, const Epoch&);

/// The same answer as check_certificate, remembering the last that were good by their hash: one
/// certificate arrives alone, in justifications and in status reports.
class CertificateChecker {
public:
    explicit CertificateChecker(const Verifier& verifier) : verifier_{verifier} {}
    Result<void> check(const Certificate&, const Epoch&);
    const Verifier& verifier() const { return verifier_; }

    static constexpr std::size_t remembered = 4'096;

private:
    const Verifier& verifier_;
    std::set<Hash> good_;
    std::deque<Hash> order_;
};

}  // namespace ledger::consensus
