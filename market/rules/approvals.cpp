#include "ledger/crypto/secp256k1.hpp"
#include "market/rules/credit_rules.hpp"

#include <algorithm>
#include <set>

namespace market {

Verdict check_approvals(const Context& context, const Hash& digest,
                        std::span<const Signature> approvals)
{
    const auto& issuers = context.network.genesis.issuers;
    const auto is_issuer = [&](const Address& account) {
        return std::find(issuers.accounts.begin(), issuers.accounts.end(), account) !=
               issuers.accounts.end();
    };
    if (!is_issuer(context.sender)) return Rejection::not_an_issuer;
    if (approvals.size() >= issuers.accounts.size()) return Rejection::too_many_entries;
    std::set<Address> agreed{context.sender};
    for (const auto& approval : approvals) {
        const auto signer = ledger::recover(digest, approval);
        if (!signer) return Rejection::wrong_signature;
        if (!is_issuer(*signer)) return Rejection::not_an_issuer;
        if (!agreed.insert(*signer).second) return Rejection::duplicate_entry;
    }
    if (agreed.size() < issuers.k) return Rejection::too_few_approvals;
    return {};
}

}  // namespace market
