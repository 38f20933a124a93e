#include "ledger/chain/transaction.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

namespace ledger {

Bytes encode_transaction(const Transaction& transaction)
{
    return codec::encode(transaction);
}

Result<Transaction> decode_transaction(ByteView bytes)
{
    if (bytes.size() > TransactionLimits::bytes)
        return Error{ErrorKind::full, "a transaction is at most " +
                                          std::to_string(TransactionLimits::bytes) + " bytes"};
    return codec::decode<Transaction>(bytes);
}

WireId wire_id(ByteView encoded)
{
    return retag<WireId>(tagged_sha256("millrace/wire_id", encoded));
}

}  // namespace ledger
