#include "market/rules/approvals.hpp"

#include "ledger/crypto/secp256k1.hpp"

#include <algorithm>
#include <set>

namespace market {

Verdict check_approvals(const Context& context, const ledger::Committee& committee,
                        Rejection stranger, const Hash& digest,
                        std::span<const Signature> approvals)
{
    const auto& members = committee.accounts;
    const auto is_member = [&](const Address& account) {
        return std::find(members.begin(), members.end(), account) != members.end();
    };
    if (!is_member(context.sender)) return stranger;
    if (approvals.size() >= members.size()) return Rejection::too_many_entries;
    std::set<Address> agreed{context.sender};
    for (const auto& approval : approvals) {
        const auto signer = ledger::recover(digest, approval);
        if (!signer) return Rejection::wrong_signature;
        if (!is_member(*signer)) return stranger;
        if (!agreed.insert(*signer).second) return Rejection::duplicate_entry;
    }
    if (agreed.size() < committee.k) return Rejection::too_few_approvals;
    return {};
}

}  // namespace market
