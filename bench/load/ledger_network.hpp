#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "ledger/store/block_store.hpp"
#include "market/network.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <vector>

/// A network with as many validators and accounts as one likes, some of which can sign.
namespace ledger {

template <class T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error{result.error().detail};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

SecretKey validator_key(std::uint32_t index = 0);
SecretKey peer_key(std::uint32_t index);

/// Accounts 0...senders-1 have keys and spend; to the others one can pay.
class People {
public:
    People(std::size_t accounts, std::size_t senders);

    const std::vector<Address>& accounts() const { return accounts_; }
    /// Signed on that many threads; each sender's next transfer in turn, to whomever.
    std::vector<Bytes> sign_transfers(const market::Network&, std::size_t count, unsigned threads);
    /// As if so many had been signed.
    void skip(std::size_t count);

private:
    std::vector<Address> accounts_;
    std::vector<SecretKey> keys_;
    std::vector<std::uint64_t> nonces_;
    std::size_t next_sender_ = 0;
    std::uint64_t draws_ = 0;
};

/// Writes block 0 with those accounts' balances into an empty store, without the document that
/// would list them: parsing and hashing that is no part of what is measured.
std::unique_ptr<market::Network> fill_store(BlockStore&, const People&,
                                            std::uint32_t validators = 1);
/// The network that a store was filled with.
std::unique_ptr<market::Network> network_of(const BlockStore&, std::uint32_t validators = 1);

}  // namespace ledger
