#include "ledger/chain/transaction.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

Transaction transaction()
{
    Transaction made;
    made.sender.bytes.fill(1);
    made.lane = {2};
    made.nonce = {3};
    made.fee = Amount::micros(4);
    made.valid_until = 5;
    made.type = 6;
    made.version = 1;
    made.body = {7, 8};
    made.signature.bytes.fill(9);
    return made;
}

TEST(TransactionTest, ReadsBackWhatItWrote)
{
    EXPECT_EQ(*decode_transaction(encode_transaction(transaction())), transaction());
}

TEST(TransactionTest, RefusesMoreThanSixtyFourKibibytesBeforeReading)
{
    EXPECT_EQ(decode_transaction(Bytes(TransactionLimits::bytes + 1)).error().kind,
              ErrorKind::full);
}

TEST(TransactionTest, HasAnotherWireIdUnderAnotherSignature)
{
    auto other = transaction();
    other.signature.bytes[0] ^= 1;
    EXPECT_NE(wire_id(encode_transaction(transaction())), wire_id(encode_transaction(other)));
}

}  // namespace
}  // namespace ledger
