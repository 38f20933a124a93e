#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"

/// The few ways in which money moves. Whatever leaves one place arrives in another or is
/// counted as burned: the supply always adds up.
namespace market {

/// Takes from a balance; refuses when there is too little.
Verdict debit(State&, const Address&, Amount);

/// Adds to a balance. For addresses that are no split: money for a split settles (settlement.hpp).
void credit(State&, const Address&, Amount);

/// Counts what left the escrow, a bond or a balance and came to nobody.
void burn(State&, Amount);

/// Counts what came into being; the caller credits it.
void mint(State&, Amount);

/// Locks the deposit for a lasting entry of this many bytes out of `owner`'s balance.
/// Returns what was locked.
ledger::Result<Amount, Rejection> lock_deposit(State&, const Context&, const Address& owner,
                                               std::size_t entry_bytes);

/// Returns a deposit when its entry is removed.
void unlock_deposit(State&, const Address& owner, Amount);

/// Bytes that a record takes in the flat table, key and value.
template <class Record>
std::size_t entry_bytes(const typename Record::Key& key, const Record& record)
{
    return state_key<Record>(key).size() + ledger::codec::encode(record).size();
}

}  // namespace market
