#include "market/authorization.hpp"

namespace market {

Verdict check_authorization(const View& view, const Context& context, const Address& authorizer,
                            const Hash& nonce, std::uint64_t valid_after,
                            std::uint64_t valid_before)
{
    const auto now = context.now_s();
    if (now <= valid_after) return Rejection::authorization_not_yet_valid;
    if (now >= valid_before) return Rejection::authorization_expired;
    if (valid_before - now > authorization_seconds) return Rejection::authorization_too_long;
    if (view.has<SpentNonce>({authorizer, nonce})) return Rejection::authorization_used;
    return {};
}

void spend_authorization(State& state, const Address& authorizer, const Hash& nonce,
                         std::uint64_t valid_before, const Hash& digest)
{
    const auto until_ms = (valid_before + spent_nonce_seconds) * 1000;
    state.put(SpentNonceKey{authorizer, nonce}, SpentNonce{until_ms, digest});
    state.put(SpentNonceExpiry{until_ms, authorizer, nonce}, SpentNonceByTime{});
}

void prune_authorizations(State& state, TimeMs now)
{
    constexpr std::size_t most = 64;
    std::vector<SpentNonceExpiry> over;
    state.scan<SpentNonceByTime>({}, [&](const SpentNonceExpiry& key, const SpentNonceByTime&) {
        if (key.until_ms > now.value || over.size() == most) return false;
        over.push_back(key);
        return true;
    });
    for (const auto& key : over) {
        state.erase<SpentNonce>({key.account, key.nonce});
        state.erase<SpentNonceByTime>(key);
    }
}

}  // namespace market
