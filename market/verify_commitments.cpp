#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/messages/verify.hpp"

namespace market {

Hash planted_leaf(std::uint64_t segment, const Hash& decoy)
{
    ledger::codec::Writer writer;
    writer.put(segment);
    writer.put(decoy);
    return ledger::merkle_leaf(writer.take());
}

Hash decoy_of(const Hash& seed)
{
    Bytes text;
    ledger::append(text, ledger::as_bytes("millrace/decoy/v1"));
    ledger::append(text, seed.view());
    return ledger::keccak256(text);
}

Hash jury_commitment(const LeaseId& lease, std::uint64_t segment, const Address& juror,
                     const Hash& result, const Hash& salt)
{
    ledger::codec::Writer writer;
    writer.put(lease);
    writer.put(segment);
    writer.put(juror);
    writer.put(result);
    writer.put(salt);
    return ledger::tagged_sha256("millrace/jury/v1", writer.take());
}

}  // namespace market
