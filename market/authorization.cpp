#include "market/authorization.hpp"

namespace market {
namespace {

template <class Spent, class ByTime>
void spend(State& state, const SpentNonceKey& key, std::uint64_t end_s, const Hash& digest)
{
    const auto until_ms = (end_s + spent_nonce_seconds) * 1000;
    state.put(key, Spent{until_ms, digest});
    state.put(SpentNonceExpiry{until_ms, key.account, key.nonce}, ByTime{});
}

template <class Spent, class ByTime>
void prune(State& state, TimeMs now)
{
    constexpr std::size_t most = 64;
    std::vector<SpentNonceExpiry> over;
    state.scan<ByTime>({}, [&](const SpentNonceExpiry& key, const ByTime&) {
        if (key.until_ms > now.value || over.size() == most) return false;
        over.push_back(key);
        return true;
    });
    for (const auto& key : over) {
        state.erase<Spent>({key.account, key.nonce});
        state.erase<ByTime>(key);
    }
}

}  // namespace

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

Verdict check_permit(const View& view, const Context& context, const Address& owner,
                     const Hash& nonce, std::uint64_t valid_after, std::uint64_t deadline)
{
    const auto now = context.now_s();
    if (now < valid_after) return Rejection::authorization_not_yet_valid;
    if (now > deadline) return Rejection::authorization_expired;
    if (deadline - now > authorization_seconds) return Rejection::authorization_too_long;
    if (view.has<SpentPermit>({owner, nonce})) return Rejection::authorization_used;
    return {};
}

void spend_authorization(State& state, const Address& authorizer, const Hash& nonce,
                         std::uint64_t valid_before, const Hash& digest)
{
    spend<SpentNonce, SpentNonceByTime>(state, {authorizer, nonce}, valid_before, digest);
}

void spend_permit(State& state, const Address& owner, const Hash& nonce, std::uint64_t deadline,
                  const Hash& digest)
{
    spend<SpentPermit, SpentPermitByTime>(state, {owner, nonce}, deadline, digest);
}

void prune_authorizations(State& state, TimeMs now)
{
    prune<SpentNonce, SpentNonceByTime>(state, now);
    prune<SpentPermit, SpentPermitByTime>(state, now);
}

}  // namespace market
