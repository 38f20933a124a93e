#include "market/state/money.hpp"

namespace market {

Verdict debit(State& state, const Address& from, Amount amount)
{
    auto account = state.get<Account>(from);
    const auto rest = account.balance.minus(amount);
    if (!rest) return Rejection::insufficient_funds;
    account.balance = *rest;
    state.put(from, account);
    return {};
}

void credit(State& state, const Address& to, Amount amount)
{
    auto account = state.get<Account>(to);
    account.balance = account.balance + amount;
    state.put(to, account);
}

void burn(State& state, Amount amount)
{
    auto supply = state.get<Supply>({});
    supply.burned = supply.burned + amount;
    state.put({}, supply);
}

void mint(State& state, Amount amount)
{
    auto supply = state.get<Supply>({});
    supply.minted = supply.minted + amount;
    state.put({}, supply);
}

ledger::Result<Amount, Rejection> lock_deposit(State& state, const Context& context,
                                               const Address& owner, std::size_t entry_bytes)
{
    const auto deposit = context.params().byte_deposit.times(entry_bytes);
    if (!deposit) return Rejection::insufficient_funds;
    auto account = state.get<Account>(owner);
    const auto rest = account.balance.minus(*deposit);
    if (!rest) return Rejection::insufficient_funds;
    account.balance = *rest;
    account.locked = account.locked + *deposit;
    state.put(owner, account);
    return *deposit;
}

void unlock_deposit(State& state, const Address& owner, Amount deposit)
{
    auto account = state.get<Account>(owner);
    account.locked = account.locked - deposit;
    account.balance = account.balance + deposit;
    state.put(owner, account);
}

}  // namespace market
