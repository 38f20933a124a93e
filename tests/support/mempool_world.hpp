#pragma once

#include "ledger/state/memory_state.hpp"
#include "market/execute.hpp"

/// Accounts, and transactions as a mempool takes them: what it holds has been checked before, so
/// nobody signs here.
namespace node {

class MempoolWorld {
public:
    static constexpr std::uint64_t start_ms = 1'700'000'000'000;

    /// The least fee is 10 on a network with a coin.
    explicit MempoolWorld(ledger::AssetKind = ledger::AssetKind::coin);

    const market::Network& network() const { return network_; }
    market::View view() const { return market::View{memory_}; }

    static ledger::Address account(std::uint8_t n);
    void set_balance(std::uint8_t n, std::uint64_t micros);
    void set_next(std::uint8_t n, std::uint32_t lane, std::uint64_t nonce);
    void admit(std::uint8_t n, std::uint64_t bytes_per_day,
               market::AccountClass = market::AccountClass::bulk);
    void use_quota(std::uint8_t n, std::uint64_t bytes, std::uint64_t day);

    struct Terms {
        std::uint8_t from = 1;
        std::uint64_t nonce = 0;
        std::uint64_t fee = 10;
        std::uint32_t lane = 0;
        std::uint64_t amount = 1;       ///< transferred
        std::uint64_t valid_until = 0;  ///< seconds
        std::size_t padding = 0;        ///< makes it longer, and no transfer
    };
    market::CheckedTransaction transaction(const Terms&) const;

private:
    template <class Record>
    void put(const typename Record::Key& key, const Record& record);

    market::Network network_;
    ledger::MemoryState memory_;
};

}  // namespace node
