#include "tests/support/mempool_world.hpp"

#include "tests/support/market_world.hpp"

namespace node {
namespace {

using namespace ledger;

Genesis document(AssetKind kind)
{
    auto made = market::MarketWorld::genesis(kind);
    if (kind == AssetKind::coin) made.params.min_fee = Amount::micros(10);
    return made;
}

}  // namespace

MempoolWorld::MempoolWorld(AssetKind kind)
    : network_{document(kind), retag<BlockId>(market::MarketWorld::hash_of("genesis block"))}
{
}

Address MempoolWorld::account(std::uint8_t n)
{
    Address made;
    made.bytes.fill(n);
    return made;
}

template <class Record>
void MempoolWorld::put(const typename Record::Key& key, const Record& record)
{
    Overlay overlay{memory_};
    market::State{overlay}.put(key, record);
    memory_.apply(overlay.take());
}

void MempoolWorld::set_balance(std::uint8_t n, std::uint64_t micros)
{
    auto record = view().get<market::Account>(account(n));
    record.balance = Amount::micros(micros);
    put(account(n), record);
}

void MempoolWorld::set_next(std::uint8_t n, std::uint32_t lane, std::uint64_t nonce)
{
    if (lane != 0) return put({account(n), {lane}}, market::LaneNonce{{nonce}});
    auto record = view().get<market::Account>(account(n));
    record.nonce = {nonce};
    put(account(n), record);
}

void MempoolWorld::admit(std::uint8_t n, std::uint64_t bytes_per_day, market::AccountClass as)
{
    put(account(n), market::Admitted{as, bytes_per_day, 0, 0});
}

void MempoolWorld::use_quota(std::uint8_t n, std::uint64_t bytes, std::uint64_t day)
{
    auto record = view().get<market::Admitted>(account(n));
    record.used_bytes = bytes;
    record.day = day;
    put(account(n), record);
}

market::CheckedTransaction MempoolWorld::transaction(const Terms& terms) const
{
    market::Message message = market::Transfer{account(99), Amount::micros(terms.amount)};
    if (terms.padding != 0)
        message = market::HostRegister{std::string(terms.padding, 'x'),
                                       Amount::micros(terms.amount), account(99)};
    const auto envelope =
        market::make_transaction(account(terms.from), {terms.lane}, {terms.nonce},
                                 Amount::micros(terms.fee), terms.valid_until, message);
    return *market::decode_checked(network_, encode_transaction(envelope));
}

}  // namespace node
