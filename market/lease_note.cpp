#include "market/lease_note.hpp"

#include "ledger/crypto/secp256k1.hpp"

namespace market {

Hash note_digest(const Network& network, const LeaseNote& note)
{
    return ledger::eip712::digest(network.leases, ledger::eip712::struct_hash(note));
}

std::optional<Address> sender_of(const Network& network, const LeaseNote& note,
                                 const Signature& signature)
{
    return ledger::recover(note_digest(network, note), signature);
}

}  // namespace market
